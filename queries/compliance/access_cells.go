package compliance

import (
	"slices"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// maxCells bounds the cells that are told apart: some 80 MB.
const maxCells = 500_000

// ops are the operation classes, in the order in which they are shown.
var ops = []string{
	schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpWriteItem, schema.OpDeleteItem,
	schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpScale, schema.OpGrant, schema.OpAudit,
	schema.OpKey, schema.OpMetaRead, schema.OpEvaluate, schema.OpSession, schema.OpOther,
}

var opNumbers = func() map[string]uint8 {
	numbers := map[string]uint8{}
	for i, op := range ops {
		numbers[op] = uint8(i)
	}
	return numbers
}()

// opNumber is a class's place in ops; what is none of them is the last one, "other".
func opNumber(op string) uint8 {
	if n, known := opNumbers[op]; known {
		return n
	}
	return uint8(len(ops) - 1)
}

// group is what people ask about: five groups of operations.
type group uint8

const (
	reading group = iota
	writing
	deleting
	administering
	looking // at settings, keys and sessions: no item, no change
)

func groupOf(op string, mutates bool) group {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream:
		return reading
	case schema.OpWriteItem:
		return writing
	case schema.OpDeleteItem:
		return deleting
	}
	if mutates || op == schema.OpAudit {
		return administering
	}
	return looking
}

// cellKey tells apart what is counted together: who did what to which table, how it ended
// and what the policy says of it.
type cellKey struct {
	table, caller int32
	op            uint8
	group         group
	outcome       outcome
	verdict       policy.Verdict
}

type cell struct {
	touches     int64
	first, last int64
}

type cells struct {
	of   map[cellKey]*cell
	full bool
}

func (c *cells) add(s *sighting) {
	key := cellKey{s.table, s.caller, opNumber(s.Op), groupOf(s.Op, s.Mutates), outcomeOf(s.Outcome), s.Verdict}
	at := c.of[key]
	if at == nil {
		if len(c.of) >= maxCells {
			c.full = true
			key.caller = s.access.callers.others(s.ActorKind)
			at = c.of[key]
		}
		if at == nil {
			at = &cell{first: s.EventTime}
			c.of[key] = at
		}
	}
	at.touches++
	at.first, at.last = min(at.first, s.EventTime), max(at.last, s.EventTime)
}

// outcome is how a call ended.
type outcome uint8

const (
	succeeded outcome = iota
	denied
	failed
)

func outcomeOf(text string) outcome {
	switch text {
	case schema.OutcomeDenied:
		return denied
	case schema.OutcomeFailed:
		return failed
	}
	return succeeded
}

// sum is touches by what they did, and those that did nothing.
type sum struct {
	done           [looking + 1]int64 // that succeeded, by group
	denied, failed int64
	first, last    int64
}

func (s *sum) add(key *cellKey, c *cell) {
	switch key.outcome {
	case succeeded:
		s.done[key.group] += c.touches
	case denied:
		s.denied += c.touches
	case failed:
		s.failed += c.touches
	}
	if s.last == 0 || c.first < s.first {
		s.first = c.first
	}
	s.last = max(s.last, c.last)
}

func (s *sum) touches() int64 {
	n := s.denied + s.failed
	for _, done := range s.done {
		n += done
	}
	return n
}

// changes are the touches that changed something.
func (s *sum) changes() int64 { return s.done[writing] + s.done[deleting] + s.done[administering] }

// sums adds up the cells by what key makes of each.
func sums[K comparable](c *cells, key func(*cellKey) K) map[K]*sum {
	all := map[K]*sum{}
	for k, one := range c.of {
		at := key(&k)
		if all[at] == nil {
			all[at] = &sum{}
		}
		all[at].add(&k, one)
	}
	return all
}

// pair is a principal and a table.
type pair struct{ table, caller int32 }

// tablesOf are the tables that each principal touched, in the order of numbers.
func (c *cells) tablesOf(numbers []int32) map[int32][]int32 {
	place := map[int32]int{}
	for i, n := range numbers {
		place[n] = i
	}
	all := map[int32][]int32{}
	for p := range sums(c, func(k *cellKey) pair { return pair{k.table, k.caller} }) {
		all[p.caller] = append(all[p.caller], p.table)
	}
	for _, tables := range all {
		slices.SortFunc(tables, func(a, b int32) int { return place[a] - place[b] })
	}
	return all
}
