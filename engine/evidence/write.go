package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Options say what a pack is about.
type Options struct {
	Tool, Command string
	From, To      string // event days, both included
	// Head is the state that the report was made from.
	Head lake.Head
	// Reports are the files of the report.
	Reports []Report
}

// Report is a file to be written into the pack.
type Report struct {
	Path  string // in the pack, "/"-separated
	Write func(io.Writer) error
}

// ErrChanging says that the lake is not what the report was made from any more.
var ErrChanging = errors.New("the lake changed while the evidence was put together, by an ingest probably: make the report again")

// Write makes a pack in dir, which must not exist or be empty, and returns its manifest
// with the SHA-256 of that, which names the pack. It appears whole or not at all.
func Write(ctx context.Context, dir string, l *lake.Lake, o Options) (m *Manifest, sum string, err error) {
	if err := vacant(dir); err != nil {
		return nil, "", err
	}
	aside, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".evidence-*")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(aside) // after the rename it is not there
	w := &writer{dir: aside, lake: l, Options: o}
	if err := w.pack(ctx); err != nil {
		return nil, "", err
	}
	if err := os.Chmod(aside, 0o755); err != nil {
		return nil, "", err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, "", err
	}
	return &w.manifest, w.sum, os.Rename(aside, dir)
}

// vacant refuses a place where something is.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty: evidence is not overwritten; name a new directory", dir)
	}
	return nil
}

// writer is one call of Write.
type writer struct {
	Options
	dir      string
	lake     *lake.Lake
	manifest Manifest
	sum      string // of the manifest
	excerpt
}

// pack writes everything, the manifest last.
func (w *writer) pack(ctx context.Context) error {
	w.manifest = Manifest{Schema: Schema, Tool: w.Tool, Command: w.Command, From: w.From, To: w.To, Journal: w.Head}
	days, err := daysBetween(w.From, w.To)
	if err != nil {
		return err
	}
	if w.manifest.Touches, err = readManifests(ctx, w.lake, days); err != nil {
		return err
	}
	if err := w.readJournal(ctx, w.lake, w.Head, w.From, w.To); err != nil {
		return err
	}
	for _, r := range w.Reports {
		if err := w.file(r.Path, r.Write); err != nil {
			return err
		}
	}
	if err := w.file("journal.jsonl", w.writeChanges); err != nil {
		return err
	}
	deliveryDays := w.deliveryDays(days)
	if err := w.file("objects.jsonl", func(out io.Writer) error { return w.writeObjects(ctx, deliveryDays, out) }); err != nil {
		return err
	}
	from := w.first
	if from == 0 { // nothing ever came of those days: the head alone says so
		from = w.Head.Number
	}
	keys, err := w.lake.Extract(ctx, from, days, deliveryDays)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := w.file("lake/"+key, func(out io.Writer) error { return w.lake.Copy(ctx, key, out) }); err != nil {
			return err
		}
	}
	return w.close(ctx)
}

// close writes the manifest, if the lake is still what it was.
func (w *writer) close(ctx context.Context) error {
	last, err := w.lake.LastNumber(ctx)
	if err != nil {
		return err
	}
	if last != w.Head.Number {
		return ErrChanging
	}
	slices.SortFunc(w.manifest.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	w.manifest.Objects = int64(len(w.objects))
	data, err := w.manifest.encode()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	w.sum = hex.EncodeToString(sum[:])
	return os.WriteFile(filepath.Join(w.dir, manifestName), data, 0o644)
}

// readManifests are the touches files of some days, as a lake's manifests have them.
func readManifests(ctx context.Context, l *lake.Lake, days []string) ([]TouchesFile, error) {
	files := []TouchesFile{}
	for _, day := range days {
		states, err := l.Manifest(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			files = append(files, TouchesFile{lake.TouchKey(s.Partition, s.Bucket), s.SHA256, s.Rows, s.Commit})
		}
	}
	slices.SortFunc(files, func(a, b TouchesFile) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// deliveryDays are those of the logs that have rows in the period, and those on which
// logs of the period are delivered as a rule, read or not.
func (w *writer) deliveryDays(days []string) []string {
	all := map[string]bool{}
	for _, d := range days {
		all[d] = true
	}
	if after, err := schema.ParseDay(w.To); err == nil {
		all[schema.DayString(after+1)] = true
	}
	for name := range w.objects {
		all[object.ParseKey(name).Day] = true
	}
	var list []string
	for d := range all {
		list = append(list, d)
	}
	slices.Sort(list)
	return list
}

// file writes one file of the pack and notes its hash.
func (w *writer) file(name string, write func(io.Writer) error) error {
	to := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<16)
	if err := cmp.Or(write(out), out.Flush(), f.Sync()); err != nil {
		return fmt.Errorf("write %s: %w", name, errors.Join(err, f.Close()))
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w.manifest.Files = append(w.manifest.Files, File{name, info.Size(), hex.EncodeToString(sum.Sum(nil))})
	return f.Close()
}

// changeLine is a line of journal.jsonl.
type changeLine struct {
	Commit     int64     `json:"commit"`
	At         time.Time `json:"committed_at"`
	SHA256     string    `json:"sha256"`
	Previous   string    `json:"previous_sha256"`
	File       string    `json:"file"`
	OldSHA256  string    `json:"old_sha256"`
	NewSHA256  string    `json:"new_sha256"`
	RowsBefore int64     `json:"rows_before"`
	Rows       int64     `json:"rows"`
	Objects    int       `json:"objects"`
}

func (w *writer) writeChanges(out io.Writer) error {
	for i := range w.changes {
		if err := jsonLine(out, &w.changes[i]); err != nil {
			return err
		}
	}
	return nil
}

// objectLine is a line of objects.jsonl.
type objectLine struct {
	Source   string    `json:"source"`
	Object   string    `json:"source_object"`
	ETag     string    `json:"etag"`
	Bytes    int64     `json:"size"`
	Inflated int64     `json:"inflated_bytes"`
	SHA256   string    `json:"sha256"` // of the inflated bytes, as CloudTrail's digests state it
	Records  int64     `json:"records"`
	Touches  int64     `json:"touches"`
	First    time.Time `json:"first_event_time"`
	Last     time.Time `json:"last_event_time"`
	Verdict  string    `json:"digest_verdict"` // empty: nobody has asked
}

// writeObjects writes what the ledger has on the logs with rows in the period.
func (w *writer) writeObjects(ctx context.Context, days []string, out io.Writer) error {
	return eachObject(ctx, w.lake, days, w.objects, func(e *lake.Entry) error {
		return jsonLine(out, &objectLine{
			e.Source, e.SourceObject, e.ETag, e.Size, e.InflatedBytes, e.SHA256, e.Records, e.Touches,
			e.FirstEventTime, e.LastEventTime, e.DigestVerdict,
		})
	})
}

// eachObject calls fn with what the ledger has as done of some objects.
func eachObject(ctx context.Context, l *lake.Lake, days []string, objects map[string]struct{}, fn func(*lake.Entry) error) error {
	has, err := l.LedgerDays(ctx)
	if err != nil {
		return err
	}
	for _, day := range has {
		if !slices.Contains(days, day) {
			continue
		}
		err := l.EachLedgerEntry(ctx, day, func(e lake.Entry) error {
			if _, ok := objects[e.SourceObject]; !ok || e.Status != lake.Done {
				return nil
			}
			return fn(&e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func jsonLine(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(bytes.TrimSpace(data), '\n'))
	return err
}

func daysBetween(from, to string) (days []string, err error) {
	first, err := schema.ParseDay(from)
	if err != nil {
		return nil, err
	}
	last, err := schema.ParseDay(to)
	if err != nil {
		return nil, err
	}
	for d := first; d <= last; d++ {
		days = append(days, schema.DayString(d))
	}
	return days, nil
}
