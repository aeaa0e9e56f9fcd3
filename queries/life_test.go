package queries

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever is dropped for want of room, a life answers as one that keeps everything.
func TestLifeThinnedSaysTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20 {
		var l life
		var all []change
		at := int64(0)
		for range 3 * thinAt {
			at += r.Int64N(2 * thinGap / (1 + r.Int64N(40)))
			c := change{at, []changeKind{put, updated, updated, updated, deleted, unsure}[r.IntN(6)]}
			all = append(all, c)
			l.add(c)
		}
		if len(l.changes) >= len(all) {
			t.Errorf("%d changes of %d kept", len(l.changes), len(all))
		}
		for range 100 {
			from := r.Int64N(at)
			to := from + thinGap + r.Int64N(100*thinGap)
			if got, want := l.changed(from, to), slowChanged(all, from, to); got != want {
				t.Fatalf("changed in %d to %d: %v", from, to, got)
			}
			if got, want := l.absent(from, from).ok, slowAbsent(all, from); got != want {
				t.Fatalf("absent at %d: %v", from, got)
			}
		}
	}
}

func slowChanged(all []change, from, to int64) bool {
	return slices.ContainsFunc(all, func(c change) bool { return from <= c.at && c.at <= to })
}

// slowAbsent goes through all changes up to a moment.
func slowAbsent(all []change, at int64) bool {
	first := slices.MinFunc(all, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind)) })
	absent := first.kind == put
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b change) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind)) })
	for _, c := range sorted {
		switch {
		case c.at > at:
			return absent
		case c.at == at:
			return c.kind == deleted && absent
		}
		absent = c.kind == deleted
	}
	return absent
}

func TestLifeSaysOnlyWhatItKnows(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes []change
		at      int64
		want    absence
	}{
		{"nothing known", nil, 5, absence{}},
		{"before it was made", []change{{10, put}}, 9, absence{ok: true}},
		{"in the second it was made", []change{{10, put}}, 10, absence{}},
		{"before an update of what may have been there", []change{{10, updated}}, 9, absence{}},
		{"before the deletion of what was there", []change{{10, deleted}}, 9, absence{}},
		{"after it was deleted", []change{{10, put}, {20, deleted}}, 21, absence{deleted: 20, ok: true}},
		{"after a batch that may not have deleted it", []change{{10, put}, {20, unsure}}, 21, absence{}},
		{"made again", []change{{10, put}, {20, deleted}, {30, updated}}, 31, absence{}},
		{"deleted and made in one second", []change{{10, put}, {20, put}, {20, deleted}}, 21, absence{}},
	} {
		l := life{changes: c.changes}
		if got := l.absent(c.at, c.at); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
