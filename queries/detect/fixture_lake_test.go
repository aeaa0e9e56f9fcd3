package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// fixtureLake is a lake that a case in a file *.json describes, for detections that look
// at the lake itself. It has no touches.
type fixtureLake struct {
	Now     time.Time        // when it is judged
	Judged  map[string]int64 // days by the commit they were judged at
	Logs    []fixtureLogs
	Digests []fixtureDigests
	Commits [][]fixtureChange
}

// fixtureLogs are some logs of one delivery day.
type fixtureLogs struct {
	Day, Region, Status, Verdict string
	Count, Records, Quarantined  int64
}

// fixtureDigests are a trail's digests, one an hour.
type fixtureDigests struct {
	Region, Trail string
	From, To      time.Time
	Except        []time.Time
}

type fixtureChange struct {
	Table, Day   string
	Before, Rows int64
}

func readLake(t *testing.T, text []byte) *fixtureLake {
	t.Helper()
	f := &fixtureLake{Now: time.Date(2026, 3, 22, 0, 0, 0, 0, time.UTC)}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(f); err != nil {
		t.Fatal(err)
	}
	return f
}

// make is the lake, in memory.
func (f *fixtureLake) make(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Create(context.Background(), objecttest.NewMem())
	check(t, err)
	entries := map[string][]lake.Entry{}
	for i, logs := range f.Logs {
		for n := range max(logs.Count, 1) {
			entries[logs.Day] = append(entries[logs.Day], logs.entry(int64(i)*1000+n))
		}
	}
	for _, digests := range f.Digests {
		digests.add(entries)
	}
	for day, list := range entries {
		check(t, l.MergeLedger(context.Background(), day, list))
	}
	var head lake.Head
	for i, changes := range f.Commits {
		c := lake.Commit{Head: lake.Head{Number: int64(i) + 1}, Previous: head.SHA256, At: f.Now}
		for _, change := range changes {
			day, err := schema.ParseDay(change.Day)
			check(t, err)
			c.Changes = append(c.Changes, lake.Change{Partition: schema.Partition{Table: change.Table, Day: day}, NewSHA256: strings.Repeat("a", 64), RowsBefore: change.Before, Rows: change.Rows})
		}
		head, err = l.AppendJournal(context.Background(), c)
		check(t, err)
	}
	return l
}

func (f *fixtureLogs) entry(n int64) lake.Entry {
	region := f.Region
	if region == "" {
		region = "eu-central-1"
	}
	e := lake.Entry{
		SourceObject: fmt.Sprintf("AWSLogs/111122223333/CloudTrail/%s/%s/111122223333_CloudTrail_%s_%s_%04d.json.gz",
			region, strings.ReplaceAll(f.Day, "-", "/"), region, strings.ReplaceAll(f.Day, "-", "")+"T0000Z", n),
		ETag: "e", Source: "s3://trail/", AccountID: "111122223333", AWSRegion: region, Kind: "cloudtrail",
		Status: f.Status, Attempts: 1, DigestVerdict: f.Verdict,
	}
	if e.Status == "" {
		e.Status = lake.Done
	}
	if e.Status == lake.Done {
		e.Records, e.OutOfScope, e.Quarantined = f.Records, f.Records-f.Quarantined, f.Quarantined
	}
	return e
}

func (f *fixtureDigests) add(entries map[string][]lake.Entry) {
	for at := f.From; !at.After(f.To); at = at.Add(time.Hour) {
		if containsTime(f.Except, at) {
			continue
		}
		day := at.Format(time.DateOnly)
		entries[day] = append(entries[day], lake.Entry{
			SourceObject: fmt.Sprintf("AWSLogs/111122223333/CloudTrail-Digest/%s/%s/111122223333_CloudTrail-Digest_%s_%s_eu-central-1_%s.json.gz",
				f.Region, at.Format("2006/01/02"), f.Region, f.Trail, at.Format("20060102T150405Z")),
			ETag: "e", Source: "s3://trail/", AccountID: "111122223333", AWSRegion: f.Region, Kind: "digest", Status: lake.Skipped, Attempts: 1,
		})
	}
}

func containsTime(list []time.Time, at time.Time) bool {
	for _, t := range list {
		if t.Equal(at) {
			return true
		}
	}
	return false
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
