package detect

import (
	"slices"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// naive is a History that looks through all touches for every answer: slow, obvious, and
// what any other one is held against.
type naive struct {
	day     int32
	touches []schema.Touch
}

func (h *naive) before(n int, fn func(int32, *schema.Touch)) {
	for i := range h.touches {
		t := &h.touches[i]
		if d := schema.DayOf(t.EventTime); d < h.day && (n == 0 || d >= h.day-int32(n)) {
			fn(d, t)
		}
	}
}

func (h *naive) Days(n int) int {
	days := map[int32]bool{}
	h.before(n, func(d int32, _ *schema.Touch) { days[d] = true })
	return len(days)
}

func (h *naive) LastSeen(f Family, table, principal, value string) (day int32, ok bool) {
	h.before(0, func(d int32, t *schema.Touch) {
		seen := map[Family]string{
			ByTable: "", ByOp: t.Op, ByEvent: t.EventName, ByRegion: t.AWSRegion,
			ByNetwork: queries.Network(t.VPCEndpointID, t.SourceIP), ByAgent: queries.Program(t.UserAgent), BySession: schema.SessionShape(t.SessionName),
		}
		if (table == "" || t.TableARN == table) && schema.PrincipalKey(t) == principal && seen[f] == value {
			day, ok = max(day, d), true
		}
	})
	return day, ok
}

func (h *naive) FirstDay(table string) (day int32, ok bool) {
	h.before(0, func(d int32, t *schema.Touch) {
		if t.TableARN == table && (!ok || d < day) {
			day, ok = d, true
		}
	})
	return day, ok
}

func (h *naive) Touched(n int, table, principal, op, outcome string) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = -1
	}
	h.before(n, func(d int32, t *schema.Touch) {
		i := n - int(h.day-d)
		all[i] = max(all[i], 0)
		if h.is(t, table, principal, op) && (outcome == "" || t.Outcome == outcome) {
			all[i]++
		}
	})
	return all
}

func (h *naive) Distinct(n int, table, principal, op string) []int64 {
	all := h.Touched(n, "-", "", "", "") // which days there are
	seen := make([]map[string]bool, n)
	h.before(n, func(d int32, t *schema.Touch) {
		i := n - int(h.day-d)
		if seen[i] == nil {
			seen[i] = map[string]bool{}
		}
		if t.ItemKey != "" && h.is(t, table, principal, op) && !seen[i][t.TableARN+t.ItemKey] {
			seen[i][t.TableARN+t.ItemKey] = true
			all[i]++
		}
	})
	return all
}

func (h *naive) is(t *schema.Touch, table, principal, op string) bool {
	return (table == "" || t.TableARN == table) && (principal == "" || schema.PrincipalKey(t) == principal) && (op == "" || t.Op == op)
}

func (h *naive) Settings(fn func(*schema.Touch)) {
	var all []*schema.Touch
	h.before(0, func(_ int32, t *schema.Touch) {
		if IsSetting(t) {
			all = append(all, t)
		}
	})
	slices.SortStableFunc(all, func(a, b *schema.Touch) int { return int(a.EventTime - b.EventTime) })
	for _, t := range all {
		fn(t)
	}
}
