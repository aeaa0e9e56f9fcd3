package custody

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// Source is a [digest.Source] that says where it is.
type Source interface {
	digest.Source
	// URL names the store, ending in "/".
	URL() string
}

// Options of [Record].
type Options struct {
	// From and To bound the delivery days that are judged, YYYY-MM-DD, both included;
	// empty for no bound.
	From, To string
	// ReadOnly: the verdicts are held against the ledger, which stays as it is.
	ReadOnly bool
	// Each is called once per log, never twice at a time. An error ends the validation
	// and is returned.
	Each func(digest.Verdict) error
	// Reads is how many objects are read at a time; see [digest.Options].
	Reads int
}

// Report is what [Record] found.
type Report struct {
	Digests digest.Report
	// InLake counts objects whose rows were read from bytes that a signed digest names.
	InLake int64
	// NotAsSigned counts those whose rows were read from others; Altered names them, the
	// first 1,000 in order.
	NotAsSigned int64
	Altered     []string
	// Changed counts the ledger's rows whose verdict is another now, Entered those that
	// are new: logs that digests name and nobody has.
	Changed, Entered int64
}

const (
	maxNamed = 1000
	// pendingVerdicts is how many verdicts wait, at some 400 bytes each, before they are
	// taken to the ledger.
	pendingVerdicts = 1 << 16
)

// Record validates the logs under prefix, and their digests, and writes the verdicts
// into the lake's ledger, unless told not to, and brings the ledger's summary up to
// date ([lake.Lake.RecordCoverage]). The caller holds the lake's lease when it writes.
// What is written stays when an error ends the validation: every verdict is true on its
// own.
func Record(ctx context.Context, l *lake.Lake, src Source, prefix string, keys *digest.Keys, o Options) (Report, error) {
	return record(ctx, l, src, prefix, keys, o, pendingVerdicts)
}

func record(ctx context.Context, l *lake.Lake, src Source, prefix string, keys *digest.Keys, o Options, pending int) (Report, error) {
	r := &recorder{ctx: ctx, lake: l, url: src.URL(), write: !o.ReadOnly, days: map[string]map[place]digest.Verdict{}, merged: map[string]lake.LedgerDay{}}
	hashes := newKnown(ctx, l, r.url)
	found, err := digest.Verify(ctx, src, prefix, keys, digest.Options{
		Known: hashes.sum, From: o.From, To: o.To, Reads: o.Reads,
		Each: func(v digest.Verdict) error {
			if err := hashes.failed(); err != nil {
				return err
			}
			if o.Each != nil {
				if err := o.Each(v); err != nil {
					return err
				}
			}
			r.add(v)
			if r.waiting < pending {
				return nil
			}
			return r.flush()
		},
	})
	if err == nil {
		err = r.flush()
	}
	if err == nil {
		err = hashes.failed()
	}
	if err == nil && len(r.merged) > 0 {
		err = l.RecordCoverage(ctx, slices.Collect(maps.Values(r.merged)))
	}
	slices.Sort(r.report.Altered)
	r.report.Digests = found
	return r.report, err
}

// place is where an object stands in the ledger.
type place struct{ source, name string }

// recorder takes verdicts to the ledger, a delivery day at a time.
type recorder struct {
	ctx     context.Context
	lake    *lake.Lake
	url     string
	write   bool
	days    map[string]map[place]digest.Verdict
	waiting int
	report  Report
	merged  map[string]lake.LedgerDay // days of the ledger that were written, as they are now
}

func (r *recorder) add(v digest.Verdict) {
	if !v.Listed && v.Status != digest.Missing {
		return // of a log in another bucket
	}
	day := object.ParseKey(v.Key).Day
	if r.days[day] == nil {
		r.days[day] = map[place]digest.Verdict{}
	}
	var p place
	p.source, p.name = object.Canonical(r.url, v.Key)
	r.days[day][p] = v
	r.waiting++
}

func (r *recorder) flush() error {
	for _, day := range slices.Sorted(maps.Keys(r.days)) {
		if err := r.flushDay(day, r.days[day]); err != nil {
			return fmt.Errorf("verdicts of %s: %w", cmp.Or(day, "objects without a day"), err)
		}
	}
	clear(r.days)
	r.waiting = 0
	return nil
}

// flushDay holds the verdicts against one ledger day.
func (r *recorder) flushDay(day string, verdicts map[place]digest.Verdict) error {
	var news, versions []lake.Entry // the second of one object
	var of place
	finish := func() {
		if len(versions) > 0 {
			v := verdicts[of]
			news = append(news, r.rule(&v, versions)...)
			delete(verdicts, of)
			versions = versions[:0]
		}
	}
	err := r.lake.EachLedgerEntry(r.ctx, day, func(e lake.Entry) error { // in order of object
		at := place{e.Source, e.SourceObject}
		if at != of {
			finish()
			of = at
		}
		if _, ok := verdicts[at]; ok {
			versions = append(versions, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	finish()
	r.report.Changed += int64(len(news))
	for at, v := range verdicts {
		if !v.Listed {
			news = append(news, absent(at, &v))
			r.report.Entered++
		}
	}
	if !r.write || len(news) == 0 {
		return nil
	}
	merged, err := r.lake.MergeLedgerDay(r.ctx, day, news)
	if err == nil {
		r.merged[day] = merged
	}
	return err
}

// rule returns the versions of an object that have another verdict now.
func (r *recorder) rule(v *digest.Verdict, versions []lake.Entry) (news []lake.Entry) {
	done, altered := 0, 0
	for i := range versions {
		e := versions[i]
		status := judge(v, &e)
		if e.Status == lake.Done {
			done++
			if status == digest.Altered {
				altered++
			}
		}
		if verdict := next(e.DigestVerdict, v, status); verdict != e.DigestVerdict {
			e.DigestVerdict = verdict
			news = append(news, e)
		}
	}
	switch {
	case done == 0 || !v.Signed():
	case altered > 0:
		r.report.NotAsSigned++
		if len(r.report.Altered) < maxNamed {
			r.report.Altered = append(r.report.Altered, v.Key)
		}
	default:
		r.report.InLake++
	}
	return news
}

// absent is the ledger row of a log that a digest names and nobody has. It has no
// ETag; should the log turn up after all, ingest puts its own row in this one's place.
func absent(at place, v *digest.Verdict) lake.Entry {
	key := object.ParseKey(v.Key)
	return lake.Entry{
		SourceObject: at.name, Source: at.source, AccountID: key.Account, AWSRegion: key.Region,
		Kind: string(object.KindCloudTrail), Status: lake.Failed, DigestVerdict: string(digest.Missing),
		Error: "a digest names it, and it is not there: " + v.Digest,
	}
}
