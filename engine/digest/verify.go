package digest

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/object"
)

// Options of [Verify]. The zero value is good.
type Options struct {
	// Each is called once per log, never twice at a time. An error ends the
	// validation and is returned.
	Each func(Verdict) error
	// Reads is how many objects are read at a time, 100 KB of memory each; 8 per
	// processor by default.
	Reads int
	// Known returns the hash of an object's inflated bytes that somebody has read
	// already, in the version that o names by its ETag; ok is false when nobody has.
	// Such a log is not read again. Safe for concurrent use; nil knows none.
	Known func(o object.Info) (sum [32]byte, ok bool)
	// From and To bound the delivery days of the logs that are judged, YYYY-MM-DD, both
	// included; empty for no bound. Only digests that can speak of those days are read,
	// so chains begin and end with them. A log whose name tells no day is judged always.
	From, To string
}

// areasAtOnce bounds the accounts and Regions in memory: some 300 bytes per log.
const areasAtOnce = 4

// Verify validates the logs under prefix, which is "" or ends in "/", and all
// digests of their accounts and Regions. It changes nothing.
//
// What is wrong with logs or digests is in the verdicts and in the report. An error
// means that the validation did not come to its end.
func Verify(ctx context.Context, src Source, prefix string, keys *Keys, o Options) (Report, error) {
	w, err := newWindow(o.From, o.To)
	if err != nil {
		return Report{}, err
	}
	v := newVerifier(src, prefix, keys, o)
	v.window = w
	areas, loose, err := v.find(ctx)
	if err != nil {
		return Report{}, err
	}
	for _, o := range loose {
		if !w.has(object.ParseKey(o.Key).Day) {
			continue
		}
		err := v.say(Verdict{Key: o.Key, ETag: o.ETag, Listed: true, Status: Unproven, Reason: "it lies outside of the folders that CloudTrail writes to"}, nil)
		if err != nil {
			return Report{}, err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(areasAtOnce)
	for _, a := range areas {
		g.Go(func() error { return v.area(ctx, a) })
	}
	if err := g.Wait(); err != nil {
		return Report{}, err
	}
	slices.SortFunc(v.report.Chains, compareChains)
	return v.report, nil
}

func compareChains(a, b Chain) int {
	back := 0
	if a.Backfill != b.Backfill {
		if back = 1; b.Backfill {
			back = -1
		}
	}
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Trail, b.Trail),
		cmp.Compare(a.HomeRegion, b.HomeRegion), back, cmp.Compare(a.Org, b.Org), cmp.Compare(a.Origin, b.Origin))
}

// verifier is one validation.
type verifier struct {
	src    Source
	meta   MetadataReader // nil when the source has none
	prefix string
	keys   *Keys
	each   func(Verdict) error
	known  func(object.Info) ([32]byte, bool) // may be nil
	window window
	slots  *semaphore.Weighted // reads under way

	mu     sync.Mutex
	report Report
	failed error // what each returned; it is not called again
}

func newVerifier(src Source, prefix string, keys *Keys, o Options) *verifier {
	if o.Reads <= 0 {
		o.Reads = 8 * runtime.GOMAXPROCS(0)
	}
	v := &verifier{src: src, prefix: prefix, keys: keys, each: o.Each, known: o.Known, slots: semaphore.NewWeighted(int64(o.Reads))}
	v.meta, _ = src.(MetadataReader)
	return v
}

// area validates one account and Region: first its digests, then its logs.
func (v *verifier) area(ctx context.Context, a area) error {
	chains, err := v.chains(ctx, a)
	if err != nil {
		return err
	}
	if err := v.judge(ctx, a, chains); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range chains {
		v.report.Chains = append(v.report.Chains, c.Chain)
	}
	return nil
}

// say hands a verdict on, and counts it with the chain that it comes from, if any.
func (v *verifier) say(verdict Verdict, from *chain) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed != nil {
		return v.failed
	}
	v.report.Logs.add(verdict.Status)
	if verdict.Planted {
		v.report.Planted++
	}
	if from != nil {
		from.Logs.add(verdict.Status)
	}
	if v.each == nil {
		return nil
	}
	v.failed = v.each(verdict)
	return v.failed
}

// parallel calls fn for 0 … n-1, as many at a time as there are slots.
func (v *verifier) parallel(ctx context.Context, n int, fn func(ctx context.Context, i int) error) error {
	g, gctx := errgroup.WithContext(ctx)
	for i := range n {
		if v.slots.Acquire(gctx, 1) != nil {
			break // fn failed, or the caller's context ended
		}
		g.Go(func() error {
			defer v.slots.Release(1)
			return fn(gctx, i)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// fatal is the error that concerns every object alike; others are said of the object.
func fatal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, object.ErrCredentials) || errors.Is(err, object.ErrNoStore) {
		return err
	}
	return nil
}
