package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// race is what all contestants share.
type race struct {
	keytrail, duckdb, chdb string // binaries, and where npm installed chdb; "" when absent
	sql                    string // directory of the .sql files, beside them chdb/run.js
	root                   string // directory of the corpus
	corpus                 string // the same, or its one class that is raced
	scratch                string // where everything is written
	cores                  string // what taskset gets
	about                  *Corpus
}

// contestant is one program on one job.
type contestant struct {
	name   string
	start  func(out string) ([]string, string, error) // its command and standard input
	output string                                     // below out, what counts as its output
	rows   func(out string, stdout []byte) (int64, error)
	want   func(lakeRows int64) int64 // how many rows there must be
	runs   []usage
}

func (r *race) flags(name string, args []string) (*flag.FlagSet, func() error) {
	flags := flag.NewFlagSet(name, flag.ExitOnError)
	flags.StringVar(&r.keytrail, "keytrail", "", "the binary")
	flags.StringVar(&r.duckdb, "duckdb", "", "testdata/duckdb's binary; skipped when it does not exist")
	flags.StringVar(&r.chdb, "chdb", "", "node_modules that has chdb; skipped when it does not exist")
	flags.StringVar(&r.sql, "sql", "sql", "directory of the SQL")
	flags.StringVar(&r.root, "corpus", "", "directory made by bench corpus")
	flags.StringVar(&r.scratch, "scratch", "", "directory to write to")
	flags.StringVar(&r.cores, "cores", "0", "processors to run on, as taskset takes them")
	class := flags.String("class", "", "only the objects of this size: 1kB, 50kB, 6MB, 50MB")
	return flags, func() error {
		flags.Parse(args)
		about, err := loadCorpus(r.root)
		if err != nil {
			return err
		}
		if r.about, err = about.only(*class); err != nil {
			return err
		}
		r.corpus = filepath.Join(r.root, *class)
		if _, err := os.Stat(r.duckdb); err != nil {
			r.duckdb = ""
		}
		if _, err := os.Stat(filepath.Join(r.chdb, "chdb")); err != nil {
			r.chdb = ""
		}
		return os.MkdirAll(r.scratch, 0o777)
	}
}

func runCmd(args []string) error {
	var r race
	flags, parse := r.flags("run", args)
	rounds := flags.Int("rounds", 3, "times that everyone runs")
	if err := parse(); err != nil {
		return err
	}
	all := []*contestant{r.ours()}
	if r.duckdb == "" {
		fmt.Println("SKIPPED: DuckDB: its binary was not built (needs a C++ compiler)")
	} else {
		all = append(all, r.duckdbDoes("DuckDB, plain", "duckdb_plain.sql", false), r.duckdbDoes("DuckDB, same job", "duckdb_touches.sql", true))
	}
	switch {
	case r.chdb == "":
		fmt.Println("SKIPPED: ClickHouse: npm could not install chdb")
	case r.duckdb == "":
		fmt.Println("SKIPPED: ClickHouse: DuckDB is needed to count its rows")
	default:
		all = append(all, r.clickhouseDoes("ClickHouse, plain", "clickhouse_plain.sql", false), r.clickhouseDoes("ClickHouse, same job", "clickhouse_touches.sql", true))
	}
	if c := r.inflateOnly(); c != nil {
		all = append(all, c)
	} else {
		fmt.Println("SKIPPED: inflate only: no libdeflate-gunzip (apt-get install libdeflate-tools)")
	}
	var problems []string
	for round := range *rounds {
		for _, c := range all {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, *rounds, c.name)
			u, err := r.measure(c)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.runs = append(c.runs, u)
			if want := c.want(all[0].runs[0].rows); u.rows != want {
				problems = append(problems, fmt.Sprintf("%s has %d rows, and should have %d", c.name, u.rows, want))
			}
		}
	}
	r.report(all)
	if len(problems) > 0 {
		slices.Sort(problems)
		return errors.New("row counts disagree:\n  " + strings.Join(slices.Compact(problems), "\n  "))
	}
	return nil
}

// measure runs c once into an empty directory.
func (r *race) measure(c *contestant) (usage, error) {
	out := filepath.Join(r.scratch, "out")
	if err := os.RemoveAll(out); err != nil {
		return usage{}, err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(out)
	argv, stdin, err := c.start(out)
	if err != nil {
		return usage{}, err
	}
	u, stdout, err := r.pinned(argv, stdin)
	if err != nil {
		return u, err
	}
	if u.output, err = treeSize(filepath.Join(out, c.output)); err != nil {
		return u, err
	}
	u.rows, err = c.rows(out, stdout)
	return u, err
}

// ours is keytrail. Its own count of rows is held against DuckDB's, and the
// records it read against the corpus.
func (r *race) ours() *contestant {
	return &contestant{
		name: "keytrail", output: "touches",
		start: func(out string) ([]string, string, error) {
			argv := []string{r.keytrail, "ingest", "--lake", out, "--json"}
			for _, cl := range r.about.Classes {
				argv = append(argv, filepath.Join(r.root, cl.Name))
			}
			return argv, "", nil
		},
		rows: func(out string, stdout []byte) (int64, error) {
			var rep struct {
				Records, Quarantined int64
				RowsAdded            int64 `json:"rows_added"`
				ObjectsFailed        int64 `json:"objects_failed"`
			}
			if err := json.Unmarshal(stdout, &rep); err != nil {
				return 0, err
			}
			if rep.Records != r.about.Records || rep.Quarantined+rep.ObjectsFailed > 0 {
				return 0, fmt.Errorf("read %d of %d records; %d in quarantine, %d objects failed", rep.Records, r.about.Records, rep.Quarantined, rep.ObjectsFailed)
			}
			if r.duckdb != "" {
				n, err := r.countRows(filepath.Join(out, "touches"))
				if err != nil {
					return 0, err
				}
				if n != rep.RowsAdded {
					return 0, fmt.Errorf("says it wrote %d rows; DuckDB reads %d", rep.RowsAdded, n)
				}
			}
			return rep.RowsAdded, nil
		},
		want: func(lakeRows int64) int64 { return lakeRows },
	}
}
