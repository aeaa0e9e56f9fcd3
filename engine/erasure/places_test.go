package erasure

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// A lake in a bucket forgets as one in a directory does, and others read what is left.
func TestForgetInPlaces(t *testing.T) {
	const v = "customer#1042"
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	inBucket, err := s3.Open(t.Context(), "s3://"+bucket+"/lake", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	inDir, err := dir.Create(root)
	if err != nil {
		t.Fatal(err)
	}
	src := memOf(t, trail(v))
	for _, into := range []lake.Store{inDir, inBucket} {
		e := engineOf(t, into)
		ingest(t, e, src)
		if into == inDir {
			before := census(t, root)
			defer func() {
				if after := census(t, root); before != after || after == "" {
					t.Errorf("by DuckDB, %s\nbecame %s", before, after)
				}
			}()
		}
		if into == inDir { // as a run that was killed an hour ago leaves it
			left := filepath.Join(root, "_keytrail", "tmp", "put-1")
			if err := os.WriteFile(left, []byte(v), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(left, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			defer func() {
				if _, err := os.Stat(left); !os.IsNotExist(err) {
					t.Errorf("what a killed run left is still there: %v", err)
				}
			}()
		}
		forgetNow(t, e, &Request{ID: "DSR-1", Asked: []Asked{{Values: []string{v}}}})
		if left := leaks(t, into, v); len(left) > 0 {
			t.Errorf("%s: still there: %q", into.URL(), left)
		}
		clean(t, into, src)
	}
	sameFiles(t, filesOf(t, inDir, "touches/"), filesOf(t, inBucket, "touches/"))
	if _, err := os.Stat(filepath.Join(root, "_keytrail", "forgotten.json")); err != nil {
		t.Error(err)
	}
}

// census counts rows by what stays of them, and wants none to have the value.
func census(t *testing.T, root string) string {
	t.Helper()
	from := fmt.Sprintf("read_parquet(%s, hive_partitioning = true, hive_types = {'day': DATE, 'table_name': VARCHAR})", ducktest.Quote(root+"/touches/**/*.parquet"))
	rows := ducktest.Query(t, "SELECT table_name, day::VARCHAR AS day, op, actor, outcome, event_name, count(*) AS n, min(event_time)::VARCHAR AS first FROM "+from+" GROUP BY ALL ORDER BY ALL")
	return fmt.Sprint(rows)
}
