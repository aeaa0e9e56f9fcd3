package compliance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// deliveredOn is a lake with a log on each day of March from first to last.
func deliveredOn(t *testing.T, first, last int) *lake.Lake {
	t.Helper()
	l, days := emptyLake(t), map[string][]lake.Entry{}
	for d := first; d <= last; d++ {
		days[fmt.Sprintf("2026-03-%02d", d)] = []lake.Entry{{Status: lake.Done, Records: 1, InScope: 1, Touches: 1}}
	}
	ledgerOf(t, l, days)
	return l
}

// What a call did to what is logged, as far as the trails' settings are known.
func TestWhatACallChanged(t *testing.T) {
	const (
		other = `{"trailList":[{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/second","Name":"second","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,"IsOrganizationTrail":false}]}
{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/second","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb"]}]}]}`
		stop    = `{"name":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}`
		blind   = `{"trailName":"main","eventSelectors":[{"readWriteType":"All","includeManagementEvents":true,"dataResources":[]}]}`
		writes  = `{"trailName":"main","eventSelectors":[{"readWriteType":"WriteOnly","dataResources":[{"type":"AWS::DynamoDB::Table","values":["arn:aws:dynamodb"]}]}]}`
		omitted = `{"trailName":"main","omitted":true}`
	)
	at := "2026-03-04T12:00:00Z"
	denied := trailCall(at, "StopLogging", stop)
	denied.Outcome = schema.OutcomeDenied
	l := deliveredOn(t, 1, 9)
	for name, c := range map[string]struct {
		trails string
		call   schema.Touch
		want   string
	}{
		"stopped":         {allTrails, trailCall(at, "StopLogging", stop), "it logs less, or nothing, of calls on items of 1 table, and for 1 nothing that is known makes up for it"},
		"one of two":      {allTrails + other, trailCall(at, "StopLogging", stop), "of 1 table, which another trail logs"},
		"no data events":  {allTrails + other, trailCall(at, "PutEventSelectors", blind), "of 1 table, which another trail logs"},
		"writes are left": {allTrails, trailCall(at, "PutEventSelectors", writes), "and for 1 nothing that is known makes up for it"},
		"denied":          {allTrails, denied, "none: the call was not carried out"},
		"started again":   {strings.Replace(allTrails, `"Name"`, `"IsLogging":false,"Name"`, 1), trailCall(at, "StartLogging", stop), "from then on it logs calls on items of 1 table"},
		"not said":        {allTrails, trailCall(at, "PutEventSelectors", omitted), "which events the trail logs"},
		"as before":       {other, trailCall(at, "PutEventSelectors", strings.Replace(writes, "WriteOnly", "All", 1)), "which events the trail logs"},
	} {
		t.Run(name, func(t *testing.T) {
			q := march("02", "06")
			q.Trails = []byte(c.trails)
			s := watched(t, l, q, read("2026-03-04T10:00:00Z"), c.call)
			rows := s.Table("coverage_changes").Rows
			if len(rows) != 1 {
				t.Fatalf("%d changes", len(rows))
			}
			if got := rows[0][6].String(); !strings.HasSuffix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A period that begins before the lake does is no whole one, and the section says so in
// its first sentences.
func TestCoverageBeforeTheLake(t *testing.T) {
	q := march("01", "04")
	q.Trails = []byte(allTrails)
	s := watched(t, deliveredOn(t, 2, 6), q, read("2026-03-02T10:00:00Z"))
	if got := states(s); got != "x#.." {
		t.Errorf("got %s", got)
	}
	if s.Level != report.Alarm || !strings.Contains(s.Lead, "The lake has no deliveries of 1 day of the period.") {
		t.Errorf("%v: %s", s.Level, s.Lead)
	}
	if note := status(sections{Coverage: s}); !strings.HasPrefix(note.Text, "Incomplete: ") {
		t.Error(note.Text)
	}
	whole := watched(t, deliveredOn(t, 1, 6), q, read("2026-03-02T10:00:00Z"))
	if note := status(sections{Coverage: whole}); note.Level != report.Unknown || !strings.Contains(note.Text, "which nothing proves") || strings.Contains(note.Text, "not read") {
		t.Errorf("%v: %s", note.Level, note.Text)
	}
}
