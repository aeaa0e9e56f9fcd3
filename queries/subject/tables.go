package subject

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// searched are the tables that were looked at, by name.
type searched struct {
	byName map[string]*tableSearch
}

// tableSearch is what became of the search in one table. Tables of a name in several
// accounts and Regions are one here: they share files.
type tableSearch struct {
	name        string
	first, last string // event days
	keyNames    []string
	heldIn      map[string]bool // key members that had the value
	arns        map[string]bool // that a hit was in
	hits, calls int64
}

// search lists the tables that the lake has.
func search(ctx context.Context, l *lake.Lake, q *Question) (*searched, error) {
	s := &searched{byName: map[string]*tableSearch{}}
	name := q.Table
	if arn, ok := schema.ParseTableARN(q.Table); ok {
		name = arn.Table
	}
	err := l.TouchFiles(ctx, name, "", "", func(f lake.TouchFile) error {
		if f.Partition.Table != schema.NoTable {
			s.add(f.Partition.Table, f.Partition.DayString())
		}
		return nil
	})
	return s, err
}

func (s *searched) add(table, day string) {
	t := s.of(table)
	if t.first == "" || day < t.first {
		t.first = day
	}
	t.last = max(t.last, day)
}

// of is the entry of a table, made when there is none: rows without a table of a legal
// name have none by their files.
func (s *searched) of(table string) *tableSearch {
	t := s.byName[table]
	if t == nil {
		table = strings.Clone(table)
		t = &tableSearch{name: table, heldIn: map[string]bool{}, arns: map[string]bool{}}
		s.byName[table] = t
	}
	return t
}

// sorted are the tables in which the subject was found first, each part by name.
func (s *searched) sorted() []*tableSearch {
	return slices.SortedFunc(maps.Values(s.byName), func(a, b *tableSearch) int {
		if (a.hits > 0) != (b.hits > 0) {
			if a.hits > 0 {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
}

// found are the ARNs of the tables in which the subject was found, sorted.
func (s *searched) found() (arns []string) {
	for _, t := range s.byName {
		arns = slices.AppendSeq(arns, maps.Keys(t.arns))
	}
	slices.Sort(arns)
	return arns
}

// touched is how many tables the subject was found in.
func (s *searched) touched() (n int64) {
	for _, t := range s.byName {
		if t.hits > 0 {
			n++
		}
	}
	return n
}

// manyTables is of how many tables the names of the keys are looked up: each is a read.
const manyTables = 200

// findKeyNames finds what the keys of the tables are made of.
func (a *answer) findKeyNames(ctx context.Context, l *lake.Lake) error {
	for i, t := range a.tables.sorted() {
		if i == manyTables {
			return nil
		}
		w := queries.Who{Table: t.name}
		held, err := queries.HoldingsFor(ctx, l, w)
		if err == nil {
			err = held.FindKeyNames(ctx, l, t.name)
		}
		if err != nil {
			return err
		}
		t.keyNames = held.KeyNames
	}
	return nil
}
