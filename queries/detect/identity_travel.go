package detect

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// travelParams are of impossibleTravel.
type travelParams struct {
	NetworksFile string   `yaml:"networks_file"` // CSV of cidr,asn,country,latitude,longitude
	IgnoreASNs   []uint32 `yaml:"ignore_asns"`   // of VPNs and relays, beside AWS's own
	KMPerHour    float64  `yaml:"km_per_hour"`
	KM           float64  `yaml:"km"`      // shorter ways do not count: addresses are placed roughly
	Minutes      int      `yaml:"minutes"` // in which one key must not be in two countries
}

var impossibleTravel = define(Detection{
	ID: "DDB-IAM-013", Version: 1, Title: "Impossible travel", Severity: schema.SeverityMedium, Kind: schema.FindingSequence,
	Needs: []Need{NeedParams}, Attack: []string{"T1078.004", "T1185"},
	Looks: "a person at two places more than 500 km apart within a time that takes more than 900 km/h; or one access key in two networks (ASNs) and two countries within 30 minutes. " +
		"Where addresses are comes from networks_file; those of AWS and of ignore_asns do not count. Only the day that is judged is looked at",
	FalseAlarms: "VPNs, mobile networks and iCloud relays",
	Advice:      "ask the person where they were; if at one of the places only, the other has their session: end it",
}, travelParams{KMPerHour: 900, KM: 500, Minutes: 30}, func(r *Run, p *travelParams) Watcher {
	if p.NetworksFile == "" {
		return notToday(r, "the setting networks_file names none")
	}
	n, err := readNetworks(p.NetworksFile)
	if err != nil {
		return notToday(r, err.Error())
	}
	return &travels{run: r, params: p, networks: n, by: map[string]map[sightKey]*sight{}}
})

// travels notes who was where when.
type travels struct {
	run      *Run
	params   *travelParams
	networks *networks
	by       map[string]map[sightKey]*sight // by principal
	room     int                            // sights so far
}

// sightKey is an address with a key in ten minutes of the clock: from the first and the
// last time in them all that matters can be told.
type sightKey struct {
	addr netip.Addr
	key  string
	slot int
}

type sight struct {
	place
	span
	key string
}

// sightRoom is how many sights are noted in a day.
const sightRoom = 100_000

func (v *travels) Touch(e *Event) {
	addr, public := e.public()
	if !public {
		return
	}
	at := sightKey{addr, e.AccessKeyID, slotOf(e)}
	if s := v.by[e.Principal][at]; s != nil {
		s.add(e)
		return
	}
	where, ok := v.networks.find(addr)
	switch {
	case !ok:
		v.run.NotEvaluated("networks_file does not have the address")
		return
	case slices.Contains(amazonASNs, where.asn), slices.Contains(v.params.IgnoreASNs, where.asn):
		return
	case v.room >= sightRoom:
		v.run.NotEvaluated("more places in a day than are noted")
		return
	}
	v.room++
	at.key = strings.Clone(at.key)
	s := &sight{place: where, key: at.key}
	s.add(e)
	if v.by[e.Principal] == nil {
		v.by[strings.Clone(e.Principal)] = map[sightKey]*sight{}
	}
	v.by[e.Principal][at] = s
}

func (v *travels) End() {
	for _, principal := range slices.Sorted(maps.Keys(v.by)) {
		sights := slices.SortedFunc(maps.Values(v.by[principal]), func(a, b *sight) int {
			return cmp.Or(cmp.Compare(a.first.EventTime, b.first.EventTime), cmp.Compare(a.first.EventID, b.first.EventID), cmp.Compare(a.key, b.key))
		})
		if sights[0].first.ActorKind == schema.ActorHuman {
			v.tooFast(sights)
		}
		v.twoPlaces(sights)
	}
}

// tooFast looks for ways between one sight and the next.
func (v *travels) tooFast(sights []*sight) {
	for i := 1; i < len(sights); i++ {
		a, b := sights[i-1], sights[i]
		way := distance(a.place, b.place)
		took := time.Duration(max(0, b.first.EventTime-a.last)) * time.Microsecond
		if way <= v.params.KM || way <= v.params.KMPerHour*took.Hours() {
			continue
		}
		v.found(a, b, "travel", fmt.Sprintf("%s was in %s and %s later in %s: %.0f km",
			shown(a.first.Principal), a.place, took.Round(time.Second), b.place, way))
	}
}

// twoPlaces looks for keys that were in two networks and countries at about one time.
func (v *travels) twoPlaces(sights []*sight) {
	within := int64(v.params.Minutes) * 60e6
	for i, b := range sights {
		for _, a := range slices.Backward(sights[:i]) {
			if b.first.EventTime-a.first.EventTime > within+slotMicros {
				break // sights are sorted by their first call, and none is longer than a slot
			}
			if a.key == b.key && a.key != "" && a.asn != b.asn && a.country != b.country && b.first.EventTime-a.last <= within {
				v.found(a, b, "key", fmt.Sprintf("access key %s was used in %s and, within %d minutes, in %s", shown(a.key), a.place, v.params.Minutes, b.place))
				break
			}
		}
	}
}

// slotMicros is the length of what slotOf counts.
const slotMicros = 600e6

func (v *travels) found(a, b *sight, how, why string) {
	v.run.Found(Hit{
		Event: b.first.ofNoTable(), Explain: why, About: []string{how},
		First: a.first.Time(), Last: time.UnixMicro(b.last).UTC(),
		Evidence: []schema.Evidence{a.first.Evidence(), b.first.Evidence()},
	})
}

func (p place) String() string { return fmt.Sprintf("%s (AS%d)", shown(p.country), p.asn) }
