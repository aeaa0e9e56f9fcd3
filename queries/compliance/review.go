package compliance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/schema"
)

// Review is who signed a report before, and what was decided about its findings.
type Review struct {
	Signed       Signature     `yaml:"review"`
	Dispositions []Disposition `yaml:"dispositions"`

	// SHA256 is of the file's bytes, in hex.
	SHA256 string `yaml:"-"`

	of map[string]*Disposition // by id of finding
}

// Signature is what a reviewer says of a whole report.
type Signature struct {
	ReportSHA256 string `yaml:"report_sha256"` // of the report that was read, hex
	Period       string `yaml:"period"`        // 2026-10, or 2026-10-01/2026-10-31
	Reviewer     string `yaml:"reviewer"`
	Role         string `yaml:"role"`
	At           string `yaml:"at"`       // RFC 3339
	Decision     string `yaml:"decision"` // one of [Decisions]
	Comments     string `yaml:"comments"`
}

// Disposition is what was decided about a finding.
type Disposition struct {
	Finding  string `yaml:"finding"` // its id
	State    string `yaml:"state"`   // one of [Dispositions]
	Action   string `yaml:"action"`  // what was done: a ticket
	Comment  string `yaml:"comment"`
	AddAllow string `yaml:"add_allow"` // the rule that expects it from now on
	Expires  string `yaml:"expires"`   // YYYY-MM-DD; an accepted risk has one
}

// Decisions are what a reviewer may decide about a report, Dispositions what about a
// finding.
var (
	Decisions    = []string{"accepted", "accepted_with_exceptions", "rejected"}
	Dispositions = []string{"open", "true_positive", "benign", "expected", "duplicate", "accepted_risk"}
)

// ParseReview reads a review. name is what the file is called in errors, of which all are
// told.
func ParseReview(name string, data []byte) (*Review, error) {
	r := &Review{of: map[string]*Disposition{}}
	file, err := yamlfile.Read(name, data, r)
	if err != nil {
		return nil, err
	}
	var wrong []error
	say := func(path, why string) { wrong = append(wrong, file.Errorf(path, "%s", why)) }
	r.Signed.check(func(key, why string) { say("review."+key, why) })
	for i := range r.Dispositions {
		d := &r.Dispositions[i]
		d.check(func(key, why string) { say(fmt.Sprintf("dispositions[%d].%s", i, key), why) })
		if r.of[d.Finding] != nil {
			say(fmt.Sprintf("dispositions[%d].finding", i), "this finding stands there twice")
		}
		r.of[d.Finding] = d
	}
	sum := sha256.Sum256(data)
	r.SHA256 = hex.EncodeToString(sum[:])
	return r, errors.Join(wrong...)
}

var hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check says what is wrong, and with which key.
func (s *Signature) check(say func(key, why string)) {
	if strings.TrimSpace(s.Reviewer) == "" {
		say("reviewer", "a review needs a reviewer: who read the report")
	}
	if _, err := time.Parse(time.RFC3339, s.At); err != nil {
		say("at", "a review needs the time it was made at, such as 2026-11-03T09:12:00Z")
	}
	if !slices.Contains(Decisions, s.Decision) {
		say("decision", "a review needs a decision: one of "+strings.Join(Decisions, ", "))
	}
	if s.ReportSHA256 != "" && !hexSHA256.MatchString(s.ReportSHA256) {
		say("report_sha256", "a SHA-256 is 64 digits, 0 to 9 and a to f: that of the report's JSON")
	}
	if _, _, ok := s.days(); s.Period != "" && !ok {
		say("period", "a period is a month, 2026-10, or two days, 2026-10-01/2026-10-31")
	}
}

// days are the first and the last of the period that was reviewed.
func (s *Signature) days() (from, to string, ok bool) {
	if month, err := time.Parse("2006-01", s.Period); err == nil {
		return month.Format(time.DateOnly), month.AddDate(0, 1, -1).Format(time.DateOnly), true
	}
	from, to, ok = strings.Cut(s.Period, "/")
	_, wrongFrom := schema.ParseDay(from)
	_, wrongTo := schema.ParseDay(to)
	return from, to, ok && wrongFrom == nil && wrongTo == nil && from <= to
}

func (d *Disposition) check(say func(key, why string)) {
	if d.Finding == "" {
		say("finding", "a disposition needs the id of the finding it is about")
	}
	if !slices.Contains(Dispositions, d.State) {
		say("state", "a disposition needs a state: one of "+strings.Join(Dispositions, ", "))
	}
	_, err := schema.ParseDay(d.Expires)
	switch {
	case d.Expires != "" && err != nil:
		say("expires", "this is no day (YYYY-MM-DD)")
	case d.State == "accepted_risk" && d.Expires == "":
		say("state", "a risk is accepted for a time only: say until when, expires: YYYY-MM-DD")
	}
}

// disposition is what was decided about a finding, nil when nothing was.
func (r *Review) disposition(finding string) *Disposition {
	if r == nil {
		return nil
	}
	return r.of[finding]
}
