package s3

import (
	"cmp"
	"slices"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	// worth is how many bytes cost no more than a request: what a line of 100 Mbit/s
	// delivers in the 20 ms that a request takes to its first byte. Faster lines, as
	// between machines of one Region, lose even less by bytes that nobody wants.
	worth = 256 << 10
	// maxSpan is how many bytes one request asks for. A connection delivers some 85 MB/s
	// ("Performance design patterns for Amazon S3"): several bring more sooner.
	maxSpan = 4 << 20
)

// plan turns ranges that will be read of a file of the given size into those to ask
// for, in order, none of which is larger than maxSpan. What is held already is left out,
// unless it lies in a gap that is too small for a request of its own.
func plan(ranges, held []object.Range, size int64) []object.Range {
	var asked []object.Range
	for _, r := range minus(union(ranges, size), union(held, size)) {
		if last := len(asked) - 1; last >= 0 && r.Off-end(asked[last]) < worth {
			asked[last].Len = end(r) - asked[last].Off
			continue
		}
		asked = append(asked, r)
	}
	var parts []object.Range
	for _, r := range asked {
		n := (r.Len + maxSpan - 1) / maxSpan
		for i := range n { // of about the same size
			from, to := r.Len*i/n, r.Len*(i+1)/n
			parts = append(parts, object.Range{Off: r.Off + from, Len: to - from})
		}
	}
	return parts
}

func end(r object.Range) int64 { return r.Off + r.Len }

// union is what the ranges cover within the file, in order, without overlaps.
func union(ranges []object.Range, size int64) []object.Range {
	var all []object.Range
	for _, r := range ranges {
		from := max(r.Off, 0)
		to := size
		if r.Len < size-r.Off { // their sum may be more than a number holds
			to = end(r)
		}
		if from < to {
			all = append(all, object.Range{Off: from, Len: to - from})
		}
	}
	slices.SortFunc(all, func(a, b object.Range) int { return cmp.Compare(a.Off, b.Off) })
	joined := all[:0]
	for _, r := range all {
		if last := len(joined) - 1; last >= 0 && r.Off <= end(joined[last]) {
			joined[last].Len = max(end(joined[last]), end(r)) - joined[last].Off
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

// minus is what a covers and b does not; both are in order and without overlaps.
func minus(a, b []object.Range) []object.Range {
	var left []object.Range
	for _, r := range a {
		from := r.Off
		for _, h := range b {
			if end(h) <= from || h.Off >= end(r) {
				continue
			}
			if h.Off > from {
				left = append(left, object.Range{Off: from, Len: h.Off - from})
			}
			from = end(h)
		}
		if from < end(r) {
			left = append(left, object.Range{Off: from, Len: end(r) - from})
		}
	}
	return left
}
