package anomalies

import (
	"math"
	"slices"
)

// partOfAll is the share of a sum's excess that its parts have to make up to explain it.
const partOfAll = 0.5

// absorb leaves out hits of sums that are odd because of parts with hits of their own: of
// a table or an actor as a whole where one actor on one table was it, and of a role
// where one person was.
func absorb(hits []hit) []hit {
	return slices.DeleteFunc(slices.Clone(hits), func(sum hit) bool {
		parts := 0.0
		for i := range hits {
			if part := &hits[i]; part.id == sum.id && part.partOf(&sum) && !counted(hits, part, &sum) {
				parts += part.excess()
			}
		}
		return parts > 0 && parts >= partOfAll*sum.excess()
	})
}

// counted reports whether a part is a person's whose role is a part of the sum, too.
func counted(hits []hit, part, sum *hit) bool {
	return part.role != "" && part.role != sum.actor && slices.ContainsFunc(hits, func(h hit) bool {
		return h.id == part.id && h.actor == part.role && h.table == part.table && h.partOf(sum)
	})
}

func (h *hit) excess() float64 { return math.Abs(h.stat.observed - h.stat.expected) }

// partOf reports whether what h is about is a part of what sum is about.
func (h *hit) partOf(sum *hit) bool {
	switch {
	case sum.actor == "": // all of a table
		return h.actor != "" && h.table == sum.table
	case sum.sum(): // all of an actor
		return !h.sum() && (h.actor == sum.actor || h.role == sum.actor)
	}
	return h.role == sum.actor && h.table == sum.table
}

// sum reports whether h is about all that an actor does.
func (h *hit) sum() bool { return h.all && h.table == "" }
