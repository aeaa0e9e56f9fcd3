package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// corpusVersion changes whenever the same flags give other objects.
const corpusVersion = 1

// Corpus says what the objects are. It is written last, as corpus.json, so that a
// directory that has it is whole.
type Corpus struct {
	Version    int     `json:"version"`
	MB         int     `json:"mb"`
	Classes    []Class `json:"classes"`
	LeftOut    int64   `json:"left_out"`    // sample records of kinds that the peers' SQL does not know
	SHA256     string  `json:"sha256"`      // over all objects
	Records    int64   `json:"records"`     // copies included
	Foreign    int64   `json:"foreign"`     // of those, by services that are not DynamoDB
	Copies     int64   `json:"copies"`      // of those, delivered a second time
	Raw        int64   `json:"raw"`         // inflated bytes
	Compressed int64   `json:"compressed"`  // stored bytes
	TouchesMax int     `json:"touches_max"` // of one record
}

// Class is the objects of one size.
type Class struct {
	Name       string `json:"name"`
	ObjectSize int    `json:"object_size"` // what is aimed at, inflated
	Objects    int64  `json:"objects"`
	Records    int64  `json:"records"`
	Foreign    int64  `json:"foreign"`
	Copies     int64  `json:"copies"`
	Raw        int64  `json:"raw"`
	Compressed int64  `json:"compressed"`
}

func corpusCmd(args []string) error {
	flags := flag.NewFlagSet("corpus", flag.ExitOnError)
	keytrail := flags.String("keytrail", "", "the binary whose sample is regrouped")
	dir := flags.String("dir", "", "directory of the corpus; kept when it is whole")
	mb := flags.Int("mb", 250, "raw megabytes, about")
	flags.Parse(args)
	if c, err := loadCorpus(*dir); err == nil && c.Version == corpusVersion && c.MB == *mb {
		c.print()
		return nil
	}
	if err := os.RemoveAll(*dir); err != nil {
		return err
	}
	c, err := makeCorpus(*keytrail, *dir, *mb)
	if err != nil {
		return err
	}
	c.print()
	return nil
}

// makeCorpus writes a sample aside, reads its records, and deals them to objects
// of the wanted sizes.
func makeCorpus(keytrail, dir string, mb int) (*Corpus, error) {
	fmt.Fprintf(os.Stderr, "making a corpus of %d MB in %s\n", mb, dir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	aside := filepath.Join(dir, "sample")
	events := mb * 1_000_000 / 1890 // a record has 1.7 kB and a tenth comes twice
	cmd := exec.Command(keytrail, "sample", "--out", aside, "--events", strconv.Itoa(events), "--seed", "4")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("keytrail sample: %w", err)
	}
	c := &Corpus{Version: corpusVersion, MB: mb}
	streams, err := readSample(aside, c)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(aside); err != nil {
		return nil, err
	}
	if err := writeObjects(dir, streams, c); err != nil {
		return nil, err
	}
	if c.SHA256, err = hashTree(dir); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, err
	}
	return c, os.WriteFile(filepath.Join(dir, "corpus.json"), text, 0o666)
}

func loadCorpus(dir string) (*Corpus, error) {
	text, err := os.ReadFile(filepath.Join(dir, "corpus.json"))
	if err != nil {
		return nil, err
	}
	c := new(Corpus)
	return c, json.Unmarshal(text, c)
}

// only narrows the corpus to one class, or leaves it whole.
func (c *Corpus) only(name string) (*Corpus, error) {
	if name == "" {
		return c, nil
	}
	for _, cl := range c.Classes {
		if cl.Name == name {
			n := *c
			n.Classes = []Class{cl}
			n.Records, n.Foreign, n.Copies, n.Raw, n.Compressed = cl.Records, cl.Foreign, cl.Copies, cl.Raw, cl.Compressed
			return &n, nil
		}
	}
	return nil, errors.New("the corpus has no class " + name)
}

func (c *Corpus) print() {
	t := newTable("objects of", "objects", "records", "raw MB", "gzip MB", "ratio", "foreign", "copies")
	row := func(name string, objects, records, raw, gz, foreign, copies int64) {
		t.row(name, count(objects), count(records), f1(float64(raw)/1e6), f1(float64(gz)/1e6), f1(float64(raw)/float64(gz)),
			percent(foreign, records), percent(copies, records))
	}
	var objects int64
	for _, cl := range c.Classes {
		row(cl.Name, cl.Objects, cl.Records, cl.Raw, cl.Compressed, cl.Foreign, cl.Copies)
		objects += cl.Objects
	}
	row("all", objects, c.Records, c.Raw, c.Compressed, c.Foreign, c.Copies)
	t.print()
	fmt.Printf("corpus %s; %s records of the sample left out, of kinds that the peers' SQL does not know\n\n", c.SHA256[:16], count(c.LeftOut))
}

// hashTree hashes the contents of all objects, in the order of their names.
func hashTree(dir string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(h, f)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
