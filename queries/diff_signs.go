package queries

import (
	"context"
	"net/netip"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// look reads the touches of span number i for what hourly counts do not have: the
// names behind an actor, the networks it comes from, the programs it uses.
func (d *differ) look(ctx context.Context, l TopLake, i int, s Span) error {
	c := d.counter(s)
	columns := []int{colTime, colTableARN, colActor, colActorName, topColumn.kind, topColumn.event, topColumn.ip, topColumn.endpoint, topColumn.agent}
	return c.scan(ctx, l, columns, nil, func(v *view, p schema.Partition, row int) error {
		actor := v.text(colActor, row)
		at := sighting{at: v.time(row), table: d.tables.of(p, v.text(colTableARN, row)), event: v.text(topColumn.event, row), name: v.text(colActorName, row)}
		if name := at.name; name != "" && v.text(topColumn.kind, row) == schema.ActorHuman {
			if err := d.sign(i, sign{NewName, actor, name}, at); err != nil {
				return err
			}
		}
		if err := d.sign(i, sign{NewNetwork, actor, Network(v.text(topColumn.endpoint, row), v.text(topColumn.ip, row))}, at); err != nil {
			return err
		}
		return d.sign(i, sign{NewAgent, actor, Program(v.text(topColumn.agent, row))}, at)
	})
}

func (d *differ) sign(i int, k sign, at sighting) error {
	if k.value == "" {
		return nil
	}
	n := d.signs[k]
	if n == nil {
		k.actor, k.value = d.text(k.actor), d.text(k.value)
		n = new([2]done)
		d.signs[k] = n
		if err := d.take(signBytes); err != nil {
			return err
		}
	}
	o := &n[i]
	if o.touches == 0 || at.before(o.first) {
		o.first = at.kept()
	}
	if o.touches == 0 || o.last.before(at) {
		o.last = at.kept()
	}
	o.touches++
	return nil
}

// kept is a sighting whose texts are no views.
func (s sighting) kept() sighting {
	s.event, s.name = strings.Clone(s.event), strings.Clone(s.name)
	return s
}

// newSigns are the signs of actors known from before that were not seen then.
func (d *differ) newSigns(actors map[string]*area) (all []Change) {
	type of struct {
		kind  Kind
		actor string
	}
	before := map[of]int{}
	for k, n := range d.signs {
		if n[0].touches > 0 {
			before[of{k.kind, k.actor}]++
		}
	}
	for k, n := range d.signs {
		known := actors[k.actor]
		fresh, _ := d.is(n)
		if !fresh || known == nil || !both(&known.done) || k.kind != NewName && before[of{k.kind, k.actor}] > MaxKnownSigns {
			continue
		}
		c := d.change(k.kind, &area{done: *n}, k.actor, -1)
		c.Detail, c.Tables, c.Actors = k.value, 1, 1
		all = append(all, c)
	}
	return all
}

// Network is where a call came from, coarsely enough for machines that come and go: the
// endpoint, the /24 or /48 around the address, or the service.
func Network(endpoint, ip string) string {
	if endpoint != "" {
		return endpoint
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ip
	}
	return prefix.String()
}

// Program is a user agent without its version: updates are not news.
func Program(agent string) string {
	name, _, _ := strings.Cut(shortAgent(agent), "/")
	return name
}
