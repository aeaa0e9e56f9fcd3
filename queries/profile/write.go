package profile

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
)

// Kinds of rows, in their order in a file.
const (
	kindDay     = "day"
	kindWord    = "word"
	kindAll     = "all"
	kindActor   = "actor"
	kindTable   = "table"
	kindPair    = "pair"
	kindSetting = "setting"
	kindEnd     = "end"
)

// rows are the profile as it is kept. The same touches give the same rows.
func (b *building) rows(v version) []lake.ProfileRow {
	w := writing{building: b, numbers: map[uint32]uint32{}}
	w.rows = append(w.rows, lake.ProfileRow{Kind: kindDay, Body: w.dayBody(v)})
	groups := w.groups()
	for _, k := range slices.SortedFunc(maps.Keys(groups), w.compare) {
		g := groups[k]
		slices.SortFunc(g.keys, w.compareKeys)
		w.pairs = append(w.pairs, w.pairRow(k, g))
	}
	for _, word := range w.used {
		w.rows = append(w.rows, lake.ProfileRow{Kind: kindWord, Body: b.words.texts[word]})
	}
	w.rows = append(w.rows, w.pairs...)
	for _, t := range b.settings.sorted() {
		w.rows = append(w.rows, lake.ProfileRow{Kind: kindSetting, TableARN: t.TableARN, Touches: 1, Body: string(appendTouch(nil, &t))})
	}
	var sum checksum
	for i := range w.rows {
		sum.add(&w.rows[i])
	}
	return append(w.rows, lake.ProfileRow{Kind: kindEnd, Body: sum.String()})
}

// checksum is of all rows but the last, which has it.
type checksum struct {
	crc  uint32
	room []byte
}

func (c *checksum) add(r *lake.ProfileRow) {
	c.room = binary.AppendUvarint(c.room[:0], uint64(r.Touches))
	for _, s := range [...]string{r.Kind, r.TableARN, r.Principal, r.Body} {
		c.room = appendText(c.room, s)
	}
	c.crc = crc32.Update(c.crc, castagnoli, c.room)
}

func (c *checksum) String() string { return fmt.Sprintf("%08x", c.crc) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writing is a profile on its way to its rows.
type writing struct {
	*building
	numbers map[uint32]uint32 // of words, in the order in which rows use them
	used    []uint32
	rows    []lake.ProfileRow
	pairs   []lake.ProfileRow
}

// parts are what there is to say of a principal and a table.
type parts struct {
	acts  []act
	keys  []group
	signs *signs
}

func (w *writing) groups() map[pair]*parts {
	all := map[pair]*parts{}
	of := func(p pair) *parts {
		if all[p] == nil {
			all[p] = &parts{}
		}
		return all[p]
	}
	for a := range w.acts {
		p := of(a.pair)
		p.acts = append(p.acts, a)
	}
	for g := range w.distinct {
		p := of(g.pair)
		p.keys = append(p.keys, g)
	}
	for k, s := range w.signs {
		of(k).signs = s
	}
	return all
}

// kindOf is the kind of a row by what is anything in it.
func kindOf(p pair) (kind string, rank int) {
	switch {
	case p.table == anything && p.principal == anything:
		return kindAll, 0
	case p.table == anything:
		return kindActor, 1
	case p.principal == anything:
		return kindTable, 2
	}
	return kindPair, 3
}

// text is that of a word, "" of anything.
func (b *building) text(word uint32) string {
	if word == anything {
		return ""
	}
	return b.words.texts[word]
}

func (b *building) compare(x, y pair) int {
	_, i := kindOf(x)
	_, j := kindOf(y)
	return cmp.Or(cmp.Compare(i, j), cmp.Compare(b.text(x.table), b.text(y.table)), cmp.Compare(b.text(x.principal), b.text(y.principal)))
}

// compareKeys orders counts of keys by operation class, that of any first.
func (b *building) compareKeys(x, y group) int {
	return cmp.Or(compareBools(x.op != anything, y.op != anything), cmp.Compare(b.text(x.op), b.text(y.op)))
}

func (b *building) compareActs(x, y act) int {
	return cmp.Or(cmp.Compare(b.text(x.op), b.text(y.op)), cmp.Compare(b.text(x.outcome), b.text(y.outcome)))
}

func (b *building) compareSigns(x, y sign) int {
	return cmp.Or(cmp.Compare(x.family, y.family), cmp.Compare(b.text(x.value), b.text(y.value)))
}

// number writes a word.
func (w *writing) number(b []byte, word uint32) []byte {
	n, ok := w.numbers[word]
	if !ok {
		n = uint32(len(w.used))
		w.numbers[word] = n
		w.used = append(w.used, word)
	}
	return binary.AppendUvarint(b, uint64(n))
}

// dayBody is the body of the first row: see [building.rows].
func (w *writing) dayBody(v version) string {
	b := appendText(appendText(appendText(nil, v.format), v.files), v.content)
	planes := slices.SortedFunc(maps.Keys(w.planes), func(x, y uint32) int { return cmp.Compare(w.text(x), w.text(y)) })
	b = binary.AppendUvarint(b, uint64(len(planes)))
	for _, p := range planes {
		b = binary.AppendUvarint(appendText(b, w.text(p)), uint64(w.planes[p]))
	}
	return string(b)
}

// pairRow is a row of counts: keys, then acts and signs of a pair.
func (w *writing) pairRow(k pair, p *parts) lake.ProfileRow {
	kind, _ := kindOf(k)
	row := lake.ProfileRow{Kind: kind, TableARN: w.text(k.table), Principal: w.text(k.principal)}
	b := binary.AppendUvarint(nil, uint64(len(p.keys)))
	for _, g := range p.keys {
		if g.op == anything {
			b = append(b, 1)
		} else {
			b = w.number(append(b, 0), g.op)
		}
		b = binary.AppendUvarint(b, uint64(w.distinct[g]))
	}
	if kind == kindPair {
		slices.SortFunc(p.acts, w.compareActs)
		b = binary.AppendUvarint(b, uint64(len(p.acts)))
		for _, a := range p.acts {
			b = w.number(w.number(b, a.op), a.outcome)
			b = binary.AppendUvarint(b, uint64(w.acts[a]))
			row.Touches += w.acts[a]
		}
		b = w.signsOf(b, p.signs)
	}
	row.Body = string(b)
	return row
}

// signsOf writes signs: of each family how many, or that there are too many to tell.
func (w *writing) signsOf(b []byte, s *signs) []byte {
	all := slices.SortedFunc(maps.Keys(s.all), w.compareSigns)
	for _, n := range s.values {
		of := all[:n]
		all = all[n:]
		if n > maxSigns {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, uint64(n)) // one at least: the empty one
		for _, g := range of {
			b = w.number(b, g.value)
		}
	}
	return b
}
