package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/schema"
)

// spikeLake is a lake of six weeks in which somebody reads a table once, on the last whole
// day.
func spikeLake(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lake")
	store, err := dir.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	first := time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	for d := range 43 {
		at := first.AddDate(0, 0, d).Add(10 * time.Hour)
		n := 20 + d%5
		if d == 41 {
			n = 900
		}
		touches := make([]schema.Touch, n)
		for i := range touches {
			touches[i] = schema.Touch{EventTime: at.UnixMicro(), EventID: fmt.Sprint(d, "-", i), EventName: "GetItem", Plane: schema.PlaneData, Op: schema.OpReadPoint,
				Outcome: schema.OutcomeOK, TableName: "orders", TableARN: arn, Actor: "arn:aws:iam::111122223333:user/bob", ActorName: "bob", ActorKind: schema.ActorHuman}
		}
		day := at.Format(time.DateOnly)
		laketest.Put(t, l, touches)
		count := lake.Count{Hour: at, TableARN: arn, Actor: touches[0].Actor, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK, Count: int64(n)}
		if err := l.MergeRollup(t.Context(), day, map[string][]lake.Count{"orders": {count}}); err != nil {
			t.Fatal(err)
		}
		log := lake.Entry{SourceObject: "AWSLogs/111122223333/CloudTrail/eu-west-1/" + day + "/log.json.gz", ETag: "e", AccountID: "111122223333", AWSRegion: "eu-west-1",
			Kind: "cloudtrail", Status: lake.Done, Attempts: 1, Records: 1, InScope: 1, Touches: 1, FirstEventTime: at, LastEventTime: at.Add(13*time.Hour + 30*time.Minute)}
		if err := l.MergeLedger(t.Context(), day, []lake.Entry{log}); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// A finding as bad as asked for is told by the exit status, too.
func TestAnomaliesExitStatus(t *testing.T) {
	path := spikeLake(t)
	for _, c := range []struct {
		args string
		want int
	}{
		{"--day 2026-03-15", exitFindings},
		{"--day 2026-03-15 --counts-only", exitFindings},
		{"--day 2026-03-15 --fail-on critical", exitDone},
		{"--day 2026-03-15 --fail-on none", exitDone},
		{"--day 2026-03-15 --actor carol --fail-on info", exitDone},
		{"--day 2026-03-14 --fail-on info", exitDone},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(append(strings.Fields("anomalies --lake "+path), strings.Fields(c.args)...), &stdout, &stderr); got != c.want || stderr.Len() > 0 {
			t.Errorf("%s: exit status %d, want %d\n%s%s", c.args, got, c.want, &stdout, &stderr)
		}
	}
}
