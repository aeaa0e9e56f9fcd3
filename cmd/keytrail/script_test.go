package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs testdata/script/*.txtar against the built binary. A script
// makes its input with mkobject, so that no broken file is committed:
//
//	mkobject KIND FILE       an object of one of the kinds in objects_test.go
//	mktrail DIR KEYS         a trail with signed digests, and its public keys; see trail_test.go
//	exits STATUS CMD ARG...  run a command; its status must be STATUS
//	sql QUERY                ask DuckDB; rows to stdout, columns separated by |
//	treesum DIR [PATTERN]    to stdout: SHA-256 and path of each file under DIR
//	treestat DIR             to stdout: path and modification time of each
//	s3stub STATUS CODE TEXT  start an S3 server that answers all with this error
//	s3put BUCKET DIR         put the files under DIR into a bucket (s3script only)
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts("testdata/script", nil))
}

// scripts says how to run the scripts in dir; setup may add to their environment.
func scripts(dir string, setup func(*testscript.Env)) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(builtBinary)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			// No test may go looking for credentials on the network.
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			if setup != nil {
				setup(env)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "duckdb": // where it must be there, the tests in duckdb_test.go fail without it
				_, err := ducktest.Run(context.Background(), "SELECT 1")
				return err == nil, nil
			default:
				return false, fmt.Errorf("unknown condition %q", cond)
			}
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mkobject": cmdMkobject,
			"exits":    cmdExits,
			"sql":      cmdSQL,
			"treesum":  cmdTreesum,
			"treestat": cmdTreestat,
			"s3stub":   cmdS3Stub,
			"s3put":    cmdS3Put,
			"mktrail":  cmdMktrail,
		},
	}
}

// cmdExits checks the exit status, and that a failure is told in plain words.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS CMD ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	stderr := ts.ReadFile("stderr")
	if got != want {
		ts.Fatalf("exit status %d, want %d\nstdout: %s\nstderr: %s", got, want, ts.ReadFile("stdout"), stderr)
	}
	if strings.Contains(stderr, "goroutine ") || strings.Contains(stderr, "panic:") {
		ts.Fatalf("a stack trace on stderr:\n%s", stderr)
	}
	if lines := strings.Count(stderr, "\n"); (want == 1 || want == 2) && lines != 1 {
		ts.Fatalf("%d lines on stderr, want one that says what to do:\n%s", lines, stderr)
	}
}

// cmdSQL is for the end of a script, after "[!duckdb] stop".
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sql QUERY")
	}
	rows, err := ducktest.Run(context.Background(), "SET file_search_path = "+ducktest.Quote(ts.Getenv("WORK"))+";\nSELECT concat_ws('|', *COLUMNS(*)) AS line FROM ("+args[0]+")")
	ts.Check(err)
	for _, row := range rows {
		fmt.Fprintln(ts.Stdout(), row["line"])
	}
}

func cmdTreesum(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: treesum DIR [PATTERN]")
	}
	for _, path := range treeFiles(ts, args[0]) {
		if len(args) == 2 && !strings.Contains(path, args[1]) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(ts.MkAbs(args[0]), path))
		ts.Check(err)
		fmt.Fprintf(ts.Stdout(), "%x %s\n", sha256.Sum256(text), path)
	}
}

func cmdTreestat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: treestat DIR")
	}
	for _, path := range treeFiles(ts, args[0]) {
		info, err := os.Stat(filepath.Join(ts.MkAbs(args[0]), path))
		ts.Check(err)
		fmt.Fprintf(ts.Stdout(), "%s %d\n", path, info.ModTime().UnixNano())
	}
}

// treeFiles lists the files under dir, as sorted paths relative to it.
func treeFiles(ts *testscript.TestScript, dir string) []string {
	root := os.DirFS(ts.MkAbs(dir))
	var paths []string
	ts.Check(fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	}))
	sort.Strings(paths)
	return paths
}
