package engine

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// journaled holds the journal against the lake: its entries are a chain, what each
// says a file was is what the one before left, their end is the manifest and the
// files, and whichever object has rows in a partition is named by a change of it.
func (p *placed) journaled(t *testing.T) []lake.Commit {
	t.Helper()
	now, rows := map[string]string{}, map[string]int64{}
	causes := map[string]map[string]bool{} // by partition
	var all []lake.Commit
	var before lake.Head
	numbers, err := p.Journal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		c, err := p.Commit(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if n != before.Number+1 || c.Previous != before.SHA256 {
			t.Errorf("commit %d follows %q, and the one before is %v", n, c.Previous, before)
		}
		for _, h := range c.Changes {
			key := lake.TouchKey(h.Partition, h.Bucket)
			if h.OldSHA256 != now[key] || h.RowsBefore != rows[key] {
				t.Errorf("commit %d: %s was %q with %d rows, and is now said to have been %q with %d, and to be %q",
					n, key, now[key], rows[key], h.OldSHA256, h.RowsBefore, h.NewSHA256)
			}
			if len(h.SourceObjects) == 0 || !slices.IsSorted(h.SourceObjects) {
				t.Errorf("commit %d: %s was changed by %q", n, key, h.SourceObjects)
			}
			now[key], rows[key] = h.NewSHA256, h.Rows
			folder := filepath.Dir(key)
			if causes[folder] == nil {
				causes[folder] = map[string]bool{}
			}
			for _, name := range h.SourceObjects {
				causes[folder][name] = true
			}
		}
		before, all = c.Head, append(all, c)
	}
	sameFiles(t, p.touches(t), now)
	p.manifested(t, now, rows)
	p.caused(t, causes)
	return all
}

// manifested holds the manifest against the files and rows that are said to be.
func (p *placed) manifested(t *testing.T, now map[string]string, rows map[string]int64) {
	t.Helper()
	days, err := p.ManifestDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, day := range days {
		states, err := p.Manifest(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			n++
			if key := lake.TouchKey(s.Partition, s.Bucket); s.SHA256 != now[key] || s.Rows != rows[key] {
				t.Errorf("manifest: %s is %q with %d rows; want %q with %d", key, s.SHA256, s.Rows, now[key], rows[key])
			}
		}
	}
	if n != len(now) {
		t.Errorf("the manifest has %d files, the lake %d", n, len(now))
	}
}

// caused looks for rows of objects that no change of their partition names.
func (p *placed) caused(t *testing.T, causes map[string]map[string]bool) {
	t.Helper()
	err := p.TouchFiles(t.Context(), "", "", "", func(tf lake.TouchFile) error {
		f, err := p.OpenTouches(t.Context(), tf.Partition, tf.Bucket)
		if err != nil {
			return err
		}
		defer f.Close()
		file, err := parquetio.Open(f, f.Info().Size)
		if err != nil {
			return err
		}
		for src := (heldSource{file: file}); ; {
			b, err := src.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			for i := range b.Len {
				if name := b.Texts[tallied.object].Value(i); !causes[filepath.Dir(tf.Info.Key)][name] {
					return fmt.Errorf("%s has rows of %s, and no commit says why", tf.Info.Key, name)
				}
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// Objects that come late are named by the commit that they changed a file by, and
// a run with nothing new makes no commit.
func TestJournalOfLateObjects(t *testing.T) {
	logs := makeOddSample(t, 200)
	objects := files(t, logs)
	source := openSource(t, logs)
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	early := objects[:len(objects)-3]
	l.run(t, &Engine{}, only{source, early})
	if n := len(l.journaled(t)); n != 1 {
		t.Fatalf("%d commits of one run", n)
	}
	head := l.run(t, &Engine{}, source).Journal
	all := l.journaled(t)
	if len(all) != 2 || all[1].Head != head {
		t.Fatalf("%d commits, the head is %v", len(all), head)
	}
	restated := 0
	for _, h := range all[1].Changes {
		if h.OldSHA256 != "" {
			restated++
		}
		for _, name := range h.SourceObjects {
			if slices.ContainsFunc(early, func(key string) bool { return strings.HasSuffix(key, name) }) {
				t.Errorf("%s was there before the commit that is said to be its doing", name)
			}
		}
	}
	if restated == 0 {
		t.Error("no file that was there has changed: the sample has no late objects among its last three")
	}
	if again := l.run(t, &Engine{}, source).Journal; again != head {
		t.Errorf("a run with nothing to do left %v, not %v", again, head)
	}
}

// A run that is stopped between its puts and its journal leaves the recording to
// the next, also when an entry is there that the manifest does not have yet.
func TestJournalAfterInterruption(t *testing.T) {
	logs := makeOddSample(t, 200)
	source := openSource(t, logs)
	for _, at := range []string{stepMerged, stepBeside, stepJournal} {
		l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
		half := files(t, logs)
		half = half[:len(half)/2]
		l.run(t, &Engine{}, only{source, half})
		r := &deadRun{Source: logs, Lake: l.store.URL(), Objects: files(t, logs), Jobs: 2, SpillAt: 1, Step: at, Nth: 1}
		if !r.start(t) {
			t.Fatalf("the run never came to %q", at)
		}
		l.finish(t, logs)
		if n := len(l.journaled(t)); n != 2 {
			t.Errorf("killed at %q: %d commits; want 2", at, n)
		}
	}
}
