package compliance

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// ledgerBook is what the ledger says of the objects that the period's events came in: all
// that were delivered on its days and the day after, and later ones with events of it.
type ledgerBook struct {
	areas   map[lake.Area]*areaBook
	unread  []lake.Entry // not in the lake, though they hold records; the first of them
	altered []lake.Entry // a digest names other bytes, or names them and they are gone
	left    int64        // that are in neither list since there are too many
	broken  []string     // delivery days whose ledger cannot be read
	late    int64        // objects delivered after the usual days
}

// areaBook counts the objects of an account's Region.
type areaBook struct {
	logs, digests, other            int64
	done, failed, missing, archived int64
	proven, unproven, altered, gone int64
	notJudged                       int64
	records, in, out, quarantined   int64
	touches, bytes                  int64
	// hours are those whose digest is at hand, since 1970; digestFrom and digestTo are the
	// ends of the first and the last of them, microseconds.
	hours                map[int64]struct{}
	digestFrom, digestTo int64
}

// maxListed bounds what is listed one by one of objects.
const maxListed = 1000

func (b *ledgerBook) read(ctx context.Context, f *Frame) error {
	b.areas = map[lake.Area]*areaBook{}
	days, err := f.Lake.LedgerDays(ctx)
	if err != nil {
		return err
	}
	last := schema.DayString(schema.DayOf(f.To)) // the day after the period
	for _, day := range days {
		if day != "" && day < f.Question.From {
			continue
		}
		if d := f.Coverage.Day(day); d != nil && d.Broken != "" {
			b.broken = append(b.broken, day)
			continue
		}
		usual := day != "" && day <= last
		err := f.Lake.EachLedgerEntry(ctx, day, func(e lake.Entry) error {
			if usual || f.holds(&e) {
				b.add(&e, usual)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, list := range [][]lake.Entry{b.unread, b.altered} {
		slices.SortFunc(list, func(x, y lake.Entry) int {
			return cmp.Or(cmp.Compare(x.SourceObject, y.SourceObject), cmp.Compare(x.ETag, y.ETag))
		})
	}
	return nil
}

// holds reports whether an object has events of the period.
func (f *Frame) holds(e *lake.Entry) bool {
	from, to := time.UnixMicro(f.From), time.UnixMicro(f.To)
	return !e.FirstEventTime.IsZero() && e.FirstEventTime.Before(to) && !e.LastEventTime.Before(from)
}

func (b *ledgerBook) add(e *lake.Entry, usual bool) {
	at := lake.Area{Account: e.AccountID, Region: e.AWSRegion}
	a := b.areas[at]
	if a == nil {
		a = &areaBook{}
		b.areas[at] = a
	}
	a.bytes += e.Size
	switch {
	case e.Kind == "digest" && e.Status == lake.Skipped:
		a.digest(e.SourceObject)
		return
	case e.Status == lake.Skipped && !unreadKind(e):
		a.other++
		return
	}
	a.logs++
	if !usual {
		b.late++
	}
	a.verdict(e)
	switch {
	case e.Status == lake.Done:
		a.done++
		a.records, a.in, a.out, a.quarantined = a.records+e.Records, a.in+e.InScope, a.out+e.OutOfScope, a.quarantined+e.Quarantined
		a.touches += e.Touches
	case e.Status == lake.Failed && e.DigestVerdict == "missing":
		a.missing++
	case e.Status == lake.Failed:
		a.failed++
	default:
		a.archived++
	}
	if e.Status != lake.Done {
		b.unread = b.list(b.unread, e)
	}
	if e.DigestVerdict == "altered" || e.DigestVerdict == "missing" {
		b.altered = b.list(b.altered, e)
	}
}

// unreadKind reports whether an object that was passed over may hold records all the same:
// it lies in an archive class.
func unreadKind(e *lake.Entry) bool {
	return e.Error != "" && (e.Kind == "cloudtrail" || e.Kind == "insight" || e.Kind == "")
}

// digest takes note of a digest: its name ends in the time at which its hour does.
func (a *areaBook) digest(name string) {
	a.digests++
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".json.gz"), "_backfill")
	end, err := time.Parse("20060102T150405Z", name[strings.LastIndexByte(name, '_')+1:])
	if err != nil {
		return
	}
	at := end.UnixMicro()
	if a.hours == nil {
		a.hours = map[int64]struct{}{}
	}
	a.hours[(at-1)/hourLong] = struct{}{}
	if a.digestFrom == 0 || at < a.digestFrom {
		a.digestFrom = at
	}
	a.digestTo = max(a.digestTo, at)
}

// digestHours counts the hours of a span that have a digest.
func (a *areaBook) digestHours(from, to int64) (n int64) {
	for hour := range a.hours {
		if hour >= from/hourLong && hour < to/hourLong {
			n++
		}
	}
	return n
}

func (b *ledgerBook) list(to []lake.Entry, e *lake.Entry) []lake.Entry {
	if len(to) == maxListed {
		b.left++
		return to
	}
	return append(to, *e)
}

func (a *areaBook) verdict(e *lake.Entry) {
	switch e.DigestVerdict {
	case "proven":
		a.proven++
	case "unproven":
		a.unproven++
	case "altered":
		a.altered++
	case "missing":
		a.gone++
	default:
		a.notJudged++
	}
}

// add sums up areas.
func (a *areaBook) add(o *areaBook) {
	a.logs, a.digests, a.other = a.logs+o.logs, a.digests+o.digests, a.other+o.other
	a.done, a.failed, a.missing, a.archived = a.done+o.done, a.failed+o.failed, a.missing+o.missing, a.archived+o.archived
	a.proven, a.unproven, a.altered, a.gone = a.proven+o.proven, a.unproven+o.unproven, a.altered+o.altered, a.gone+o.gone
	a.notJudged, a.records, a.in = a.notJudged+o.notJudged, a.records+o.records, a.in+o.in
	a.out, a.quarantined, a.touches, a.bytes = a.out+o.out, a.quarantined+o.quarantined, a.touches+o.touches, a.bytes+o.bytes
}

// unreadLogs are those of which nothing is in the lake.
func (a *areaBook) unreadLogs() int64 { return a.failed + a.missing + a.archived }

func (b *ledgerBook) total() (sum areaBook) {
	for _, a := range b.areas {
		sum.add(a)
	}
	return sum
}

// sorted are the areas in order.
func (b *ledgerBook) sorted() []lake.Area {
	return slices.SortedFunc(maps.Keys(b.areas), func(x, y lake.Area) int {
		return cmp.Or(cmp.Compare(x.Account, y.Account), cmp.Compare(x.Region, y.Region))
	})
}
