package compliance

import (
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

const signedReview = `review: {report_sha256: "` + sixtyFour + `", period: 2026-03, reviewer: "Ann Reviewer", role: "security", at: 2026-04-03T09:12:00Z, decision: accepted_with_exceptions, comments: "see INC-214"}
dispositions:
  - {finding: fnd_a, state: true_positive, action: "INC-214", comment: "rolled back"}
  - {finding: fnd_b, state: accepted_risk, expires: 2027-01-31}
`

const sixtyFour = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParseReview(t *testing.T) {
	r, err := ParseReview("review.yaml", []byte(signedReview))
	if err != nil {
		t.Fatal(err)
	}
	if r.Signed.Reviewer != "Ann Reviewer" || r.disposition("fnd_b").Expires != "2027-01-31" || r.disposition("fnd_c") != nil || len(r.SHA256) != 64 {
		t.Errorf("%+v", r)
	}
	if from, to, ok := r.Signed.days(); !ok || from != "2026-03-01" || to != "2026-03-31" {
		t.Errorf("%s to %s", from, to)
	}
	for text, want := range map[string]string{
		"":                     "needs a reviewer",
		"review: {reviewr: x}": "did you mean reviewer?",
		"review: {reviewer: x, at: yesterday, decision: accepted}":                                              "needs the time",
		"review: {reviewer: x, at: 2026-04-03T09:12:00Z, decision: compliant}":                                  "one of accepted, accepted_with_exceptions, rejected",
		strings.Replace(signedReview, sixtyFour, "abc", 1):                                                      "64 digits",
		strings.Replace(signedReview, "2026-03,", "March,", 1):                                                  "a period is a month",
		strings.Replace(signedReview, "true_positive", "bad", 1):                                                "review.yaml:3:",
		strings.Replace(signedReview, ", expires: 2027-01-31", "", 1):                                           "accepted for a time only",
		strings.Replace(signedReview, "2027-01-31", "never", 1):                                                 "no day",
		strings.Replace(signedReview, "fnd_b", "fnd_a", 1):                                                      "stands there twice",
		strings.Replace(signedReview, "finding: fnd_a, ", "", 1):                                                "needs the id",
		strings.Replace(signedReview, "period: 2026-03", "period: 2026-03-31/2026-03-01", 1):                    "a period is a month",
		strings.Replace(strings.Replace(signedReview, "true_positive", "x", 1), "accepted_with_except", "y", 1): "a disposition needs a state",
	} {
		if _, err := ParseReview("review.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A review settles findings, but not the reviewer's own, nor those it does not name; a risk
// is accepted until its day.
func TestSignedReport(t *testing.T) {
	l := emptyLake(t)
	finding := func(id, who string) schema.Finding {
		return schema.Finding{ID: id, Fingerprint: "fp_" + id, Day: "2026-03-02", Detection: "DDB-CHG-002", Severity: schema.SeverityHigh, Title: "Data written by hand", Principal: who, ActorName: who, TableName: "orders", TableARN: ordersARN}
	}
	put := func(list ...schema.Finding) {
		t.Helper()
		if err := l.MergeFindings(t.Context(), "2026-03-02", func([]schema.Finding) []schema.Finding { return list }); err != nil {
			t.Fatal(err)
		}
	}
	put(finding("fnd_a", "Bob"), finding("fnd_b", "Eve"))
	q := march("01", "31")
	var err error
	if q.Review, err = ParseReview("review.yaml", []byte(signedReview)); err != nil {
		t.Fatal(err)
	}
	_, made := account(t, l, q)
	if s := made[SignOff]; s.Level != report.OK || tileOf(made, FindingsOf, "findings_open").Int() != 0 {
		t.Errorf("signed: %s, %s, %v", s.Level, s.Lead, s.Notes)
	}

	put(finding("fnd_a", "ann reviewer"), finding("fnd_c", "Eve"))
	_, made = account(t, l, q)
	s := made[SignOff]
	if s.Level != report.Alarm || tileOf(made, FindingsOf, "findings_open").Int() != 1 || !strings.Contains(text(t, made, SignOff), "somebody else has to") {
		t.Errorf("the reviewer's own: %s, %v", s.Level, s.Notes)
	}
	if !strings.Contains(text(t, made, SignOff), "findings that the lake does not have") {
		t.Errorf("notes: %v", s.Notes)
	}

	q.From, q.To = "2026-03-02", "2026-04-02"
	_, made = account(t, l, q)
	if !strings.Contains(text(t, made, SignOff), "not all of this report's period") {
		t.Errorf("notes: %v", made[SignOff].Notes)
	}
}

func TestAcceptedRiskEnds(t *testing.T) {
	n := foundOne{state: "accepted_risk", expires: "2027-01-31"}
	p := &found{books: &books{now: time.Date(2027, 1, 31, 12, 0, 0, 0, time.UTC).UnixMicro()}}
	if got := p.decision(&n).String(); got != "accepted_risk" {
		t.Error(got)
	}
	p.books.now += dayLong
	if got := p.decision(&n).String(); !strings.Contains(got, "over") {
		t.Error(got)
	}
}
