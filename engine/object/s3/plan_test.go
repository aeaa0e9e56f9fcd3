package s3

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

// rs are ranges of offsets and lengths in turn.
func rs(n ...int64) (all []object.Range) {
	for ; len(n) > 0; n = n[2:] {
		all = append(all, object.Range{Off: n[0], Len: n[1]})
	}
	return all
}

func TestPlan(t *testing.T) {
	const k, m = 1 << 10, 1 << 20
	for _, c := range []struct {
		name               string
		ranges, held, want []object.Range
	}{
		{"nothing", nil, nil, nil},
		{"one", rs(10, 20), nil, rs(10, 20)},
		{"near ones, out of order", rs(300*k, 10, 0, 100*k), nil, rs(0, 300*k+10)},
		{"far ones", rs(0, 10, 10+worth, 10), nil, rs(0, 10, 10+worth, 10)},
		{"just near enough", rs(0, 10, 9+worth, 10), nil, rs(0, 19+worth)},
		{"overlapping", rs(0, 100, 50, 100, 60, 10, 150, 1), nil, rs(0, 151)},
		{"no bytes", rs(5, 0, 7, -3), nil, nil},
		{"over the end", rs(16*m-5, 100, 17*m, 1, 0, 1<<62), rs(0, 16*m-10), rs(16*m-10, 10)},
		{"before the start", rs(-5, 8), nil, rs(0, 3)},
		{"large", rs(1, 9*m), nil, rs(1, 3*m, 1+3*m, 3*m, 1+6*m, 3*m)},
		{"held", rs(0, 2*m), rs(0, m), rs(m, m)},
		{"held in the middle", rs(0, 3*m), rs(m, m), rs(0, m, 2*m, m)},
		{"held wholly", rs(5, 10, 100, 10), rs(0, 50, 50, 60), nil},
		{"so little held that it comes again", rs(0, 3*k), rs(k, k), rs(0, 3*k)},
	} {
		if got := plan(c.ranges, c.held, 16*m); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

// Whatever is announced: all of it is asked for or held, little else is, in order, and no
// request is larger than it may be.
func TestPlanCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const unit, units = 32 << 10, 512
	some := func() (all []object.Range, covered [units]bool) {
		for range r.IntN(12) {
			off, n := r.IntN(units), 1+r.IntN(60)
			all = append(all, object.Range{Off: int64(off) * unit, Len: int64(n) * unit})
			for i := off; i < min(off+n, units); i++ {
				covered[i] = true
			}
		}
		return all, covered
	}
	for round := range 2000 {
		ranges, wanted := some()
		held, has := some()
		var asked [units]bool
		before := int64(0)
		for _, p := range plan(ranges, held, units*unit) {
			if p.Off < before || p.Len <= 0 || p.Len > maxSpan || end(p) > units*unit {
				t.Fatalf("round %d: %v after %d", round, p, before)
			}
			before = end(p)
			for i := p.Off / unit; i*unit < end(p); i++ {
				asked[i] = true
			}
		}
		idle := 0 // bytes asked for in a row that nobody wants
		for i := range units {
			if wanted[i] && !has[i] && !asked[i] {
				t.Fatalf("round %d: %v with %v held: unit %d is not asked for", round, ranges, held, i)
			}
			if idle += unit; !asked[i] || wanted[i] && !has[i] {
				idle = 0
			}
			if idle >= worth {
				t.Fatalf("round %d: %v with %v held: %d bytes up to unit %d are asked for in vain", round, ranges, held, idle, i)
			}
		}
	}
}
