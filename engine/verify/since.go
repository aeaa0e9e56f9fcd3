package verify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Point is a state of a lake in the past: that after a commit or at a time. The zero
// value is the empty lake.
type Point struct {
	lake.Head           // its hash, if it is known, must be the entry's
	Time      time.Time // if not zero, the last commit up to then is meant
}

// Restatement is what has changed in a lake since a point.
type Restatement struct {
	Lake    string       `json:"lake"`
	Since   lake.Head    `json:"since"` // the commit before the first of them
	Head    lake.Head    `json:"head"`  // the journal's last
	Commits int64        `json:"commits"`
	Changes []DayChanged `json:"changes"` // by table and day
}

// DayChanged is a table's day that has changed.
type DayChanged struct {
	TableName     string        `json:"table_name,omitempty"` // empty: rows of no table
	Day           string        `json:"day"`
	Restated      bool          `json:"restated"` // it was there before: what was said of it then was not all
	RowsBefore    int64         `json:"rows_before"`
	Rows          int64         `json:"rows"`
	Files         []FileChanged `json:"files"`
	LastChange    time.Time     `json:"last_change"`
	Causes        []string      `json:"causes,omitempty"` // of changes that were no ingest, in order: "erasure DSR-17 by jane"
	SourceObjects []string      `json:"source_objects"`   // that changed it, in order of arrival
}

// FileChanged is one of its files.
type FileChanged struct {
	File      string `json:"file"`
	OldSHA256 string `json:"old_sha256,omitempty"` // empty: it is new
	NewSHA256 string `json:"new_sha256"`           // empty: it was removed
}

// ErrRewritten says that a journal is not the one that a point was taken from.
var ErrRewritten = errors.New("the journal was rewritten")

// Since reads from the journal what has changed after a point. The error is
// [ErrRewritten] when the point's hash, or that of an entry after it, is not the
// journal's.
func Since(ctx context.Context, l *lake.Lake, point Point) (*Restatement, error) {
	numbers, err := l.Journal(ctx)
	if err != nil {
		return nil, err
	}
	r := &Restatement{Lake: l.URL(), Changes: []DayChanged{}}
	if len(numbers) > 0 {
		r.Head.Number = numbers[len(numbers)-1]
	}
	if point.Number > r.Head.Number {
		return nil, fmt.Errorf("commit %d: the journal ends with commit %d: is this the lake that it was read from?", point.Number, r.Head.Number)
	}
	s := since{days: map[schema.Partition]*dayChange{}}
	var before lake.Head
	for n := first(point); n <= r.Head.Number; n++ {
		c, err := l.Commit(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("commit %d: %w", n, err)
		}
		if before.SHA256 != "" && c.Previous != before.SHA256 {
			return nil, fmt.Errorf("%w: commit %d follows another commit %d than the one there", ErrRewritten, n, before.Number)
		}
		if before = c.Head; n == point.Number && point.SHA256 != "" && point.SHA256 != c.SHA256 {
			return nil, fmt.Errorf("%w: commit %d has the SHA-256 %s", ErrRewritten, n, c.SHA256)
		}
		switch {
		case n <= point.Number, r.Commits == 0 && !point.Time.IsZero() && !c.At.After(point.Time):
			r.Since = c.Head
		default:
			r.Commits++
			s.add(&c)
		}
	}
	r.Head = before
	r.Changes = s.sorted()
	return r, nil
}

// first is the first entry to read. The times of entries are not in order where a
// clock was set back: for a point in time all are looked at.
func first(p Point) int64 {
	if p.Time.IsZero() {
		return max(1, p.Number)
	}
	return 1
}

// since adds up commits.
type since struct {
	days map[schema.Partition]*dayChange
}

type dayChange struct {
	DayChanged
	files map[int]*fileChange
	known map[string]bool // its objects
}

type fileChange struct {
	FileChanged
	before, rows int64
}

func (s *since) add(c *lake.Commit) {
	for i := range c.Changes {
		h := &c.Changes[i]
		d := s.days[h.Partition]
		if d == nil {
			d = &dayChange{files: map[int]*fileChange{}, known: map[string]bool{}}
			d.Day = h.Partition.DayString()
			if h.Partition.Table != schema.NoTable {
				d.TableName = h.Partition.Table
			}
			s.days[h.Partition] = d
		}
		d.LastChange = c.At
		if cause := c.Cause.String(); cause != "" && !slices.Contains(d.Causes, cause) {
			d.Causes = append(d.Causes, cause)
		}
		f := d.files[h.Bucket]
		if f == nil {
			f = &fileChange{FileChanged: FileChanged{lake.TouchKey(h.Partition, h.Bucket), h.OldSHA256, ""}, before: h.RowsBefore}
			d.files[h.Bucket] = f
			d.Restated = d.Restated || h.OldSHA256 != ""
		}
		f.NewSHA256, f.rows = h.NewSHA256, h.Rows
		for _, name := range h.SourceObjects {
			if !d.known[name] {
				d.known[name] = true
				d.SourceObjects = append(d.SourceObjects, name)
			}
		}
	}
}

func (s *since) sorted() []DayChanged {
	out := []DayChanged{}
	for _, d := range s.days {
		for _, f := range d.files {
			d.RowsBefore += f.before
			d.Rows += f.rows
			d.Files = append(d.Files, f.FileChanged)
		}
		slices.SortFunc(d.Files, func(a, b FileChanged) int { return cmp.Compare(a.File, b.File) })
		out = append(out, d.DayChanged)
	}
	slices.SortFunc(out, func(a, b DayChanged) int {
		return cmp.Or(cmp.Compare(a.TableName, b.TableName), cmp.Compare(a.Day, b.Day))
	})
	return out
}
