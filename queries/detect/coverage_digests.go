package detect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

var digestHourMissing = define(Detection{
	ID: "DDB-COV-001", Version: 1, Title: "Digest of an hour is missing", Severity: schema.SeverityHigh, Kind: schema.FindingCoverage,
	Needs: []Need{NeedDigests}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "an hour of the day for which a trail that writes digests every hour wrote none in a Region, six hours after its end. A Region " +
		"without activity has digests all the same",
	FalseAlarms: "a trail that was stopped or had its validation switched off on purpose: the calls are in the log",
	Advice:      "look whether the trail was stopped, and whether the digest was deleted from the bucket: its versions and access log tell",
}, digestParams{Late: 6, Usual: 12}, func(r *Run, p *digestParams) Watcher {
	return lookAt((&digestHours{r, p}).look)
})

type digestParams struct {
	Late  int `yaml:"late_hours" about:"how long a digest may take"`
	Usual int `yaml:"usual_digests" about:"in a Region, over three days: with fewer a trail is taken for one that does not write them"`
}

type digestHours struct {
	run    *Run
	params *digestParams
}

func (w *digestHours) look(ctx context.Context, l Lake) error {
	chains := map[string][]time.Time{}
	for day := w.run.Day - 1; day <= w.run.Day+1; day++ {
		err := eachEntry(ctx, l, schema.DayString(day), func(e *lake.Entry) {
			if chain, end, ok := digestName(e.SourceObject); ok && e.Kind == "digest" {
				chains[chain] = append(chains[chain], end)
			}
		})
		if err != nil {
			return err
		}
	}
	if len(chains) == 0 {
		w.run.Unfit("the ledger has no digest of these days: log file validation is off, or digests are not ingested")
	}
	for _, chain := range slices.Sorted(maps.Keys(chains)) {
		region, trail := chainOf(chain)
		if n := len(chains[chain]); n < w.params.Usual {
			w.run.NotEvaluated(fmt.Sprintf("trail %s has no more than %d digests in %s over three days", queries.Short(trail), n, queries.Short(region)))
			continue
		}
		if missing := w.missing(chains[chain]); len(missing) > 0 {
			w.run.Found(w.run.lakeHit("", region, fmt.Sprintf("trail %s has no digest in %s for the hours that ended at %s", trail, region, hoursOf(missing)), chain))
		}
	}
	return nil
}

// missing are the hours of the day, by their ends, at which digests are not there that
// should be, given the ends of those that are. To them belong the last hours of the day
// before, which were not due when that was judged right after its end.
func (w *digestHours) missing(ends []time.Time) (hours []time.Time) {
	slices.SortFunc(ends, time.Time.Compare)
	late := time.Duration(w.params.Late) * time.Hour
	from := timeOf(int64(w.run.Day) * dayMicros)
	from, to := from.Add(-late), from.AddDate(0, 0, 1)
	due := w.run.clock.Add(-late)
	const slack = 30 * time.Minute
	for i, end := range ends {
		next := due // after the last all that are due are missing
		if i+1 < len(ends) {
			next = ends[i+1].Add(-slack)
		}
		for at := end.Add(time.Hour); at.Before(next); at = at.Add(time.Hour) {
			if at.After(to) {
				break
			}
			if at.After(from) && !at.After(due) {
				hours = append(hours, at)
			}
		}
	}
	return hours
}

// hoursOf names a few times, and the first and the last of many.
func hoursOf(hours []time.Time) string {
	const layout, few = "2006-01-02 15:04", 4
	if len(hours) > few {
		return fmt.Sprintf("%s to %s, %d of them", hours[0].Format(layout), hours[len(hours)-1].Format(layout), len(hours))
	}
	var names []string
	for _, h := range hours {
		names = append(names, h.Format(layout))
	}
	return strings.Join(names, ", ")
}

// digestName is the chain and the end of the hour that a digest's name tells:
// account_CloudTrail-Digest_region_trail_home-region_YYYYMMDDTHHMMSSZ.json.gz.
func digestName(key string) (chain string, end time.Time, ok bool) {
	name := strings.TrimSuffix(strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json.gz"), "_backfill")
	at := strings.LastIndexByte(name, '_')
	if at < 0 || !strings.Contains(name, "_CloudTrail-Digest_") {
		return "", end, false
	}
	end, err := time.Parse("20060102T150405Z", name[at+1:])
	return name[:at], end, err == nil
}

// chainOf is the Region and the trail in a chain's name. A trail's name may have "_".
func chainOf(chain string) (region, trail string) {
	_, rest, _ := strings.Cut(chain, "_CloudTrail-Digest_")
	region, rest, _ = strings.Cut(rest, "_")
	if at := strings.LastIndexByte(rest, '_'); at >= 0 {
		rest = rest[:at]
	}
	return region, rest
}

var logAltered = define(Detection{
	ID: "DDB-COV-002", Version: 1, Title: "Log is not as CloudTrail signed it", Severity: schema.SeverityCritical, Kind: schema.FindingCoverage,
	Always: true, Needs: []Need{NeedDigests}, Attack: []string{"T1565.001", "T1562.008"}, AttackNext: []string{"T1565.001", "T1685.002"},
	Looks:       "a log delivered on the day, or the one before, whose bytes are not those that a digest with a good signature names",
	FalseAlarms: "a job that copied or packed logs anew; the hash is of the inflated log, which packing does not change",
	Advice:      "keep the object and its versions; \"keytrail verify --digests\" shows the digest; its rows prove nothing until it is explained",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return verdictWatch(r, "altered", "is not what CloudTrail signed", "are not what CloudTrail signed")
})

var logMissing = define(Detection{
	ID: "DDB-COV-003", Version: 1, Title: "Log that CloudTrail signed is gone", Severity: schema.SeverityCritical, Kind: schema.FindingCoverage,
	Always: true, Needs: []Need{NeedDigests}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks:       "a log of the day, or of the one before, that a signed digest names and that was not there to be read",
	FalseAlarms: "a lifecycle rule that removed old logs: compare its age with the rule",
	Advice:      "look in the bucket's versions and access log for who deleted it; restore the version and ingest it",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return verdictWatch(r, "missing", "is signed for and not there", "are signed for and not there")
})

// verdictWatch finds logs delivered on the day, or on the one before, on which the digests'
// verdict is that one: one finding for each account and Region. The digest of a day's last
// hour comes after the day, and so may the verdict.
func verdictWatch(r *Run, verdict, one, many string) Watcher {
	return lookAt(func(ctx context.Context, l Lake) error {
		type area struct{ account, region string }
		bad, judged := map[area][]schema.Evidence{}, false
		counts := map[area]int64{}
		for day := r.Day - 1; day <= r.Day; day++ {
			err := eachEntry(ctx, l, schema.DayString(day), func(e *lake.Entry) {
				judged = judged || e.DigestVerdict != "" && day == r.Day
				if e.DigestVerdict == "unproven" && day < r.Day { // of the day itself digests may be to come
					r.NotEvaluated("no digest with a good signature names the log")
				}
				if e.DigestVerdict == verdict {
					at := area{e.AccountID, e.AWSRegion}
					counts[at]++
					bad[at] = mergeEvidence(bad[at], schema.Evidence{EventTime: timeOf(int64(day) * dayMicros), EventName: verdict, SourceObject: e.SourceObject})
				}
			})
			if err != nil {
				return err
			}
		}
		if !judged {
			r.Unfit(`nobody has held the logs of the day against their digests: "keytrail verify --digests --source SOURCE" does`)
		}
		for at, evidence := range bad {
			what := fmt.Sprintf("%d logs of account %s in %s %s, such as %s", counts[at], at.account, at.region, many, evidence[0].SourceObject)
			if counts[at] == 1 {
				what = fmt.Sprintf("a log of account %s in %s %s: %s", at.account, at.region, one, evidence[0].SourceObject)
			}
			h := r.lakeHit("", at.region, what, at.account, at.region)
			h.Evidence, h.Count = evidence, counts[at]
			r.Found(h)
		}
		return nil
	})
}

// eachEntry calls fn with the ledger's entries of a delivery day. A ledger that cannot be
// read is for "keytrail verify", and for DDB-COV-007.
func eachEntry(ctx context.Context, l Lake, day string, fn func(*lake.Entry)) error {
	err := l.EachLedgerEntry(ctx, day, func(e lake.Entry) error { fn(&e); return nil })
	if errors.Is(err, lake.ErrCorrupt) {
		return nil
	}
	return err
}
