package evidence

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/sample"
)

// place is a lake made of a small sample, and the logs, in directories.
type place struct{ logs, lake string }

func newPlace(t *testing.T) place {
	t.Helper()
	p := place{filepath.Join(t.TempDir(), "logs"), t.TempDir()}
	if _, err := sample.Write(t.Context(), sample.Options{Dir: p.logs, Events: 2000, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	p.ingest(t)
	return p
}

func (p place) ingest(t *testing.T) {
	t.Helper()
	e := engine.Engine{Lake: p.open(t)}
	if _, err := e.Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: openDir(t, p.logs)}}}); err != nil {
		t.Fatal(err)
	}
}

func (p place) open(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), openDir(t, p.lake))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func openDir(t *testing.T, path string) *dir.Store {
	t.Helper()
	s, err := dir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pack makes evidence of two of the three days.
func (p place) pack(t *testing.T) (path, sum string) {
	t.Helper()
	l := p.open(t)
	n, err := l.LastNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Commit(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "pack")
	m, sum, err := Write(t.Context(), path, l, Options{
		Tool: "keytrail test", Command: "keytrail report", From: "2026-03-02", To: "2026-03-03", Head: c.Head,
		Reports: []Report{{"report.html", func(w io.Writer) error {
			_, err := io.WriteString(w, "<p>report")
			return err
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Touches) == 0 || m.Objects == 0 {
		t.Fatalf("the pack is of %d touches files and %d logs", len(m.Touches), m.Objects)
	}
	return path, sum
}

func (p place) check(t *testing.T, pack string) *Checked {
	t.Helper()
	c, err := Check(t.Context(), pack, CheckOptions{
		Extract: func(path string) (lake.Store, error) { return dir.Open(path) },
		Lake:    p.open(t), Inputs: []Input{{Source: openDir(t, p.logs)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEvidenceHolds(t *testing.T) {
	p := newPlace(t)
	pack, sum := p.pack(t)
	c := p.check(t, pack)
	if c.Total != 0 || len(c.Notes) != 0 {
		t.Fatalf("problems %v, notes %v", c.Problems, c.Notes)
	}
	if c.ManifestSHA256 != sum || c.Touches != len(c.Manifest.Touches) || int64(c.Objects) != c.Manifest.Objects || c.Rows == 0 || c.Commits == 0 {
		t.Errorf("checked %+v", c)
	}

	again, sumAgain := p.pack(t)
	if sum != sumAgain {
		t.Error("a second pack has another manifest")
	}
	if a, b := tree(t, pack), tree(t, again); !slices.Equal(a, b) {
		t.Errorf("packs differ:\n%q\n%q", a, b)
	}
}

// Another copy of the lake, in another place, is the same lake.
func TestEvidenceOnACopy(t *testing.T) {
	p := newPlace(t)
	pack, _ := p.pack(t)
	copied := place{p.logs, filepath.Join(t.TempDir(), "copy")}
	if err := os.CopyFS(copied.lake, os.DirFS(p.lake)); err != nil {
		t.Fatal(err)
	}
	if c := copied.check(t, pack); c.Total != 0 {
		t.Error(c.Problems)
	}
}

// Every file of the pack, of the lake's days and of the logs matters, whichever byte of it
// changes.
func TestEvidenceFindsAnyByte(t *testing.T) {
	p := newPlace(t)
	pack, _ := p.pack(t)
	flipped := 0
	try := func(root, path string, at int) {
		t.Helper()
		whole := filepath.Join(root, path)
		data, err := os.ReadFile(whole)
		if err != nil {
			t.Fatal(err)
		}
		bad := slices.Clone(data)
		bad[at%len(bad)] ^= 1
		if err := os.WriteFile(whole, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := Check(t.Context(), pack, CheckOptions{
			Extract: func(path string) (lake.Store, error) { return dir.Open(path) },
			Lake:    p.open(t), Inputs: []Input{{Source: openDir(t, p.logs)}},
		})
		if err == nil && c.Total == 0 {
			t.Errorf("%s: byte %d changed, and nothing is said", path, at%len(bad))
		}
		flipped++
		if err := os.WriteFile(whole, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, f := range files(t, pack) {
		if f != manifestName { // its hash is the pack's name
			try(pack, f, 7*i)
		}
	}
	m := p.check(t, pack).Manifest
	for i, f := range m.Touches[:min(len(m.Touches), 12)] {
		try(p.lake, f.Path, 1001*i)
	}
	logs := files(t, p.logs)
	for i := 0; i < len(logs); i += len(logs)/12 + 1 {
		if !strings.HasSuffix(logs[i], ".json.gz") || !inPack(t, pack, logs[i]) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(p.logs, logs[i]))
		if err != nil {
			t.Fatal(err)
		}
		try(p.logs, logs[i], len(data)/2)
	}
	if flipped < 20 {
		t.Errorf("only %d bytes were tried", flipped)
	}
	if c := p.check(t, pack); c.Total != 0 {
		t.Error(c.Problems)
	}
}

func inPack(t *testing.T, pack, log string) bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(pack, "objects.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(data), log[strings.Index(log, "AWSLogs"):])
}

// Files that the manifest does not name are as wrong as those that are not there.
func TestEvidenceStrays(t *testing.T) {
	p := newPlace(t)
	pack, _ := p.pack(t)
	if err := os.WriteFile(filepath.Join(pack, "report-final.html"), []byte("better"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(pack, "journal.jsonl")); err != nil {
		t.Fatal(err)
	}
	c := p.check(t, pack)
	if c.Total != 2 || c.Problems[0].Where != "journal.jsonl" || c.Problems[1].Where != "report-final.html" {
		t.Error(c.Problems)
	}
}

// What came after the report is told apart from damage.
func TestEvidenceRestated(t *testing.T) {
	p := newPlace(t)
	all, some := files(t, p.logs), place{filepath.Join(t.TempDir(), "some"), t.TempDir()}
	for i, f := range all {
		if i%2 == 0 {
			link(t, p.logs, some.logs, f)
		}
	}
	some.ingest(t)
	pack, _ := some.pack(t)
	for _, f := range all {
		link(t, p.logs, some.logs, f)
	}
	some.ingest(t)
	c := some.check(t, pack)
	if c.Total == 0 {
		t.Fatal("the lake has moved on, and the evidence still holds")
	}
	for _, problem := range c.Problems {
		if !strings.Contains(problem.What, "after the report") {
			t.Errorf("%s: %s", problem.Where, problem.What)
		}
	}
}

func link(t *testing.T, from, to, name string) {
	t.Helper()
	target := filepath.Join(to, name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(from, name), target); err != nil && !errors.Is(err, fs.ErrExist) {
		t.Fatal(err)
	}
}

// Another lake of the same logs has other commits, if other runs made it: its files are
// the same, and the journal is not.
func TestEvidenceOfAnotherLake(t *testing.T) {
	p := newPlace(t)
	pack, _ := p.pack(t)
	time.Sleep(time.Millisecond) // a commit's time is to the microsecond
	other := place{p.logs, t.TempDir()}
	other.ingest(t)
	c := other.check(t, pack)
	if c.Total != 1 || c.Problems[0].Where != "lake" || c.Touches != len(c.Manifest.Touches) {
		t.Errorf("%d of %d files are the same; problems %v", c.Touches, len(c.Manifest.Touches), c.Problems)
	}
}

func TestEvidenceIsNotOverwritten(t *testing.T) {
	p := newPlace(t)
	pack, _ := p.pack(t)
	before := tree(t, pack)
	if _, _, err := Write(t.Context(), pack, p.open(t), Options{From: "2026-03-02", To: "2026-03-02"}); err == nil {
		t.Error("it was overwritten")
	}
	if !slices.Equal(before, tree(t, pack)) {
		t.Error("it was changed")
	}
}

// A report that fails leaves nothing behind.
func TestEvidenceWholeOrNotAtAll(t *testing.T) {
	p := newPlace(t)
	parent := t.TempDir()
	_, _, err := Write(t.Context(), filepath.Join(parent, "pack"), p.open(t), Options{
		From: "2026-03-02", To: "2026-03-03",
		Reports: []Report{{"report.html", func(io.Writer) error { return context.Canceled }}},
	})
	if err == nil {
		t.Error("no error")
	}
	if left := files(t, parent); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestManifestFromAStranger(t *testing.T) {
	for _, name := range []string{"../outside", "/etc/passwd", "a/../../b", "", ".", "manifest.json", `..\b`} {
		m := Manifest{Schema: Schema, Files: []File{{Path: name}}}
		data, err := m.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readManifest(data); err == nil && name != "." {
			t.Errorf("%q is taken for a file of the pack", name)
		}
	}
	for _, text := range []string{`{}`, `{"schema":"keytrail-evidence/2"}`, `{"schema":"keytrail-evidence/1","more":1}`, `{"schema":"keytrail-evidence/1"}{}`, `[]`} {
		if _, err := readManifest([]byte(text)); err == nil {
			t.Errorf("%s is taken for a manifest", text)
		}
	}
}

func files(t *testing.T, root string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		list = append(list, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// tree is the files below root with their content.
func tree(t *testing.T, root string) (list []string) {
	t.Helper()
	for _, f := range files(t, root) {
		data, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f+"\n"+string(data))
	}
	return list
}
