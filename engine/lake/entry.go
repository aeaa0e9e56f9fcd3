package lake

import (
	"fmt"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// Statuses of a source object.
const (
	// Done: read to its end, and its touches are in the lake.
	Done = "done"
	// Skipped: not for us, or not readable without its owner's doing.
	Skipped = "skipped"
	// Failed: could not be read to its end. None of it is in the lake; the next run
	// tries again.
	Failed = "failed"
)

// Entry is one row of the ledger: one version of one source object, and what became
// of it. Empty text and the zero time are NULL. Text that is not UTF-8 is stored
// with the replacement character in place of what is wrong; times to the
// microsecond.
type Entry struct {
	SourceObject   string    // its key, canonical
	ETag           string    // of the version read
	Size           int64     // stored bytes
	InflatedBytes  int64     // after decompression
	LastModified   time.Time // as the store says
	SHA256         string    // of the inflated bytes, hex
	AccountID      string
	AWSRegion      string
	Kind           string // what the object is: cloudtrail, digest, insight, config, foreign …
	Status         string // Done, Skipped or Failed
	Error          string // why it is not done
	Attempts       int64  // tries so far; see MergeLedger
	Records        int64  // = InScope + OutOfScope + Quarantined when done
	InScope        int64
	OutOfScope     int64
	Quarantined    int64
	Touches        int64 // rows the object gave; in the lake, equal rows are one
	FirstEventTime time.Time
	LastEventTime  time.Time
	Source         string // URL the object was found under
	// DigestVerdict is what CloudTrail's signed digests say of the version: proven,
	// unproven, altered or missing; empty while nobody has asked.
	DigestVerdict string
}

// entryRow is an Entry on disk. The column names are promises to other people's
// SQL; the order is that of the contract.
type entryRow struct {
	SourceObject   string `parquet:"source_object"`
	ETag           string `parquet:"etag,optional"`
	Size           int64  `parquet:"size"`
	InflatedBytes  int64  `parquet:"inflated_bytes"`
	LastModified   *int64 `parquet:"last_modified,timestamp(microsecond)"`
	SHA256         string `parquet:"sha256,optional"`
	AccountID      string `parquet:"account_id,optional"`
	AWSRegion      string `parquet:"aws_region,optional"`
	Kind           string `parquet:"kind,optional"`
	Status         string `parquet:"status"`
	Error          string `parquet:"error,optional"`
	Attempts       int64  `parquet:"attempts"`
	Records        int64  `parquet:"records"`
	InScope        int64  `parquet:"in_scope"`
	OutOfScope     int64  `parquet:"out_of_scope"`
	Quarantined    int64  `parquet:"quarantined"`
	Touches        int64  `parquet:"touches"`
	FirstEventTime *int64 `parquet:"first_event_time,timestamp(microsecond)"`
	LastEventTime  *int64 `parquet:"last_event_time,timestamp(microsecond)"`
	Source         string `parquet:"source,optional"`
	DigestVerdict  string `parquet:"digest_verdict,optional"`
}

func (e Entry) row() entryRow {
	return entryRow{
		e.SourceObject, e.ETag, e.Size, e.InflatedBytes, micros(e.LastModified), e.SHA256,
		e.AccountID, e.AWSRegion, e.Kind, e.Status, e.Error, e.Attempts,
		e.Records, e.InScope, e.OutOfScope, e.Quarantined, e.Touches,
		micros(e.FirstEventTime), micros(e.LastEventTime), e.Source, e.DigestVerdict,
	}
}

func (r entryRow) entry() Entry {
	return Entry{
		r.SourceObject, r.ETag, r.Size, r.InflatedBytes, timeOf(r.LastModified), r.SHA256,
		r.AccountID, r.AWSRegion, r.Kind, r.Status, r.Error, r.Attempts,
		r.Records, r.InScope, r.OutOfScope, r.Quarantined, r.Touches,
		timeOf(r.FirstEventTime), timeOf(r.LastEventTime), r.Source, r.DigestVerdict,
	}
}

// normal is the entry as it comes back from disk.
func (e Entry) normal() Entry {
	for _, s := range []*string{&e.SourceObject, &e.ETag, &e.SHA256, &e.AccountID, &e.AWSRegion, &e.Kind, &e.Error, &e.Source, &e.DigestVerdict} {
		*s = text(*s)
	}
	for _, t := range []*time.Time{&e.LastModified, &e.FirstEventTime, &e.LastEventTime} {
		*t = instant(*t)
	}
	return e
}

// Balanced says whether the entry's account adds up: what was read is what was
// kept, passed over or quarantined, and an object that is not done has no row in
// the lake. The error names the object and both sides.
func (e *Entry) Balanced() error {
	problem := ""
	switch sum := e.InScope + e.OutOfScope + e.Quarantined; {
	case min(e.Size, e.InflatedBytes, e.Attempts, e.Records, e.InScope, e.OutOfScope, e.Quarantined, e.Touches) < 0:
		problem = "has a negative count"
	case e.Status != Done && e.Status != Skipped && e.Status != Failed:
		problem = fmt.Sprintf("has status %q", e.Status)
	case e.Status != Done && e.Touches != 0:
		problem = fmt.Sprintf("is %s and yet claims %d touches", e.Status, e.Touches)
	case e.Status != Done:
		return nil
	case e.Records != sum:
		problem = fmt.Sprintf("read %d records, but %d in scope + %d out of scope + %d quarantined = %d",
			e.Records, e.InScope, e.OutOfScope, e.Quarantined, sum)
	case e.Kind == string(object.KindConfig) && e.Touches != 0:
		problem = fmt.Sprintf("is a file of AWS Config and yet claims %d touches", e.Touches)
	case e.Kind == string(object.KindConfig):
		return nil
	case e.Touches < e.InScope:
		problem = fmt.Sprintf("has %d records in scope but %d touches", e.InScope, e.Touches)
	case e.InScope == 0 && e.Touches > 0:
		problem = fmt.Sprintf("has no record in scope but %d touches", e.Touches)
	default:
		return nil
	}
	return fmt.Errorf("ledger does not balance: %s%s %s", e.Source, e.SourceObject, problem)
}
