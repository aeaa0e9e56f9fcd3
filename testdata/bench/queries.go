package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// past is what the lake that is asked was made from.
type past struct {
	Days    int   `json:"days"`
	Tables  int   `json:"tables"`
	Touches int64 `json:"touches"` // at least
}

// library is a lake, and all who are asked about it.
type library struct {
	far
	past
	dir  string // of the objects and of the lake
	warm string // the binary that asks keytrail's library more than once
}

var pastStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// queriesCmd asks keytrail and DuckDB the same questions of the same files.
func queriesCmd(args []string) error {
	var l library
	flags := flag.NewFlagSet("queries", flag.ExitOnError)
	server := flags.String("s3server", "", "testdata/s3server's binary; a bucket is not asked when it does not exist")
	flags.StringVar(&l.keytrail, "keytrail", "", "the binary")
	flags.StringVar(&l.warm, "warm", "", "testdata/warm's binary")
	flags.StringVar(&l.duckdb, "duckdb", "", "testdata/duckdb's binary")
	flags.StringVar(&l.dir, "dir", "", "directory of the objects and the lake; kept")
	flags.StringVar(&l.scratch, "scratch", "", "directory to write to")
	flags.StringVar(&l.cores, "cores", "0", "processors of those who answer")
	flags.IntVar(&l.rounds, "rounds", 3, "times that everything is asked, after one time that does not count")
	flags.IntVar(&l.Days, "days", 90, "days that the lake has")
	flags.IntVar(&l.Tables, "tables", 12, "tables, each with calls on every day")
	flags.Int64Var(&l.past.Touches, "touches", 20_000_000, "touches that the lake has, at least")
	flags.Parse(args)
	if err := l.make(); err != nil {
		return err
	}
	questions, err := l.questions()
	if err != nil {
		return err
	}
	if err := l.askDirectory(questions); err != nil {
		return err
	}
	if _, err := os.Stat(*server); err != nil {
		fmt.Println("SKIPPED: the same in a bucket: the S3 server was not built")
		return nil
	}
	return l.askBucket(*server, questions)
}

func (l *library) trail() string   { return filepath.Join(l.dir, "trail") }
func (l *library) lake() string    { return filepath.Join(l.dir, "lake") }
func (l *library) touches() string { return filepath.Join(l.lake(), "touches") }

// make makes the objects and the lake, unless they are there.
func (l *library) make() error {
	if !whole(l.trail(), l.past) {
		if err := begin(l.trail()); err != nil {
			return err
		}
		if err := os.MkdirAll(l.dir, 0o777); err != nil {
			return err
		}
		events := l.past.Touches * 5 / 6 // an event gives 1.22 touches
		cmd := exec.Command(l.keytrail, "sample", "--out", l.trail(), "--start", pastStart.Format(time.DateOnly), "--days", strconv.Itoa(l.Days),
			"--tables", strconv.Itoa(l.Tables), "--events", strconv.FormatInt(events, 10))
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("keytrail sample: %w", err)
		}
		if err := finish(l.trail(), l.past); err != nil {
			return err
		}
	}
	if whole(l.lake(), l.past) {
		return nil
	}
	if err := begin(l.lake()); err != nil {
		return err
	}
	cmd := exec.Command(l.keytrail, "ingest", l.trail(), "--lake", l.lake(), "--temp-dir", l.dir)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("keytrail ingest: %w", err)
	}
	return finish(l.lake(), l.past)
}
