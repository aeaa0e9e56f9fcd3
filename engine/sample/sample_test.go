package sample

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// event is what the tests look at in a record.
type event struct {
	EventID, EventName, EventSource, EventTime, SourceIPAddress, ErrorCode string
	UserIdentity                                                           struct{ Type, PrincipalID, ARN string }
	RequestParameters                                                      json.RawMessage
	InsightDetails                                                         map[string]any
	raw                                                                    string
}

func write(t testing.TB, o Options) (string, Summary) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "sample")
	}
	sum, err := Write(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, sum
}

// walk calls fn with each object's key and inflated bytes.
func walk(t testing.TB, dir string, fn func(key string, body []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		zip, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(zip)
		key, _ := filepath.Rel(dir, path)
		fn(filepath.ToSlash(key), body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// records calls fn with every record of the sample.
func records(t testing.TB, dir string, fn func(key string, e event)) {
	t.Helper()
	walk(t, dir, func(key string, body []byte) {
		var object struct{ Records []json.RawMessage }
		if err := json.Unmarshal(body, &object); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		for _, raw := range object.Records {
			e := event{raw: string(raw)}
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			fn(key, e)
		}
	})
}

func sums(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	got := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		info, _ := d.Info()
		key, _ := filepath.Rel(dir, path)
		got[key+info.ModTime().UTC().Format(" 2006-01-02T15:04:05.999")] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSameSeedSameBytes(t *testing.T) {
	one, _ := write(t, Options{Events: 3000, Seed: 7, Workers: 1})
	three, _ := write(t, Options{Events: 3000, Seed: 7, Workers: 3})
	other, _ := write(t, Options{Events: 3000, Seed: 8, Workers: 3})
	a, b, c := sums(t, one), sums(t, three), sums(t, other)
	if len(a) == 0 || len(a) != len(b) {
		t.Fatalf("%d files with one worker, %d with three", len(a), len(b))
	}
	for key, sum := range a {
		if b[key] != sum {
			t.Errorf("%s differs", key)
		}
		if c[key] == sum && !strings.Contains(key, "Digest") {
			t.Errorf("%s is the same with another seed", key)
		}
	}
}

func TestExactlyAsManyEventsAsAsked(t *testing.T) {
	for _, n := range []int64{1, 3, 40, 999, 1000, 5000} {
		dir, sum := write(t, Options{Events: n, Seed: 1})
		seen := map[string]int{}
		total := int64(0)
		records(t, dir, func(_ string, e event) { seen[e.EventID]++; total++ })
		if int64(len(seen)) != n || sum.Events != n || total != sum.Events+sum.Copies {
			t.Errorf("asked for %d: %d different of %d records; summary %+v", n, len(seen), total, sum)
		}
	}
}

func TestEveryKindOfCallIsThere(t *testing.T) {
	dir, _ := write(t, Options{Events: 5000, Seed: 3})
	calls, identities := map[string]bool{}, map[string]bool{}
	foreign, denied, inScope := 0, 0, 0
	records(t, dir, func(_ string, e event) {
		source, _, _ := strings.Cut(e.EventSource, ".")
		calls[source+":"+e.EventName] = true
		identities[e.UserIdentity.Type] = true
		if name, _ := e.InsightDetails["eventName"].(string); name != "" {
			calls["insight:"+name] = true
		}
		if e.ErrorCode == "AccessDenied" {
			denied++
		}
		if inScope++; source == "s3" || source == "iam" || source == "sts" || source == "ec2" || source == "lambda" || source == "logs" {
			foreign++
		}
	})
	for _, k := range kinds {
		if !calls[k.service+":"+k.name] {
			t.Errorf("no %s %s", k.service, k.name)
		}
	}
	for _, call := range []string{"insight:Scan", "s3:GetObject", "sts:AssumeRole"} {
		if !calls[call] {
			t.Errorf("no %s", call)
		}
	}
	for _, id := range []string{"Root", "IAMUser", "AssumedRole", "Role", "FederatedUser", "AWSAccount", "AWSService", "Directory", "IdentityCenterUser", "SAMLUser", "WebIdentityUser", "Unknown", ""} {
		if !identities[id] {
			t.Errorf("nobody signs as %q", id)
		}
	}
	if foreign < inScope/20 || denied < 5 {
		t.Errorf("%d foreign and %d denied of %d records", foreign, denied, inScope)
	}
}

var (
	account12 = `(o-[a-z0-9]+/)?(\d{12})`
	layout    = regexp.MustCompile(`^AWSLogs/` + account12 + `/(CloudTrail|CloudTrail-Insight)/([a-z0-9-]+)/(\d{4}/\d\d/\d\d)/(\d{12})_(CloudTrail|CloudTrail-Insight)_([a-z0-9-]+)_(\d{8}T\d{4}Z)_[A-Za-z0-9]{16}\.json\.gz$`)
)

func TestLayoutAndDelivery(t *testing.T) {
	dir, _ := write(t, Options{Events: 6000, Seed: 4})
	spilled, organisation, places := 0, 0, map[string]bool{}
	records(t, dir, func(key string, e event) {
		m := layout.FindStringSubmatch(key)
		if m == nil || m[2] != m[6] || m[3] != m[7] || m[4] != m[8] {
			t.Fatalf("%s is no key of a trail", key)
		}
		arrival, err := time.Parse("20060102T1504Z", m[9])
		at, err2 := time.Parse(time.RFC3339, e.EventTime)
		if err != nil || err2 != nil || at.After(arrival.Add(time.Minute)) || arrival.Format("2006/01/02") != m[5] {
			t.Fatalf("%s holds an event of %s", key, e.EventTime)
		}
		places[m[2]+m[4]] = true
		if at.Format("2006/01/02") != m[5] {
			spilled++
		}
		if m[1] != "" {
			organisation++
		}
	})
	if spilled == 0 || organisation == 0 || len(places) != 9 {
		t.Errorf("%d events in a later day's folder, %d of an organisation, %d accounts and Regions", spilled, organisation, len(places))
	}
}

func TestCopiesAreEqualRecordsInOtherObjects(t *testing.T) {
	dir, sum := write(t, Options{Events: 4000, Seed: 5})
	type seen struct{ key, raw string }
	first := map[string]seen{}
	copies, reordered := 0, 0
	records(t, dir, func(key string, e event) {
		was, again := first[e.EventID]
		if !again {
			first[e.EventID] = seen{key, e.raw}
			return
		}
		copies++
		if was.key == key {
			t.Errorf("%s holds %s twice", key, e.EventID)
		}
		if was.raw != e.raw {
			reordered++
		}
		if canonical(t, was.raw) != canonical(t, e.raw) {
			t.Errorf("%s: the copies of %s differ", key, e.EventID)
		}
	})
	if int64(copies) != sum.Copies || copies < 200 || reordered == 0 || reordered == copies {
		t.Errorf("%d copies, %d with other member order; summary %+v", copies, reordered, sum)
	}
}

func canonical(t *testing.T, raw string) string {
	var v any
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		t.Fatal(err)
	}
	b, _ := json.Marshal(v)
	return string(b)
}

func TestTheStoryStandsOutOfTheNoise(t *testing.T) {
	dir, _ := write(t, Options{Events: 20_000, Seed: 6})
	steps, history := map[string]int{}, map[string]string{}
	seen := map[string]bool{}
	records(t, dir, func(_ string, e event) {
		if seen[e.EventID] {
			return
		}
		seen[e.EventID] = true
		if e.SourceIPAddress == storyAddress {
			steps[e.EventName+" "+e.ErrorCode]++
			if !strings.HasSuffix(e.UserIdentity.ARN, "/"+storyPerson) {
				t.Errorf("%s from the intruder's network by %s", e.EventName, e.UserIdentity.ARN)
			}
		}
		if strings.Contains(string(e.RequestParameters), `"customer#1042"`) {
			history[e.EventTime] = e.EventName
		}
	})
	want := map[string]int{"Scan ": 13, "Query ": 1, "BatchGetItem ": 1, "GetItem ": 1, "UpdateItem ": 1, "DeleteItem ": 1,
		"ExportTableToPointInTime AccessDenied": 1, "StopLogging AccessDenied": 1, "PutEventSelectors ": 1, "ListTables ": 1, "DescribeTable ": 1, "DescribeContinuousBackups ": 1}
	for step, n := range want {
		if steps[step] != n {
			t.Errorf("%d of %q, want %d", steps[step], step, n)
		}
	}
	if history["2026-03-03T03:12:07Z"] != "DeleteItem" || len(history) != 14 {
		t.Errorf("history of customer 1042: %v", history)
	}
}

func TestWriteRefuses(t *testing.T) {
	if _, err := Write(context.Background(), Options{Dir: t.TempDir(), Events: 0}); err == nil {
		t.Error("no events were written without complaint")
	}
	dir, _ := write(t, Options{Events: 1})
	if _, err := Write(context.Background(), Options{Dir: dir, Events: 1}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("second sample in one directory: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Write(ctx, Options{Dir: filepath.Join(t.TempDir(), "x"), Events: 100_000}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestStartMovesTheDays(t *testing.T) {
	dir, sum := write(t, Options{Events: 2000, Start: time.Date(2025, 12, 30, 0, 0, 0, 0, time.UTC)})
	if sum.Days != [2]string{"2025-12-30", "2026-01-01"} {
		t.Errorf("days %v", sum.Days)
	}
	records(t, dir, func(key string, e event) {
		if e.EventTime < "2025-12-30" || e.EventTime >= "2026-01-02" {
			t.Fatalf("%s: event of %s", key, e.EventTime)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	b.Run("events=100000", func(b *testing.B) {
		for i := range b.N {
			write(b, Options{Dir: filepath.Join(b.TempDir(), "s"), Events: 100_000, Seed: uint64(i)})
		}
		b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "events/s")
	})
}
