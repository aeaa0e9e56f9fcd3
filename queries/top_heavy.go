package queries

import (
	"container/heap"
	"strings"
)

// heavy counts values in bounded memory: exactly while they fit, and from then on
// by Space-Saving (Metwally, Agrawal, El Abbadi: Efficient Computation of Frequent
// and Top-k Elements in Data Streams, 2005), as long as needed with the counts it
// already has.
//
// Whatever was added n times in truth
//   - and is held has a count of n to n + slack,
//   - and is not held has n at most floor,
//
// and floor is no more than the total over the values held and one more.
type heavy struct {
	budget, used int64 // bytes
	index        map[groupKey]int32
	held         []heavyCount
	floor        int64
	heaped       bool // held is a heap, least first
	most         int  // values to hold, once not all fitted: what is let in has to push one out
}

// groupKey is a value, of a table where values of several tables are told apart.
type groupKey struct {
	table int32
	value string
}

type heavyCount struct {
	groupKey
	count, slack int64
}

// heldBytes is about what a value takes beside its text: its place in the map, with
// the room that a map leaves free, and in the list.
const heldBytes = 112

func newHeavy(budget int64) *heavy {
	return &heavy{budget: budget, index: map[groupKey]int32{}}
}

// add counts n more of k, whose text is copied when it is kept.
func (h *heavy) add(k groupKey, n int64) {
	if at, ok := h.index[k]; ok {
		h.held[at].count += n
		if h.heaped {
			heap.Fix(h, int(at))
		}
		return
	}
	k.value = strings.Clone(k.value)
	c := heavyCount{k, h.floor + n, h.floor}
	if h.heaped {
		heap.Push(h, c)
	} else {
		h.Push(c)
	}
	for len(h.held) > 1 && (h.used > h.budget || h.heaped && len(h.held) > h.most) {
		h.evict()
	}
}

// evict forgets the least count, which then bounds all that is not held.
func (h *heavy) evict() {
	if !h.heaped {
		heap.Init(h)
		h.heaped = true
	}
	least := heap.Pop(h).(heavyCount)
	h.floor = max(h.floor, least.count)
	h.most = len(h.held)
}

// exact reports whether everything added is held, with its true count.
func (h *heavy) exact() bool { return !h.heaped }

// Len, Less, Swap, Push and Pop are for package heap.
func (h *heavy) Len() int { return len(h.held) }

func (h *heavy) Less(i, j int) bool { return h.held[i].count < h.held[j].count }

func (h *heavy) Swap(i, j int) {
	h.held[i], h.held[j] = h.held[j], h.held[i]
	h.index[h.held[i].groupKey], h.index[h.held[j].groupKey] = int32(i), int32(j)
}

func (h *heavy) Push(c any) {
	v := c.(heavyCount)
	h.index[v.groupKey] = int32(len(h.held))
	h.held = append(h.held, v)
	h.used += heldBytes + int64(len(v.value))
}

func (h *heavy) Pop() any {
	v := h.held[len(h.held)-1]
	h.held[len(h.held)-1] = heavyCount{}
	h.held = h.held[:len(h.held)-1]
	delete(h.index, v.groupKey)
	h.used -= heldBytes + int64(len(v.value))
	return v
}
