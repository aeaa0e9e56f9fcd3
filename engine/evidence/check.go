package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// CheckOptions say what a pack is held against, beside itself.
type CheckOptions struct {
	// Extract opens the part of a lake that a pack has, in a directory.
	Extract func(dir string) (lake.Store, error)
	Lake    *lake.Lake // nil: none is at hand
	Inputs  []Input    // where the logs lie; none: not at hand
	// Progress is called, if it is set, as touches files and logs are done, of so many.
	Progress func(done, all int)
}

// Checked is what came of a check.
type Checked struct {
	Manifest       *Manifest `json:"manifest"`
	ManifestSHA256 string    `json:"manifest_sha256"` // names the pack
	Files          int       `json:"files"`           // of the pack, checked
	Commits        int       `json:"commits"`         // of the journal in the pack, that follow from each other
	Touches        int       `json:"touches_files"`   // of the lake, checked: 0 without one
	Rows           int64     `json:"rows"`            // in them
	Objects        int       `json:"objects"`         // logs checked: 0 without a source
	// Verdicts counts the logs by what CloudTrail's digests say of them; "" nobody has asked.
	Verdicts map[string]int `json:"digest_verdicts"`
	Problems []Problem      `json:"problems"` // [MaxProblems] at most
	Total    int            `json:"total"`    // problems
	// Notes are what was not checked.
	Notes []string `json:"notes"`
}

// MaxProblems bounds what is told one by one.
const MaxProblems = 1000

// Problem is a thing that is not as the pack says.
type Problem struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// checker is one call of Check.
type checker struct {
	CheckOptions
	Checked
	dir     string
	extract *lake.Lake
	excerpt
}

func (c *checker) problem(where, format string, a ...any) {
	if c.Total++; len(c.Problems) < MaxProblems {
		c.Problems = append(c.Problems, Problem{where, fmt.Sprintf(format, a...)})
	}
}

// Check holds a pack against itself, and against the lake and the logs where they are at
// hand. What does not hold is among the problems; an error means that something could not
// be read.
func Check(ctx context.Context, dir string, o CheckOptions) (*Checked, error) {
	c := &checker{CheckOptions: o, dir: dir}
	c.Verdicts, c.Problems, c.Notes = map[string]int{}, []Problem{}, []string{}
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, fmt.Errorf("no evidence there: %w", err)
	}
	sum := sha256.Sum256(data)
	c.ManifestSHA256 = hex.EncodeToString(sum[:])
	if c.Manifest, err = readManifest(data); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestName, err)
	}
	defer func() {
		slices.SortStableFunc(c.Problems, func(a, b Problem) int { return strings.Compare(a.Where, b.Where) })
	}()
	if err := c.files(); err != nil {
		return nil, err
	}
	if c.Total > 0 {
		c.Notes = append(c.Notes, "the pack is damaged, so the lake and the logs were not held against it")
		return &c.Checked, nil
	}
	if err := c.chain(ctx); err != nil {
		return nil, err
	}
	if err := c.lakeFiles(ctx); err != nil {
		return nil, err
	}
	return &c.Checked, c.logs(ctx)
}

// files checks that the pack has the files of its manifest, and no others.
func (c *checker) files() error {
	want := map[string]File{}
	for _, f := range c.Manifest.Files {
		want[f.Path] = f
	}
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(c.dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		f, ok := want[name]
		delete(want, name)
		switch {
		case name == manifestName:
			return nil
		case !ok:
			c.problem(name, "the manifest does not name it")
			return nil
		case !d.Type().IsRegular():
			c.problem(name, "it is no plain file")
			return nil
		}
		c.Files++
		return c.file(path, f)
	})
	for _, f := range c.Manifest.Files {
		if _, missing := want[f.Path]; missing {
			c.problem(f.Path, "it is missing")
		}
	}
	return err
}

func (c *checker) file(path string, want File) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	got, n, err := hashOf(f)
	if err != nil {
		return err
	}
	if got != want.SHA256 {
		c.problem(want.Path, "it has %d bytes and the SHA-256 %s; the manifest says %d and %s", n, got, want.Bytes, want.SHA256)
	}
	return nil
}

func hashOf(r io.Reader) (sum string, n int64, err error) {
	h := sha256.New()
	n, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// chain follows the journal in the pack to its head, and holds the list of touches files
// against what it leaves.
func (c *checker) chain(ctx context.Context) error {
	store, err := c.Extract(filepath.Join(c.dir, "lake"))
	if err != nil {
		return err
	}
	if c.extract, err = lake.Open(ctx, store); err != nil {
		return err
	}
	err = c.readJournal(ctx, c.extract, c.Manifest.Journal, c.Manifest.From, c.Manifest.To)
	if errors.Is(err, errChain) || errors.Is(err, lake.ErrCorrupt) {
		c.problem("lake/_keytrail/journal", "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	numbers, err := c.extract.Journal(ctx)
	if err != nil {
		return err
	}
	c.Commits = len(numbers)
	days, err := daysBetween(c.Manifest.From, c.Manifest.To)
	if err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	listed, err := readManifests(ctx, c.extract, days)
	if err != nil {
		return err
	}
	if !slices.Equal(listed, c.Manifest.Touches) {
		c.problem(manifestName, "its list of touches files is not the one that the lake's manifest had")
	}
	c.against(listed)
	return nil
}

// against holds a list of touches files against what the journal left.
func (c *checker) against(listed []TouchesFile) {
	for _, f := range listed {
		last := c.states[f.Path]
		delete(c.states, f.Path)
		if last.NewSHA256 != f.SHA256 || last.Rows != f.Rows || last.Commit != f.Commit {
			c.problem(f.Path, "commit %d left it as %s with %d rows, and the list has it as %s with %d", last.Commit, last.NewSHA256, last.Rows, f.SHA256, f.Rows)
		}
	}
	for path, last := range c.states {
		if last.NewSHA256 != "" { // a file that was pruned is in no list
			c.problem(path, "commit %d left it with %d rows, and the list lacks it", last.Commit, last.Rows)
		}
	}
}

// lakeFiles reads the touches files of the lake at hand.
func (c *checker) lakeFiles(ctx context.Context) error {
	if c.Lake == nil {
		c.Notes = append(c.Notes, "no lake was named: that its touches files are those of the report was not checked (--lake)")
		return nil
	}
	var later excerpt
	if err := c.samePast(ctx, &later); err != nil {
		return err
	}
	for i, f := range c.Manifest.Touches {
		if c.Progress != nil {
			c.Progress(i, len(c.Manifest.Touches))
		}
		if err := c.touchesFile(ctx, f, &later); err != nil {
			return err
		}
	}
	return nil
}

// samePast finds out whether the lake's journal goes through the pack's head, and reads
// what it says after it.
func (c *checker) samePast(ctx context.Context, later *excerpt) error {
	head := c.Manifest.Journal
	if head.Number == 0 {
		return nil
	}
	commit, err := c.Lake.Commit(ctx, head.Number)
	switch {
	case errors.Is(err, object.ErrNotExist), errors.Is(err, lake.ErrCorrupt):
		c.problem("lake", "its journal has no sound entry %d, at which the report was made: %v", head.Number, err)
		return nil
	case err != nil:
		return err
	case commit.SHA256 != head.SHA256:
		c.problem("lake", "entry %d of its journal has the SHA-256 %s; the report was made at %s", head.Number, commit.SHA256, head.SHA256)
		return nil
	}
	last, err := c.Lake.LastNumber(ctx)
	if err != nil {
		return err
	}
	later.states = map[string]changeLine{}
	later.objects = map[string]struct{}{}
	for n := head.Number + 1; n <= last; n++ {
		commit, err := c.Lake.Commit(ctx, n)
		if err != nil {
			return err
		}
		later.add(&commit, c.Manifest.From, c.Manifest.To)
	}
	return nil
}

func (c *checker) touchesFile(ctx context.Context, f TouchesFile, later *excerpt) error {
	sum := sha256.New()
	err := c.Lake.Copy(ctx, f.Path, sum)
	got := hex.EncodeToString(sum.Sum(nil))
	since, changed := later.states[f.Path]
	switch {
	case errors.Is(err, object.ErrNotExist) && changed && since.NewSHA256 == "":
		c.problem(f.Path, "commit %d of %s removed it, after the report", since.Commit, since.At.Format("2006-01-02"))
	case errors.Is(err, object.ErrNotExist):
		c.problem(f.Path, "the lake does not have it")
	case err != nil:
		return err
	case got == f.SHA256:
		c.Touches++
		c.Rows += f.Rows
	case changed && got == since.NewSHA256:
		c.problem(f.Path, "commit %d of %s changed it from %d rows to %d, after the report: \"keytrail verify --since %s\" tells why",
			since.Commit, since.At.Format("2006-01-02"), f.Rows, since.Rows, c.Manifest.Journal)
	default:
		c.problem(f.Path, "it has the SHA-256 %s; the report was made from %s", got, f.SHA256)
	}
	return nil
}

// names are a few names of many.
func names(all []string) string {
	const few = 3
	if len(all) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:few], ", "), len(all)-few)
	}
	return strings.Join(all, ", ")
}
