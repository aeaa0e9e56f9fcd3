package verify

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// journal is what the journal's changes add up to.
type journal struct {
	files map[string]lake.FileState // by key
	// removed are files that a commit with a cause removed, by key.
	removed map[string]removal
	// whole is false when an entry is missing or unreadable: nothing can be said then
	// of what the files were last.
	whole bool
}

// checkJournal reads the journal from its beginning: every entry must be there, say
// what the one before was, and go on from what that left. Its end must be what the
// manifest says.
func (c *check) checkJournal(ctx context.Context, found *listing) error {
	c.journal = journal{map[string]lake.FileState{}, map[string]removal{}, true}
	var before lake.Head
	for _, n := range found.journal {
		for ; before.Number+1 < n; before = (lake.Head{Number: before.Number + 1}) {
			c.journal.whole = false
			c.add(KindJournal, journalKey(before.Number+1), "the entry is missing, and later ones are there")
		}
		commit, err := c.lake.Commit(ctx, n)
		if errors.Is(err, lake.ErrCorrupt) || errors.Is(err, object.ErrNotExist) {
			c.journal.whole = false
			c.add(KindJournal, journalKey(n), "%v", err)
			before = lake.Head{Number: n}
			continue
		}
		if err != nil {
			return err
		}
		if err := c.checkCommit(ctx, &commit, before); err != nil {
			return err
		}
		before = commit.Head
	}
	c.Commits, c.Journal = int64(len(found.journal)), before
	for _, day := range found.manifest {
		if err := c.checkManifest(ctx, day); err != nil {
			return err
		}
	}
	c.checkManifestDays(found)
	return nil
}

// checkCommit checks one entry, and applies it.
func (c *check) checkCommit(ctx context.Context, commit *lake.Commit, before lake.Head) error {
	key := journalKey(commit.Number)
	known := before.SHA256 != "" || before.Number == 0 // what the entry before is
	if known && commit.Previous != before.SHA256 {
		c.add(KindJournal, key, "it follows an entry with the SHA-256 %q, and the one before has %q", commit.Previous, before.SHA256)
	}
	for _, h := range commit.Changes {
		file := lake.TouchKey(h.Partition, h.Bucket)
		if was := c.journal.files[file]; c.journal.whole && (was.SHA256 != h.OldSHA256 || was.Rows != h.RowsBefore) {
			c.add(KindJournal, key, "it says that %s was %q with %d rows before, and the journal has it as %q with %d",
				file, h.OldSHA256, h.RowsBefore, was.SHA256, was.Rows)
		}
		c.apply(commit, &h)
	}
	return c.sameBytes(ctx, KindJournal, key, func(l *lake.Lake) error {
		_, err := l.AppendJournal(ctx, *commit)
		return err
	})
}

// removal is a file that a commit removed on purpose.
type removal struct {
	partition schema.Partition
	commit    int64
	cause     lake.Cause
}

// apply makes a file what a change left it as, and counts rows that were taken out.
func (c *check) apply(commit *lake.Commit, h *lake.Change) {
	file := lake.TouchKey(h.Partition, h.Bucket)
	switch commit.Cause.Kind {
	case lake.Erasure:
		c.RowsErased += h.RowsBefore - h.Rows
	case lake.Retention:
		c.RowsPruned += h.RowsBefore - h.Rows
	}
	if h.NewSHA256 == "" {
		delete(c.journal.files, file)
		c.journal.removed[file] = removal{h.Partition, commit.Number, commit.Cause}
		return
	}
	delete(c.journal.removed, file)
	c.journal.files[file] = lake.FileState{Partition: h.Partition, Bucket: h.Bucket, SHA256: h.NewSHA256, Rows: h.Rows, Commit: commit.Number}
}

// checkManifest holds one day of the manifest against the journal.
func (c *check) checkManifest(ctx context.Context, day string) error {
	key := tableKey(manifestDir, day)
	states, err := c.lake.Manifest(ctx, day)
	if errors.Is(err, lake.ErrCorrupt) {
		c.add(KindJournal, key, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, s := range states {
		file := lake.TouchKey(s.Partition, s.Bucket)
		has[file] = true
		switch said := c.journal.files[file]; {
		case s.Partition.DayString() != day:
			c.add(KindJournal, key, "it has %s, of another day", file)
		case !c.journal.whole:
			c.journal.files[file] = s // the next best
		case s != said:
			c.add(KindJournal, key, "it has %s as %q with %d rows since commit %d, the journal as %q with %d since %d",
				file, s.SHA256, s.Rows, s.Commit, said.SHA256, said.Rows, said.Commit)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(c.journal.files)) {
		if !has[file] && c.journal.files[file].Partition.DayString() == day {
			c.add(KindJournal, key, "it lacks %s", file)
		}
	}
	return c.sameBytes(ctx, KindJournal, key, func(l *lake.Lake) error { return l.MergeManifest(ctx, day, states) })
}

// checkManifestDays looks for days of the journal that have no manifest.
func (c *check) checkManifestDays(found *listing) {
	missing := map[string]bool{}
	for _, s := range c.journal.files {
		if day := s.Partition.DayString(); !slices.Contains(found.manifest, day) {
			missing[day] = true
		}
	}
	for _, day := range slices.Sorted(maps.Keys(missing)) {
		c.add(KindJournal, tableKey(manifestDir, day), "the file is missing, and the journal has changes of that day")
	}
}

// checkJournaled holds a touches file against the journal.
func (c *check) checkJournaled(p schema.Partition, bucket int, sum string, rows int64) {
	key := lake.TouchKey(p, bucket)
	gone, removed := c.journal.removed[key]
	switch said, ok := c.journal.files[key]; {
	case removed:
		c.add(KindJournal, key, "commit %d (%s) removed this file, and it is still there or back: run the same again", gone.commit, gone.cause)
	case !ok && c.journal.whole:
		c.add(KindJournal, key, "no commit made this file")
	case ok && said.SHA256 != sum:
		c.add(KindJournal, key, "it has the SHA-256 %s and %d rows; commit %d left it with %s and %d", sum, rows, said.Commit, said.SHA256, said.Rows)
	case ok && said.Rows != rows:
		c.add(KindJournal, key, "it has %d rows, and commit %d says %d", rows, said.Commit, said.Rows)
	}
}

// checkGone looks for files of the journal that are not there.
func (c *check) checkGone(found *listing) {
	for _, key := range slices.Sorted(maps.Keys(c.journal.files)) {
		s := c.journal.files[key]
		if _, ok := found.touches[s.Partition][s.Bucket]; !ok {
			c.add(KindMissing, key, "the file is missing; commit %d left it with %d rows", s.Commit, s.Rows)
		}
	}
}
