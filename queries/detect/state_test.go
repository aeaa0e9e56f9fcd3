package detect

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// A need that is not met makes a detection one that was not evaluated, and says which.
func TestStates(t *testing.T) {
	type lists struct {
		Buckets []string `yaml:"export_buckets"`
		Most    int      `yaml:"most"`
	}
	quiet := func(needs ...Need) Detection {
		return define(Detection{ID: "DDB-TST-001", Needs: needs}, lists{}, func(r *Run, _ *lists) Watcher {
			return watch(func(e *Event) {
				if e.EventName == "Odd" {
					r.NotEvaluated("it is odd")
				}
			})
		})
	}
	classes := &policy.Policy{Tables: []policy.Table{{Match: "**", Class: "internal"}}}
	protected := &policy.Policy{Tables: []policy.Table{{Match: "**", Protected: true}}, OrgAccounts: []string{"1"}, BreakGlass: []string{"x"}, Pipelines: []policy.Pipeline{{}}}
	data := schema.Touch{Plane: schema.PlaneData, EventName: "GetItem", Op: schema.OpReadPoint}
	odd := schema.Touch{Plane: schema.PlaneData, EventName: "Odd"}
	stream := schema.Touch{Plane: schema.PlaneData, EventName: "GetRecords", Op: schema.OpReadStream}
	unfitToday := define(Detection{ID: "DDB-TST-001"}, plain{}, func(r *Run, _ *plain) Watcher { return notToday(r, "its file is gone") })
	trail := schema.Touch{Plane: schema.PlaneTrail, EventName: "StopLogging", Op: schema.OpAudit}
	yesterday := func(op string) []schema.Touch {
		return []schema.Touch{{EventTime: 19999 * dayMicros, Op: op, Plane: schema.PlaneData}}
	}
	var fortnight []schema.Touch
	for back := range int64(14) {
		fortnight = append(fortnight, schema.Touch{EventTime: (19999 - back) * dayMicros})
	}
	for name, c := range map[string]struct {
		detection Detection
		policy    *policy.Policy
		setting   Setting
		today     []schema.Touch
		before    []schema.Touch
		want      string
	}{
		"nothing needed":         {detection: quiet(), want: "evaluated"},
		"off":                    {detection: quiet(NeedPolicy), setting: Setting{Mode: Off}, want: "off"},
		"no data":                {detection: quiet(NeedData), want: "not_evaluated no data events in the last 30 days"},
		"data today":             {detection: quiet(NeedData), today: []schema.Touch{data}, want: "evaluated"},
		"data yesterday":         {detection: quiet(NeedData), before: yesterday(schema.OpReadRange), want: "evaluated"},
		"no management":          {detection: quiet(NeedIAM), today: []schema.Touch{data}, want: "not_evaluated no IAM events in the last 30 days"},
		"management of any kind": {detection: quiet(NeedIAM), today: []schema.Touch{trail}, want: "evaluated"},
		"KMS may be left out":    {detection: quiet(NeedKMS), today: []schema.Touch{trail}, want: "not_evaluated no KMS events in the last 30 days"},
		"KMS yesterday":          {detection: quiet(NeedKMS), before: yesterday(schema.OpKey), want: "evaluated"},
		"streams are not tables": {detection: quiet(NeedStreams), today: []schema.Touch{data}, want: "not_evaluated no data events of streams in the last 30 days"},
		"a stream today":         {detection: quiet(NeedStreams), today: []schema.Touch{stream}, want: "evaluated"},
		"a stream yesterday":     {detection: quiet(NeedStreams), before: yesterday(schema.OpReadStream), want: "evaluated"},
		"S3 may be left out":     {detection: quiet(NeedStorage), today: []schema.Touch{trail}, want: "not_evaluated no S3 events in the last 30 days"},
		"unfit from the start":   {detection: unfitToday, today: []schema.Touch{data}, want: "not_evaluated its file is gone"},
		"no sessions":            {detection: quiet(NeedSessions), today: []schema.Touch{trail}, want: "not_evaluated no STS and sign-in events in the last 30 days"},
		"learning":               {detection: quiet(NeedHistory), before: fortnight[:13], want: "not_evaluated learning: 13 of 14 days of history"},
		"learnt":                 {detection: quiet(NeedHistory), before: fortnight, want: "evaluated"},
		"no policy":              {detection: quiet(NeedPolicy), want: "not_evaluated it needs a policy"},
		"no classes":             {detection: quiet(NeedClasses), policy: protected, want: "not_evaluated it needs classes of tables in the policy"},
		"classes":                {detection: quiet(NeedClasses, NeedPolicy), policy: classes, want: "evaluated"},
		"nothing protected":      {detection: quiet(NeedProtected, NeedAccounts), policy: classes, want: "not_evaluated it needs protected tables in the policy; it needs org_accounts in the policy"},
		"all of a policy":        {detection: quiet(NeedProtected, NeedAccounts, NeedPipelines, NeedBreakGlass), policy: protected, want: "evaluated"},
		"no pipelines":           {detection: quiet(NeedPipelines, NeedBreakGlass), policy: classes, want: "not_evaluated it needs pipelines in the policy; it needs break_glass roles in the policy"},
		"no settings":            {detection: quiet(NeedParams), want: "not_evaluated it needs its settings: export_buckets"},
		"settings":               {detection: quiet(NeedParams), setting: Setting{Params: &lists{Buckets: []string{"a"}}}, want: "evaluated"},
		"some were skipped":      {detection: quiet(NeedData), today: []schema.Touch{odd, odd}, want: "partly it is odd (2 times)"},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJudging(20000, c.policy, &naive{20000, c.before}, []Detection{c.detection}, map[string]Setting{"DDB-TST-001": c.setting})
			for i := range c.today {
				j.touch(&c.today[i])
			}
			s := j.end().States[0]
			if got := strings.TrimSpace(s.State + " " + strings.Join(s.Reasons, "; ")); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// All detections say what they are, in full.
func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for i := range Catalogue {
		d := &Catalogue[i]
		if seen[d.ID] {
			t.Errorf("%s is there twice", d.ID)
		}
		seen[d.ID] = true
		if d.Title == "" || d.Looks == "" || d.FalseAlarms == "" || d.Advice == "" || d.Severity == 0 || d.Version < 1 || d.Kind == "" || d.Params == nil || d.start == nil {
			t.Errorf("%s lacks something: %+v", d.ID, d)
		}
		for _, p := range ParamsOf(d) {
			if p.Name == "" || strings.Contains(p.Default, "\n") {
				t.Errorf("%s: param %+v", d.ID, p)
			}
		}
	}
}
