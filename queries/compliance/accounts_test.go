package compliance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/sample"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// place is a lake in a directory, and the directory.
type place struct {
	*lake.Lake
	dir string
}

// sampleLake is a lake of three days with an incident on the second, made at a time that is
// always the same.
func sampleLake(t testing.TB) place {
	t.Helper()
	logs, at := t.TempDir(), t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: logs, Events: 1500, Seed: 5}); err != nil {
		t.Fatal(err)
	}
	source, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	store, err := dir.Create(at)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&engine.Engine{Lake: l}).Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: source}}}); err != nil {
		t.Fatal(err)
	}
	p := place{l, at}
	p.recordAt(t, time.Date(2026, 3, 6, 1, 0, 0, 0, time.UTC))
	return p
}

// recordAt writes the journal anew, as one commit of a given time.
func (p place) recordAt(t testing.TB, at time.Time) {
	t.Helper()
	days, err := p.ManifestDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var files []lake.Merged
	for _, day := range days {
		states, err := p.Manifest(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			files = append(files, lake.Merged{Partition: s.Partition, Bucket: s.Bucket, SHA256: s.SHA256, Rows: s.Rows})
		}
	}
	for _, name := range []string{"journal", "manifest"} {
		if err := os.RemoveAll(filepath.Join(p.dir, "_keytrail", name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Record(t.Context(), at, 0, files); err != nil {
		t.Fatal(err)
	}
}

// judge judges a day as a nightly run does.
func (p place) judge(t testing.TB, day string) {
	t.Helper()
	j, err := detect.Judge(t.Context(), p.Lake, detect.JudgeOptions{Day: day, Now: time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	p.found(t, day, j.Findings)
	version, err := p.DayVersion(t.Context(), day)
	if err != nil {
		t.Fatal(err)
	}
	number, err := p.LastNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = p.UpdateJudged(t.Context(), day, func(j *lake.Judged) {
		j.Version, j.Commit, j.RunID, j.At = version, number, "2026-03-06T02-00-00Z", time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC)
	})
	if err != nil {
		t.Fatal(err)
	}
	record := `{"schema":"nightly/1","run_id":"2026-03-06T02-00-00Z","tool":"test","started":"2026-03-06T02:00:00Z","ended":"2026-03-06T02:01:00Z","config_sha256":"aa","steps":[{"name":"verify","outcome":"failed"}],
		"days":[{"day":"` + day + `","not_evaluated":["DDB-EXF-003: it needs a policy","DDB-IAM-001: learning: 2 of 14 days of history"]}],"status":1}`
	if err := p.RecordRun(t.Context(), "2026-03-06T02-00-00Z", []byte(record)); err != nil {
		t.Fatal(err)
	}
}

func (p place) found(t testing.TB, day string, list []schema.Finding) {
	t.Helper()
	if err := p.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return list }); err != nil {
		t.Fatal(err)
	}
}

// account makes the sections that come from the accounts.
func account(t testing.TB, l *lake.Lake, q Question) (*Frame, sections) {
	t.Helper()
	f, err := open(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	made, err := accounted(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return f, made
}

func accounted(ctx context.Context, f *Frame) (sections, error) {
	parts := f.accountParts()
	if err := f.scan(ctx, parts); err != nil {
		return nil, err
	}
	made := sections{}
	for _, p := range parts {
		if err := p.write(ctx, f, made); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// text is a section as a terminal shows it.
func text(t testing.TB, made sections, id string) string {
	t.Helper()
	s := *made[id]
	s.ID = id
	d := &report.Document{Title: id, Sections: []report.Section{s}}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := report.WriteText(&b, d, queries.Look{Width: 160}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// accountIDs are the sections that come from the accounts.
var accountIDs = []string{
	Coverage, Method, Integrity, Restated, FindingsOf, Anomalies, Identities, LogSystem, Fields, Retention, Controls, SignOff, Provenance,
}

func march(from, to string) Question {
	return Question{From: "2026-03-" + from, To: "2026-03-" + to, Tool: "1.2.3", Command: "keytrail report compliance --from 2026-03-" + from + " --to 2026-03-" + to,
		Files: map[string]string{"policy": strings.Repeat("ab", 32)}}
}

func testPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(`version: 1
tables:
  - {match: "**:table/customers", class: restricted, protected: true, frameworks: [gdpr], owner: crm}
rules:
  - {id: AL-1, effect: allow, who: {kind: [service]}, ops: [WRITE_ITEM, READ_POINT, READ_RANGE], purpose: the shop, reason: the shop's own work, owner: shop, created: 2026-01-01, expires: 2026-12-31}
  - {id: AL-2, effect: allow, who: {kind: [external]}, ops: [DESTROY], reason: nobody does, owner: shop, created: 2026-01-01, expires: 2026-12-31}
`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The sections of a lake that was judged on one of its days, with a policy and settings of
// the trails that a person saved.
func TestAccounts(t *testing.T) {
	l := sampleLake(t)
	l.judge(t, "2026-03-03")
	trails, err := os.ReadFile(filepath.FromSlash("../detect/testdata/trails.json"))
	if err != nil {
		t.Fatal(err)
	}
	q := march("02", "04")
	q.Policy, q.Trails = testPolicy(t), trails
	f, made := account(t, l.Lake, q)
	for _, id := range accountIDs {
		got := strings.ReplaceAll(text(t, made, id), f.Lake.URL(), "file:///lake/")
		golden.Check(t, "compliance/"+id, got)
	}
	if got := status(made); got.Text == "" || got.Level == report.Plain {
		t.Errorf("status: %+v", got)
	}
	for _, fact := range cover(f) {
		if fact.ID == "" || fact.Name == "" {
			t.Errorf("cover: %+v", fact)
		}
	}
}

// The numbers are DuckDB's over the same lake, by the very queries that the report prints.
func TestAccountsAsDuckDBCounts(t *testing.T) {
	ducktest.Need(t)
	l := sampleLake(t)
	l.judge(t, "2026-03-03")
	f, made := account(t, l.Lake, march("02", "03"))
	answers := map[string][]map[string]any{}
	for _, row := range made[Provenance].Table("queries").Rows {
		answers[row[0].String()] = ducktest.Query(t, strings.ReplaceAll(row[1].String(), "read_parquet('", "read_parquet('"+l.dir+"/"))
	}
	for what, want := range map[string]int64{
		"touches": f.Rows, "rows by hourly counts": f.Rows,
		"findings by severity": int64(len(made[FindingsOf].Table("findings").Rows)),
		"identities":           tileOf(made, Identities, "identities").Int(),
	} {
		var got int64
		for _, row := range answers[what] {
			if what == "identities" {
				got++
				continue
			}
			got += number(t, row)
		}
		if got != want {
			t.Errorf("%s: DuckDB says %d, the report %d", what, got, want)
		}
	}
	records := ducktest.Query(t, "SELECT sum(records)::BIGINT AS n FROM read_parquet("+ducktest.Quote(l.dir+"/ledger/**/*.parquet")+", hive_partitioning=true) WHERE status = 'done' AND delivery_day <= '2026-03-04'")
	if got, want := number(t, records[0]), made[Integrity].Table("reconciliation").Rows[0][2].Int(); got != want {
		t.Errorf("records: DuckDB says %d, the report %d", got, want)
	}
}

// number is a row's count.
func number(t *testing.T, row map[string]any) int64 {
	t.Helper()
	for name, v := range row {
		if name == "severity" {
			continue
		}
		if n, err := strconv.ParseFloat(fmt.Sprint(v), 64); err == nil {
			return int64(n)
		}
	}
	t.Fatalf("%v has no number", row)
	return 0
}

func tileOf(made sections, section, id string) report.Value {
	return (&evidence{made: made}).number(section, id)
}

// Same lake, same question: the same bytes, however rows come.
func TestAccountsAreTheSameAgain(t *testing.T) {
	l := sampleLake(t)
	l.judge(t, "2026-03-03")
	q := march("02", "04")
	q.Policy = testPolicy(t)
	var first string
	for range 3 {
		_, made := account(t, l.Lake, q)
		d := &report.Document{}
		for _, id := range accountIDs {
			s := *made[id]
			s.ID = id
			d.Sections = append(d.Sections, s)
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := report.WriteJSON(&b, d); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = b.String()
		}
		if b.String() != first {
			t.Fatal("the report differs from the one before")
		}
	}
}

// A file of the lake of which one byte was changed is told, and makes the accounts differ.
func TestAlteredFileIsTold(t *testing.T) {
	l := sampleLake(t)
	files, err := filepath.Glob(filepath.Join(l.dir, "touches", "*", "day=2026-03-03", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	// Metadata at the end of the file, so that its rows can still be read.
	at := bytes.LastIndex(data, []byte("keytrail"))
	if at < 0 {
		t.Fatal("no text to change")
	}
	data[at] ^= 0x20
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, made := account(t, l.Lake, march("02", "04"))
	s := made[Integrity]
	if s.Level != report.Alarm || len(s.Table("mismatches").Rows) != 1 || tileOf(made, Integrity, "files_checked").Float() == 1 {
		t.Errorf("level %s, %d mismatches", s.Level, len(s.Table("mismatches").Rows))
	}
}

// A period that the lake has nothing of is no quiet one.
func TestPeriodOutsideTheLake(t *testing.T) {
	l := sampleLake(t)
	q := march("20", "21")
	q.Policy = testPolicy(t)
	_, made := account(t, l.Lake, q)
	if got := status(made); got.Level != report.Alarm {
		t.Errorf("status: %+v", got)
	}
	for _, row := range made[Coverage].Table("coverage_holes").Rows {
		if row[5].String() != "not in the lake" {
			t.Errorf("a hole is %s", row[5])
		}
	}
	if made[Coverage].Table("coverage_holes").Rows == nil {
		t.Error("no hole")
	}
}

// An empty lake has a report, which says what is not known.
func TestEmptyLake(t *testing.T) {
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	_, made := account(t, l, march("01", "02"))
	for _, id := range accountIDs {
		text(t, made, id)
	}
	if got := tileOf(made, Controls, "controls_present").Int(); got > 0 {
		t.Errorf("an empty lake has evidence for %d controls", got)
	}
}
