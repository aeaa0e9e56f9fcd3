package engine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPlaceOf(t *testing.T) {
	for _, c := range []struct {
		prefix string
		want   place
	}{
		{"AWSLogs/", place{}},
		{"AWSLogs/o-abc123def4/", place{}},
		{"AWSLogs/111122223333/", place{}},
		{"AWSLogs/111122223333/CloudTrail/", place{}},
		{"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/", place{}},
		{"AWSLogs/111122223333/Config/", place{foreign: true}},
		{"AWSLogs/o-abc123def4/111122223333/elasticloadbalancing/eu-west-1/2026/", place{foreign: true}},
		{"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/", place{from: "2026-01-01", to: "2026-12-31"}},
		{"a/b/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/", place{from: "2026-03-01", to: "2026-03-31"}},
		{"AWSLogs/o-abc123def4/111122223333/CloudTrail-Insight/eu-west-1/2026/03/09/", place{day: "2026-03-09", from: "2026-03-09", to: "2026-03-09"}},
		{"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/13/", place{}},
		{"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/09/more/", place{from: "2026-03-09", to: "2026-03-09"}},
		{"AWSLogs/111122223333/CloudTrail/eu-west-1/backup/", place{}},
		{"downloads/2026/03/", place{}},
		{"AWSLogs/x/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/", place{from: "2026-01-01", to: "2026-12-31"}},
	} {
		if got := placeOf(c.prefix); got != c.want {
			t.Errorf("placeOf(%q) = %+v, want %+v", c.prefix, got, c.want)
		}
	}
}

func TestCheckDays(t *testing.T) {
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"", "", true}, {"2026-03-01", "", true}, {"", "2026-03-01", true}, {"2026-03-01", "2026-03-01", true},
		{"2026-03-02", "2026-03-01", false}, {"2026-3-2", "", false}, {"", "yesterday", false}, {"2026-02-30", "", false},
	} {
		if err := checkDays(c.from, c.to); (err == nil) != c.ok {
			t.Errorf("checkDays(%q, %q) = %v", c.from, c.to, err)
		}
	}
}

// Folders of other services are one line of the ledger each, however much is in
// them, and known the next time.
func TestIngestForeignFolders(t *testing.T) {
	logs, l := t.TempDir(), newLake(t)
	for _, name := range []string{"Config/eu-west-1/2026/1/5/a.json.gz", "Config/eu-west-1/2026/1/6/b.json.gz", "vpcflowlogs/eu-west-1/2026/01/05/c.log.gz"} {
		path := filepath.Join(logs, "AWSLogs/111122223333", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, []byte("not for us"))
	}
	if rep := l.ingest(t, &Engine{}, logs); rep.ObjectsSkipped != 2 || rep.SkippedKinds["foreign"] != 2 || rep.ObjectsListed != 2 || !rep.Complete() {
		t.Errorf("first run: %+v", rep)
	}
	if rep := l.ingest(t, &Engine{}, logs); rep.ObjectsKnown != 2 || rep.ObjectsListed != 2 {
		t.Errorf("second run: %+v", rep)
	}
}
