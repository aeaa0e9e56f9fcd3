package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// tableItem is an item of AWS Config about a table of account 111122223333.
func tableItem(name, captured, settings string) string {
	return fmt.Sprintf(`{"configurationItemVersion":"1.3","configurationItemCaptureTime":%q,"configurationItemStatus":"OK","configurationStateId":1772438400000,`+
		`"awsAccountId":"111122223333","awsRegion":"eu-west-1","resourceType":"AWS::DynamoDB::Table","resourceId":%q,`+
		`"ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/%s","tags":{"data-class":"pii"},"configuration":{"tableStatus":"ACTIVE",%s}}`,
		captured, name, name, settings)
}

func configFile(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writeConfig writes a file of AWS Config of a kind, with items, below a day's folder.
func writeConfig(t *testing.T, logs, day, kind string, items ...string) string {
	t.Helper()
	stamp := strings.NewReplacer("/", "").Replace(day) + "T000000Z"
	what := kind
	if kind == "ConfigHistory" {
		what += "_AWS::DynamoDB::Table"
	}
	key := "AWSLogs/111122223333/Config/eu-west-1/" + day + "/" + kind + "/111122223333_Config_eu-west-1_" + what + "_" + stamp + "_1.json.gz"
	path := filepath.Join(logs, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, path, configFile(t, `{"fileVersion":"1.0","configSnapshotId":"1","configurationItems":[`+strings.Join(items, ",")+`]}`))
	return key
}

func (l *testLake) configRows(t *testing.T) (all []schema.ConfigItem) {
	t.Helper()
	days, err := l.Lake.ConfigDays(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		rows, err := l.Lake.ConfigItems(context.Background(), day)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return all
}

// Files of AWS Config give rows and a balanced line of the ledger each; what is beside
// them in its folder is that folder's line.
func TestIngestConfig(t *testing.T) {
	logs := t.TempDir()
	bucket := `{"configurationItemCaptureTime":"2026-03-02T08:00:00Z","resourceType":"AWS::S3::Bucket","resourceId":"b"}`
	key := writeConfig(t, logs, "2026/3/2", "ConfigSnapshot", tableItem("orders", "2026-03-01T23:59:59Z", `"deletionProtectionEnabled":false`), bucket, `{"resourceType":7}`)
	writeConfig(t, logs, "2026/3/2", "ConfigHistory", tableItem("orders", "2026-03-02T08:00:00Z", `"deletionProtectionEnabled":true`))
	write(t, filepath.Join(logs, "AWSLogs/111122223333/Config/ConfigWritabilityCheckFile"), nil)
	write(t, filepath.Join(logs, "AWSLogs/111122223333/Config/eu-west-1/2026/3/2/ConfigHistory/111122223333_Config_eu-west-1_ConfigHistory_AWS::S3::Bucket_20260302T000000Z_20260302T000000Z_1.json.gz"), []byte("no gzip"))
	l := newLake(t)

	rep := l.ingest(t, &Engine{}, logs)
	if rep.ObjectsDone != 2 || rep.ObjectsSkipped != 1 || rep.ConfigFiles != 2 || rep.ConfigItems != 2 || rep.OutOfScope != 1 || rep.Quarantined != 1 || rep.Touches != 0 {
		t.Errorf("report %+v", rep)
	}
	rows := l.configRows(t)
	if len(rows) != 2 || rows[0].DeletionProtection != schema.False || rows[1].DeletionProtection != schema.True || rows[0].SourceObject != key || rows[0].Tags != `{"data-class":"pii"}` {
		t.Errorf("rows %+v", rows)
	}
	kept, err := l.Lake.Quarantine(context.Background(), "2026-03-02")
	if err != nil || len(kept) != 1 || kept[0].SourceObject != key || kept[0].SourceIndex != 2 {
		t.Errorf("quarantine %v, %+v", err, kept)
	}
	if rep := l.ingest(t, &Engine{}, logs); rep.ObjectsKnown != rep.ObjectsListed || rep.ObjectsListed != 3 {
		t.Errorf("again: %+v", rep)
	}
}

// The window holds for AWS Config's days as well, which are not padded. Objects in folders
// that are no days are read, as everywhere.
func TestIngestConfigWindow(t *testing.T) {
	logs := t.TempDir()
	for _, day := range []string{"2026/1234/5678", "2026/5/45", "20261/3/9", "2025/12/31", "2026/3/2", "2026/3/9", "2026/3/10", "2026/10/1"} {
		writeConfig(t, logs, day, "ConfigSnapshot", tableItem("t"+strings.ReplaceAll(day, "/", "-"), "2026-03-01T00:00:00Z", `"x":1`))
	}
	l := newLake(t)
	req := Request{Inputs: []Input{input(t, logs)}, From: "2026-03-05", To: "2026-09-30"}
	if _, err := (&Engine{Lake: l.Lake}).Ingest(context.Background(), req); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range l.configRows(t) {
		names = append(names, row.TableName)
	}
	if want := []string{"t2026-1234-5678", "t2026-3-10", "t2026-3-9", "t2026-5-45", "t20261-3-9"}; !slices.Equal(names, want) {
		t.Errorf("tables %q, want %q", names, want)
	}
}

// A file that cannot be read to its end enters not at all, and is tried again.
func TestIngestConfigBroken(t *testing.T) {
	logs := t.TempDir()
	item := tableItem("orders", "2026-03-02T08:00:00Z", `"x":1`)
	key := writeConfig(t, logs, "2026/3/2", "ConfigSnapshot", item)
	for name, content := range map[string]string{
		"truncated": `{"configurationItems":[` + item + `,{"resourceType":"AWS::Dyn`, "no JSON": "{]", "empty": "", "two values": `{"configurationItems":[` + item + `]} {}`,
		"no list": `{"configurationItems":{}}`, "another file": `{"Records":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			write(t, filepath.Join(logs, key), configFile(t, content))
			l := newLake(t)
			rep := l.ingest(t, &Engine{}, logs)
			if rep.ObjectsFailed != 1 || rep.ObjectsDone != 0 || len(l.configRows(t)) != 0 || !strings.Contains(rep.Failures[0].Error, key) {
				t.Errorf("report %+v", rep)
			}
			if rep := l.ingest(t, &Engine{}, logs); rep.ObjectsFailed != 1 {
				t.Errorf("again: %+v", rep)
			}
		})
	}
}

// A lake that took AWS Config's folder for another service's picks its files up, and so
// does one that was told to leave them out.
func TestIngestConfigLater(t *testing.T) {
	logs := t.TempDir()
	key := writeConfig(t, logs, "2026/3/2", "ConfigSnapshot", tableItem("orders", "2026-03-02T08:00:00Z", `"x":1`))
	name := filepath.Base(key)
	data, err := os.ReadFile(filepath.Join(logs, key))
	if err != nil {
		t.Fatal(err)
	}
	loose := t.TempDir()
	write(t, filepath.Join(loose, name), data)

	for _, place := range []string{logs, loose} {
		l := newLake(t)
		req := Request{Inputs: []Input{input(t, place)}, NoConfig: true}
		rep, err := (&Engine{Lake: l.Lake}).Ingest(context.Background(), req)
		if err != nil || rep.ObjectsSkipped != 1 || rep.SkippedKinds["foreign"] != 1 || rep.ObjectsListed != 1 {
			t.Fatalf("%v, %+v", err, rep)
		}
		if rep := l.ingest(t, &Engine{}, place); rep.ConfigFiles != 1 || len(l.configRows(t)) != 1 {
			t.Errorf("then: %+v", rep)
		}
		req.NoConfig = true
		if rep, err := (&Engine{Lake: l.Lake}).Ingest(context.Background(), req); err != nil || rep.ObjectsDone+rep.ObjectsSkipped != 0 {
			t.Errorf("told so once more: %v, %+v", err, rep)
		}
	}
}

// However files are sliced into runs and in whatever order they come, the lake has the
// same bytes; of items alike it names the least object.
func TestConfigConverges(t *testing.T) {
	logs := t.TempDir()
	var keys []string
	for i := range 24 {
		kind := []string{"ConfigSnapshot", "ConfigHistory"}[i%2]
		var items []string
		for j := range 5 {
			items = append(items, tableItem(fmt.Sprintf("table-%d", (i*j)%7), fmt.Sprintf("2026-03-%02dT00:00:00Z", 1+(i+j)%3), fmt.Sprintf(`"deletionProtectionEnabled":%t`, j%2 == 0)))
		}
		keys = append(keys, writeConfig(t, logs, fmt.Sprintf("2026/3/%d", 1+i/2), kind, items...))
	}
	whole := newLake(t)
	whole.ingest(t, &Engine{}, logs)
	want := sums(t, whole.path, "config")
	if len(want) != 3 {
		t.Fatalf("days %v", want)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		l := newLake(t)
		for part := range slices.Chunk(keys, 1+random.IntN(9)) {
			in := input(t, logs)
			in.Source = only{in.Source, part}
			if _, err := (&Engine{Lake: l.Lake, Jobs: 1 + random.IntN(4)}).Ingest(context.Background(), Request{Inputs: []Input{in}}); err != nil {
				t.Fatal(err)
			}
		}
		if got := sums(t, l.path, "config"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
	}
}

// Rows of one file that would not fit fail that file, and say what to do.
func TestConfigBounded(t *testing.T) {
	logs := t.TempDir()
	items := make([]string, 3000)
	for i := range items {
		items[i] = tableItem(fmt.Sprintf("table-%d", i), "2026-03-02T08:00:00Z", `"x":1`)
	}
	writeConfig(t, logs, "2026/3/2", "ConfigSnapshot", items...)
	l := newLake(t)
	rep := l.ingest(t, &Engine{Memory: 8 << 20, MaxObject: 8 << 20}, logs)
	if rep.ObjectsFailed != 1 || !strings.Contains(rep.Failures[0].Error, "raise --memory") {
		t.Errorf("report %+v", rep)
	}
}
