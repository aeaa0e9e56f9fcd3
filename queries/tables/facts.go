package tables

import (
	"cmp"
	"slices"
	"strings"
)

// How a fact bears on what was known before it.
type bearing uint8

const (
	found   bearing = iota // it was so at that time
	changed                // it was made so
	added                  // one more of a list
	taken                  // one less of a list
)

// fact is what one witness says of one setting.
type fact struct {
	at            int64
	setting       string
	value, detail string
	bearing       bearing
	born          int64 // of [Existence]: when the table was made, by who found it; 0 is not known
	source        Source
}

// maxBytes bounds the facts of a catalogue; maxDetail bounds a text in one, which is all
// tags of a table at most.
const (
	maxBytes  = 128 << 20
	maxDetail = 96 << 10
	factBytes = 250 // beside its texts
)

// facts are gathered by table: those of calls first, then those of AWS Config.
type facts struct {
	tables map[string]*[]fact
	bytes  int64
	left   int64
	runs   map[runKey]*run
	called map[string][]int64 // times of calls, by table, in order
}

func newFacts() *facts { return &facts{tables: map[string]*[]fact{}, runs: map[runKey]*run{}} }

// add keeps a fact, whose texts may be views, and reports whether there was room.
func (f *facts) add(arn string, one fact) bool {
	for _, s := range []*string{&one.setting, &one.value, &one.detail} {
		*s = strings.Clone(cut(*s, maxDetail))
	}
	size := int64(factBytes + len(one.setting) + len(one.value) + len(one.detail))
	if f.bytes+size > maxBytes {
		f.left++
		return false
	}
	f.bytes += size
	list := f.tables[arn]
	if list == nil {
		list = new([]fact)
		f.tables[strings.Clone(arn)] = list
	}
	*list = append(*list, one)
	return true
}

// run is what AWS Config said of a setting again and again, with no call on the table
// between: of that the first and the last will do, by their places.
type run struct{ first, last int }

type runKey struct{ arn, setting string }

// found adds what AWS Config says, which comes in order of time.
func (f *facts) found(arn string, one fact) {
	key := runKey{arn, one.setting}
	r := f.runs[key]
	if r != nil {
		last := &(*f.tables[arn])[r.last]
		if last.value == one.value && last.detail == one.detail && last.born == one.born && !f.calledBetween(arn, last.at, one.at) {
			if r.first != r.last {
				last.at, last.source = one.at, one.source
			} else if f.add(arn, one) {
				r.last = len(*f.tables[arn]) - 1
			}
			return
		}
	}
	if f.add(arn, one) {
		at := len(*f.tables[arn]) - 1
		f.runs[key] = &run{at, at}
	}
}

// calledBetween reports whether a call told something of a table from one time to another,
// or so shortly before that it counts to what was before it.
func (f *facts) calledBetween(arn string, from, to int64) bool {
	if f.called == nil {
		f.called = map[string][]int64{}
		for arn, list := range f.tables {
			for i := range *list {
				if one := &(*list)[i]; one.source.Kind == FromEvent {
					f.called[arn] = append(f.called[arn], one.at)
				}
			}
			slices.Sort(f.called[arn])
		}
	}
	at, _ := slices.BinarySearch(f.called[arn], from-lag)
	return at < len(f.called[arn]) && f.called[arn][at] <= to
}

// cut is text of at most n bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// compareFacts orders facts by time. At one time what made a table comes first, then
// changes, then that it was found, then how, and its end last.
func compareFacts(a, b *fact) int {
	return cmp.Or(
		cmp.Compare(a.at, b.at), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.source.EventID, b.source.EventID),
		cmp.Compare(a.setting, b.setting), cmp.Compare(a.bearing, b.bearing), cmp.Compare(a.value, b.value), cmp.Compare(a.detail, b.detail), cmp.Compare(a.born, b.born),
		cmp.Compare(a.source.Object, b.source.Object), cmp.Compare(a.source.Index, b.source.Index),
	)
}

// list reports a fact about one item of a list.
func (f *fact) list() bool { return f.bearing == added || f.bearing == taken }

func (f *fact) rank() int {
	switch {
	case f.setting == Existence && f.value == Deleted:
		return 5
	case f.setting == Existence && f.value == Created:
		return 0
	case f.source.EventName == "CreateTable":
		return 1
	case f.setting == Existence && f.bearing == found:
		return 3
	case f.bearing == found:
		return 4
	}
	return 2
}

// order sorts facts; those that two trails logged are there once.
func order(list []fact) []fact {
	slices.SortFunc(list, func(a, b fact) int { return compareFacts(&a, &b) })
	return slices.CompactFunc(list, func(a, b fact) bool {
		return a.at == b.at && a.setting == b.setting && a.bearing == b.bearing && a.value == b.value && a.detail == b.detail && a.born == b.born &&
			a.source.Kind == b.source.Kind && a.source.EventID == b.source.EventID
	})
}
