package lake

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// FileState is a touches file as the journal has it last.
type FileState struct {
	Partition schema.Partition
	Bucket    int
	SHA256    string // of the file, hex
	Rows      int64
	Commit    int64 // the one that left it so
}

// stateRow is a FileState on disk.
type stateRow struct {
	File   string `parquet:"file"`
	SHA256 string `parquet:"sha256"`
	Rows   int64  `parquet:"rows"`
	Commit int64  `parquet:"commit"`
}

// Manifest returns the touches files of one event day as the journal has them last,
// in order of table and bucket; none when the day has no file.
//
// It is what the journal's changes add up to, kept by day so that a commit need not
// read the journal, and anybody can hold a lake's files against it.
func (l *Lake) Manifest(ctx context.Context, day string) ([]FileState, error) {
	return manifestTable.read(ctx, l, day)
}

// ManifestDays lists the event days that have a manifest, in order.
func (l *Lake) ManifestDays(ctx context.Context) ([]string, error) {
	return manifestTable.days(ctx, l)
}

// MergeManifest puts the states of files of one event day in the place of those of
// earlier commits. A later state stays as it is, so that what was done before may be
// done again. A state without a SHA-256 is that of a file that was removed: it is left
// out, and a day without any file has no manifest.
func (l *Lake) MergeManifest(ctx context.Context, day string, files []FileState) error {
	left, emptied := 0, false
	err := manifestTable.update(ctx, l, day, func(present []FileState) []FileState {
		all := append(present, files...)
		slices.SortStableFunc(all, func(a, b FileState) int {
			return cmp.Or(compareStates(a, b), cmp.Compare(b.Commit, a.Commit)) // the latest first
		})
		all = slices.CompactFunc(all, func(a, b FileState) bool { return compareStates(a, b) == 0 })
		removed := func(f FileState) bool { return f.SHA256 == "" }
		emptied = slices.ContainsFunc(all, removed)
		all = slices.DeleteFunc(all, removed)
		left = len(all)
		return all
	})
	if err != nil || left > 0 || !emptied {
		return err
	}
	key, err := dayKey(manifestDir, day)
	if err != nil {
		return err
	}
	return l.store.Delete(ctx, key)
}

var manifestTable = table[FileState, stateRow]{
	dir: manifestDir,
	encode: func(f FileState) stateRow {
		return stateRow{TouchKey(f.Partition, f.Bucket), f.SHA256, f.Rows, f.Commit}
	},
	decode: func(r stateRow) FileState {
		p, bucket, ok := parseTouchKey(r.File)
		if !ok {
			bucket = -1 // for check to find
		}
		return FileState{p, bucket, r.SHA256, r.Rows, r.Commit}
	},
	check: func(rows []FileState) error {
		for i, f := range rows {
			switch {
			case f.Bucket < 0:
				return fmt.Errorf("row %d names no touches file", i)
			case f.Rows < 0 || f.Commit < 1:
				return fmt.Errorf("row %d has %d rows and is of commit %d", i, f.Rows, f.Commit)
			case f.Partition.Day != rows[0].Partition.Day:
				return fmt.Errorf("row %d is of %s", i, f.Partition.DayString())
			}
			if err := checkSHA256(f.SHA256); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		return inOrder(rows, compareStates)
	},
	hint: func(string) string {
		return "move this file out of the lake; the next change of each of its files will then be recorded as its first, " +
			"and what the journal says of those before stays as it is"
	},
}

func compareStates(a, b FileState) int {
	return cmp.Or(cmp.Compare(a.Partition.Table, b.Partition.Table), cmp.Compare(a.Partition.Day, b.Partition.Day), cmp.Compare(a.Bucket, b.Bucket))
}
