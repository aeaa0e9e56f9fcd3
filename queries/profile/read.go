package profile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// dayProfile is a day's profile as it was read.
type dayProfile struct {
	version  version
	planes   map[string]int64
	words    []string
	pairs    []lake.ProfileRow
	settings []schema.Touch
	bytes    int64 // of the settings
	sum      checksum
	ended    bool
}

// add takes the rows that come next.
func (d *dayProfile) add(rows []lake.ProfileRow) error {
	for i := range rows {
		r := &rows[i]
		if d.version.format == "" && r.Kind != kindDay {
			return fmt.Errorf("it begins with a row of kind %q", r.Kind)
		}
		if d.ended {
			return fmt.Errorf("a row of kind %q follows the end", r.Kind)
		}
		switch r.Kind {
		case kindEnd:
			if d.ended = r.Body == d.sum.String(); !d.ended {
				return errors.New("the checksum is wrong")
			}
		case kindDay:
			if err := d.readDay(r.Body); err != nil {
				return err
			}
			if d.version.format != format {
				return errOther
			}
		case kindWord:
			d.words = append(d.words, r.Body)
		case kindAll, kindActor, kindTable, kindPair:
			d.pairs = append(d.pairs, *r)
		case kindSetting:
			t, err := readTouch(r.Body)
			if err != nil {
				return err
			}
			d.settings = append(d.settings, t)
			d.bytes += touchBytes(&t)
		default:
			return fmt.Errorf("a row of kind %q", r.Kind)
		}
		d.sum.add(r)
	}
	return nil
}

func (d *dayProfile) readDay(text string) error {
	b := body{rest: text}
	d.version = version{b.text(), b.text(), b.text()}
	d.planes = map[string]int64{}
	for range b.length() {
		plane := b.text()
		d.planes[plane] = int64(b.number())
	}
	return b.end()
}

// merge makes a day part of the history, the latest day first.
func (h *History) merge(day int, d *dayProfile) error {
	h.known[day] = len(d.planes) > 0
	h.planes[day] = d.planes
	numbers := make([]uint32, len(d.words))
	for i, w := range d.words {
		numbers[i] = h.words.number(w)
	}
	m := merging{history: h, day: uint16(day), words: numbers}
	for i := range d.pairs {
		if err := m.pair(&d.pairs[i]); err != nil {
			return err
		}
	}
	h.settings = append(h.settings, d.settings)
	return nil
}

// merging is one day's part of a history on its way in.
type merging struct {
	history *History
	day     uint16
	words   []uint32 // the history's numbers of the day's words
	body
}

func (m *merging) word() uint32 {
	n := m.number()
	if n >= uint64(len(m.words)) {
		m.bad = true
		return 0
	}
	return m.words[n]
}

func (m *merging) pair(r *lake.ProfileRow) error {
	h := m.history
	k := pair{anything, anything}
	if r.Kind == kindPair || r.Kind == kindTable {
		k.table = h.words.number(r.TableARN)
	}
	if r.Kind == kindPair || r.Kind == kindActor {
		k.principal = h.words.number(r.Principal)
	}
	p := h.entry(k)
	m.body = body{rest: r.Body}
	m.keys(p)
	if r.Kind == kindPair {
		m.acts(p)
		for family := range signFamilies {
			m.signs(p, int8(family))
		}
		h.firstDay[k.table] = m.day // the earliest comes last
	}
	return m.end()
}

func (m *merging) keys(p *entry) {
	for range m.length() {
		op := anything
		if m.number() == 0 {
			op = m.word()
		}
		p.keys = append(p.keys, keyCount{int64(m.number()), op, m.day})
	}
}

func (m *merging) acts(p *entry) {
	if len(p.acts) == 0 {
		m.history.see(m.day, p.pair, seenTable, 0)
	}
	for range m.length() {
		a := actCount{op: m.word(), outcome: m.word(), touches: int64(m.number()), day: m.day}
		m.see(p, sign{seenOp, a.op})
		p.acts = append(p.acts, a)
	}
}

func (m *merging) signs(p *entry, family int8) {
	n := m.length()
	if n == 0 {
		m.see(p, sign{family, anything})
	}
	for range n {
		m.see(p, sign{family, m.word()})
	}
}

// see notes a sign, which mostly was there on the day after, too.
func (m *merging) see(p *entry, g sign) {
	if slices.Contains(p.recent, g) {
		return
	}
	m.history.see(m.day, p.pair, g.family, g.value)
	if len(p.recent) < recentSigns {
		p.recent = append(p.recent, g)
	}
}
