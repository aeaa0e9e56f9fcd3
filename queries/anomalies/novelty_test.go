package anomalies

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// only are a day's findings of a detection.
func only(all []schema.Finding, detection string) (some []schema.Finding) {
	for _, f := range all {
		if f.Detection == detection {
			some = append(some, f)
		}
	}
	return some
}

// confidential is a policy by which all is told that is new on customers.
func confidential(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("version: 1\ntables: [{match: \"**:table/customers\", class: confidential}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Whatever somebody does for the first time on a table in a night is one finding, and the
// same one as on the next night, when something else is new.
func TestNewOpsAreOneFinding(t *testing.T) {
	r := quiet(t)
	denied := alice
	denied.Outcome, denied.ErrorCode = schema.OutcomeDenied, "AccessDeniedException"
	r.do(0, 3, denied, customers, schema.OpReadBulk, "Scan")
	r.do(0, 2, alice, customers, schema.OpSchema, "UpdateTable")
	r.do(0, 1, alice, customers, schema.OpProtect, "UpdateContinuousBackups")
	r.do(0, 1, denied, customers, schema.OpTag, "TagResource")
	r.do(0, 1, alice, customers, schema.OpTag, "TagResource")
	r.do(-1, 2, alice, customers, schema.OpShare, "PutResourcePolicy")
	l := r.lake(t)
	var nights [2]schema.Finding
	for i, day := range []string{incidentDay, schema.DayString(r.day + 1)} {
		some := only(ask(t, l, Question{Day: day, History: kept(l), Policy: confidential(t)}).Findings, Novel)
		if len(some) != 1 {
			t.Fatalf("%s:\n%s", day, brief(some))
		}
		nights[i] = some[0]
	}
	const want = "PROTECT 1 time, READ_BULK 3 times (all denied), SCHEMA 2 times, TAG 2 times (1 of them denied), not done by it on this table for 35 days or ever"
	if f := nights[0]; !strings.HasPrefix(f.Explain, want) || f.Count != 8 || len(f.Evidence) != 8 || f.Severity != schema.SeverityMedium || f.Stat.Series[len(f.Stat.Series)-1] != 8 {
		t.Errorf("%+v", f)
	}
	if nights[0].Fingerprint != nights[1].Fingerprint || nights[0].Principal != nights[1].Principal {
		t.Errorf("%s of %s is not %s of %s", nights[0].Fingerprint, nights[0].Principal, nights[1].Fingerprint, nights[1].Principal)
	}
}

// A permission set that is provisioned anew gets a role of another name. The people behind it
// are who they were.
func TestRenamedRoleIsNotNew(t *testing.T) {
	r := quiet(t)
	renamed := func(s string) string { return strings.Replace(s, "0123456789abcdef", "fedcba9876543210", 1) }
	for i := range r.touches {
		if v := &r.touches[i]; schema.DayOf(v.EventTime) >= r.day {
			v.Actor = renamed(v.Actor)
		}
	}
	carol := alice
	carol.ActorName, carol.Actor = "carol@example.com", renamed(alice.Actor)
	r.do(-1, 40, carol, customers, schema.OpReadPoint, "GetItem")
	l := r.lake(t)
	if got := ask(t, l, Question{Day: incidentDay, History: kept(l), Policy: confidential(t)}); len(got.Findings) > 0 {
		t.Errorf("%s%+v", brief(got.Findings), got.Findings)
	}
	got := ask(t, l, Question{Day: schema.DayString(r.day + 1), History: kept(l), Policy: confidential(t)})
	if len(got.Findings) != 1 || got.Findings[0].Principal != "sso/"+account+"/DataSupport/carol@example.com" {
		t.Errorf("a new one among them: %s", brief(got.Findings))
	}
}

// A rate that CloudTrail finds unusual twice on a day is one finding.
func TestInsightsAreFolded(t *testing.T) {
	r := quiet(t)
	for _, of := range []struct{ event, kind string }{
		{"Scan", "ApiCallRateInsight"}, {"Scan", "ApiCallRateInsight"}, {"Scan", "ApiErrorRateInsight"}, {"Query", "ApiCallRateInsight"},
	} {
		who := schema.Touch{RequestParameters: `{"state":"Start","insightType":"` + of.kind + `"}`}
		r.do(0, 1, who, orders, schema.OpInsight, of.event)
		v := &r.touches[len(r.touches)-1]
		v.TableARN, v.TableName = "", ""
	}
	got := ask(t, r.lake(t), Question{Day: incidentDay}).Insights
	ids := map[string]bool{}
	for _, f := range got {
		ids[f.ID] = true
		if twice := strings.HasSuffix(f.Explain, "; 2 times that day"); twice != (f.Count == 2) || len(f.Evidence) != int(f.Count) {
			t.Errorf("%+v", f)
		}
	}
	if len(got) != 3 || len(ids) != 3 {
		t.Errorf("%d with %d ids", len(got), len(ids))
	}
}

// Whoever is new and was let do nothing is told as that.
func TestNewAndDenied(t *testing.T) {
	r := quiet(t)
	stranger := schema.Touch{Actor: "arn:aws:iam::" + account + ":user/eve", ActorName: "eve", ActorKind: schema.ActorHuman, Outcome: schema.OutcomeDenied}
	r.do(0, 7, stranger, customers, schema.OpReadBulk, "Scan")
	got := only(ask(t, r.lake(t), Question{Day: incidentDay, Policy: confidential(t)}).Findings, Novel)
	if len(got) != 1 || !strings.Contains(got[0].Explain, "now 7 touches (READ_BULK) (all denied)") || got[0].Stat.Series[len(got[0].Stat.Series)-1] != 7 {
		t.Errorf("%+v", got)
	}
}

// What comes once a month is not new each time, however long the month is, and whichever
// weekday it is bound to. After that it is.
func TestMonthlyIsNotNew(t *testing.T) {
	for days, want := range map[int]int{28: 0, 31: 0, 35: 0, 36: 1} {
		r := quiet(t)
		partner := schema.Touch{Actor: "arn:aws:iam::999988887777:role/partner", ActorName: "partner", ActorKind: schema.ActorExternal}
		r.do(days, 10, partner, customers, schema.OpReadPoint, "GetItem")
		r.do(0, 10, partner, customers, schema.OpReadPoint, "GetItem")
		got := only(ask(t, r.lake(t), Question{Day: incidentDay, Policy: confidential(t)}).Findings, Novel)
		if len(got) != want {
			t.Errorf("after %d days:\n%s", days, brief(got))
		}
	}
}
