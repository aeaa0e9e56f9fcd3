package lake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Commit is one entry of the journal: which touches files a commit changed, and by
// which objects. Entries are numbered from 1 and never replaced, and each has the
// hash of the one before: who knows the hash of one knows that none before it was
// changed since.
type Commit struct {
	Head
	Previous string    // SHA-256 of the entry before, hex; empty for the first
	At       time.Time // to the microsecond
	Cause    Cause     // why rows were changed or removed; the zero value for an ingest
	Changes  []Change  // in order of table, day and bucket; at least one
}

// Head names the last entry of a journal as it was at some time. The zero value is
// an empty journal.
type Head struct {
	Number int64  `json:"commit"`
	SHA256 string `json:"sha256"` // of the entry's file, hex
}

// String is NUMBER:SHA256, which [ParseHead] reads.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Number, h.SHA256) }

// ParseHead reads NUMBER or NUMBER:SHA256.
func ParseHead(s string) (Head, error) {
	number, sum, hashed := strings.Cut(s, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err == nil && n < 0 {
		err = errors.New("it is negative")
	}
	if err == nil && hashed && n > 0 {
		err = checkSHA256(sum)
	}
	if err != nil {
		return Head{}, fmt.Errorf("%q is no commit (NUMBER or NUMBER:SHA256): %w", s, err)
	}
	return Head{n, sum}, nil
}

// Change is what a commit changed of one touches file.
type Change struct {
	Partition  schema.Partition
	Bucket     int
	OldSHA256  string // of the file as the journal had it before, hex; empty when it is new
	NewSHA256  string // empty when the file was removed, which only a commit with a cause does
	RowsBefore int64
	Rows       int64
	// SourceObjects are the objects of this commit that have rows in the partition,
	// in order.
	// Where a run that was killed left rows whose copies were all that this commit had,
	// they are all objects that have rows in the file.
	SourceObjects []string
}

// changeRow is a Change on disk, with what is common to the commit on every row, so
// that a glob over the journal is a table.
type changeRow struct {
	Commit         int64    `parquet:"commit"`
	CommittedAt    int64    `parquet:"committed_at,timestamp(microsecond)"`
	PreviousSHA256 string   `parquet:"previous_sha256,optional"`
	TableName      string   `parquet:"table_name,optional"`
	Day            int32    `parquet:"day,date"`
	File           string   `parquet:"file"`
	OldSHA256      string   `parquet:"old_sha256,optional"`
	NewSHA256      string   `parquet:"new_sha256"`
	RowsBefore     int64    `parquet:"rows_before"`
	Rows           int64    `parquet:"rows"`
	RowsAdded      int64    `parquet:"rows_added"` // negative where a split moved rows to other files
	SourceObjects  []string `parquet:"source_objects,list"`
}

// journalKey is the key of an entry. Numbers sort as text does.
func journalKey(n int64) string { return fmt.Sprintf("%s%012d%s", journalPrefix, n, journalSuffix) }

// Journal lists the numbers of the journal's entries, in order.
func (l *Lake) Journal(ctx context.Context) ([]int64, error) {
	var numbers []int64
	err := l.store.List(ctx, journalPrefix, func(o object.Info) error {
		name := strings.TrimSuffix(strings.TrimPrefix(o.Key, journalPrefix), journalSuffix)
		if n, err := strconv.ParseInt(name, 10, 64); err == nil && n > 0 && journalKey(n) == o.Key {
			numbers = append(numbers, n)
		}
		return nil
	})
	return numbers, err
}

// LastNumber is the number of the journal's last entry, 0 when it has none.
func (l *Lake) LastNumber(ctx context.Context) (int64, error) {
	numbers, err := l.Journal(ctx)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	return numbers[len(numbers)-1], nil
}

// Commit reads one entry of the journal. [object.ErrNotExist] when there is none of
// that number, [ErrCorrupt] when it makes no sense. That it follows from the entry
// before is for the caller to check.
func (l *Lake) Commit(ctx context.Context, number int64) (Commit, error) {
	key := journalKey(number)
	const hint = "a journal is evidence and is not mended: keep this file, move the lake aside and ingest its sources into a new one"
	data, _, err := l.fetch(ctx, key, hint)
	if err != nil {
		return Commit{}, err
	}
	defer data.Close()
	c, err := readCommit(number, data)
	if err != nil {
		return Commit{}, corrupt(key, hint, err)
	}
	c.SHA256 = hex.EncodeToString(data.sum.Sum(nil))
	return c, nil
}

// readCommit is the inverse of writing [Commit.row] for every change.
func readCommit(number int64, data *scratch) (Commit, error) {
	table, err := parquetio.OpenTable[causedRow](data, data.size)
	if err != nil {
		return Commit{}, err
	}
	defer table.Close()
	c := Commit{Head: Head{Number: number}}
	names := map[string]string{} // an object stands with every file that it changed
	for {
		rows, err := table.Next()
		if errors.Is(err, io.EOF) && len(c.Changes) == 0 {
			return c, errors.New("it has no rows")
		}
		if errors.Is(err, io.EOF) {
			return c, inOrder(c.Changes, compareChanges)
		}
		if err != nil {
			return c, err
		}
		for i := range rows {
			if err := c.addRow(&rows[i], names); err != nil {
				return c, fmt.Errorf("row %d: %w", len(c.Changes), err)
			}
		}
	}
}

// addRow adds the change on a row.
func (c *Commit) addRow(r *causedRow, names map[string]string) error {
	if len(c.Changes) == 0 {
		c.Previous, c.At, c.Cause = r.PreviousSHA256, time.UnixMicro(r.CommittedAt).UTC(), r.cause()
	}
	p, bucket, ok := parseTouchKey(r.File)
	switch {
	case !ok || p.Day != r.Day || tableName(p) != r.TableName:
		return errors.New("it names no touches file")
	case r.Commit != c.Number || r.CommittedAt != c.At.UnixMicro() || r.PreviousSHA256 != c.Previous || r.cause() != c.Cause:
		return errors.New("it is of another commit")
	case min(r.RowsBefore, r.Rows) < 0 || r.RowsAdded != r.Rows-r.RowsBefore:
		return fmt.Errorf("%d rows became %d by %d added", r.RowsBefore, r.Rows, r.RowsAdded)
	}
	removed := c.Cause != (Cause{}) && r.NewSHA256 == "" && r.Rows == 0
	for _, sum := range []string{r.PreviousSHA256, r.OldSHA256, r.NewSHA256} {
		if err := checkSHA256(sum); err != nil && (sum != "" || r.NewSHA256 == "" && !removed) {
			return err
		}
	}
	objects := make([]string, len(r.SourceObjects))
	for i, name := range r.SourceObjects {
		one, ok := names[name]
		if !ok {
			one, names[name] = name, name
		}
		objects[i] = one
	}
	c.Changes = append(c.Changes, Change{p, bucket, r.OldSHA256, r.NewSHA256, r.RowsBefore, r.Rows, objects})
	return nil
}

// row is a change on disk.
func (c *Commit) row(h *Change) changeRow {
	return changeRow{
		c.Number, c.At.UnixMicro(), c.Previous, tableName(h.Partition), h.Partition.Day, TouchKey(h.Partition, h.Bucket),
		h.OldSHA256, h.NewSHA256, h.RowsBefore, h.Rows, h.Rows - h.RowsBefore, h.SourceObjects,
	}
}

// weight is about what a row takes while it is written.
func (r *changeRow) weight() int {
	n := 400
	for _, name := range r.SourceObjects {
		n += len(name) + 16
	}
	return n
}

// AppendJournal writes c as the next entry of the journal and returns it as its
// head. [object.ErrCondition] when there is an entry of that number already.
func (l *Lake) AppendJournal(ctx context.Context, c Commit) (Head, error) {
	key, out := journalKey(c.Number), newScratch(l.temp)
	defer out.Close()
	if err := c.write(out); err != nil {
		return Head{}, &object.Error{Op: "encode", Key: key, Err: err}
	}
	_, err := l.store.Put(ctx, key, out.body(), out.size, object.Condition{IfAbsent: true})
	return Head{c.Number, hex.EncodeToString(out.sum.Sum(nil))}, err
}

// tableName is the table of a partition as a column holds it.
func tableName(p schema.Partition) string {
	if p.Table == schema.NoTable {
		return ""
	}
	return p.Table
}

func checkSHA256(sum string) error {
	if b, err := hex.DecodeString(sum); err != nil || len(b) != sha256.Size || strings.ToLower(sum) != sum {
		return fmt.Errorf("%q is no SHA-256", sum)
	}
	return nil
}

func compareChanges(a, b Change) int {
	return cmp.Or(cmp.Compare(a.Partition.Table, b.Partition.Table), cmp.Compare(a.Partition.Day, b.Partition.Day), cmp.Compare(a.Bucket, b.Bucket))
}

func sortedChanges(changes []Change) []Change {
	slices.SortFunc(changes, compareChanges)
	return changes
}
