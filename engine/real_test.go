package engine

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
)

// Real logs, where there are some: every record of every trail object stands in
// the ledger, as counted by encoding/json.
func TestIngestRealLogs(t *testing.T) {
	logs := os.Getenv("KEYTRAIL_REAL_LOGS")
	if logs == "" {
		t.Skip("KEYTRAIL_REAL_LOGS names no directory of real trail objects")
	}
	l := newLake(t)
	rep := l.ingest(t, &Engine{}, logs)
	t.Logf("%+v", rep)
	records := map[string]int64{}
	for _, f := range files(t, logs) {
		if strings.HasSuffix(f, ".json.gz") {
			records[f] = countRecords(t, filepath.Join(logs, f))
		}
	}
	days, err := l.LedgerDays(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		entries, err := l.Ledger(context.Background(), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Status == lake.Done && e.Records != records[e.SourceObject] {
				t.Errorf("%s: %d records in the ledger, %d in the object", e.SourceObject, e.Records, records[e.SourceObject])
			}
			if e.Status == lake.Failed {
				t.Errorf("%s: %s", e.SourceObject, e.Error)
			}
			delete(records, e.SourceObject)
		}
	}
	for f := range records {
		t.Errorf("%s is not in the ledger", f)
	}
}

func countRecords(t *testing.T, path string) int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var object struct{ Records []json.RawMessage }
	if err := json.NewDecoder(gz).Decode(&object); err != nil {
		t.Fatal(err)
	}
	return int64(len(object.Records))
}
