package findings

import (
	"errors"
	"fmt"
	"time"

	"github.com/keytrail/keytrail/engine/yamlfile"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Suppressions are findings that somebody has decided not to hear of, for a time. They
// are still found, kept and counted.
type Suppressions struct {
	List []Suppression `yaml:"suppressions"`
}

// Suppression is one of them. What it says of a finding must all hold.
type Suppression struct {
	ID          string `yaml:"id"`
	Detection   string `yaml:"detection"`   // glob of ids: DDB-STA-*
	Table       string `yaml:"table"`       // glob of table ARNs
	Principal   string `yaml:"principal"`   // glob
	Fingerprint string `yaml:"fingerprint"` // of one finding, on all days
	Reason      string `yaml:"reason"`
	Owner       string `yaml:"owner"`
	Expires     string `yaml:"expires"` // YYYY-MM-DD, its last day
}

// ParseSuppressions reads a file of them. name is what the file is called in errors, of
// which all are told.
func ParseSuppressions(name string, data []byte) (*Suppressions, error) {
	s := new(Suppressions)
	file, err := yamlfile.Read(name, data, s)
	if err != nil {
		return nil, err
	}
	var wrong []error
	ids := map[string]bool{}
	for i := range s.List {
		q := &s.List[i]
		which := fmt.Sprint(i + 1)
		if q.ID != "" {
			which = q.ID
		}
		say := func(key, why string) {
			wrong = append(wrong, file.Errorf(fmt.Sprintf("suppressions[%d].%s", i, key), "suppression %s %s", which, why))
		}
		q.check(say)
		if q.ID != "" && ids[q.ID] {
			say("id", "stands there twice")
		}
		ids[q.ID] = true
	}
	return s, errors.Join(wrong...)
}

// check says what is wrong, and with which key.
func (q *Suppression) check(say func(key, why string)) {
	for _, must := range []struct{ name, value string }{{"id", q.ID}, {"reason", q.Reason}, {"owner", q.Owner}, {"expires", q.Expires}} {
		if must.value == "" {
			say(must.name, "has no "+must.name)
		}
	}
	if _, err := time.Parse(time.DateOnly, q.Expires); q.Expires != "" && err != nil {
		say("expires", fmt.Sprintf("expires on %q, which is no day: write it as 2026-12-31", q.Expires))
	}
	if q.Detection+q.Table+q.Principal+q.Fingerprint == "" {
		say("", "would keep everything quiet: name a detection, a table, a principal or a fingerprint")
	}
}

// For is the first suppression that holds for a finding on its day, nil when none does.
func (s *Suppressions) For(f *schema.Finding) *Suppression {
	if s == nil {
		return nil
	}
	for i := range s.List {
		q := &s.List[i]
		if q.Expires >= f.Day &&
			(q.Detection == "" || policy.Glob(q.Detection, f.Detection)) &&
			(q.Table == "" || policy.Glob(q.Table, f.TableARN)) &&
			(q.Principal == "" || policy.Glob(q.Principal, f.Principal)) &&
			(q.Fingerprint == "" || q.Fingerprint == f.Fingerprint) {
			return q
		}
	}
	return nil
}

// Expired are those whose time is over on a day.
func (s *Suppressions) Expired(day string) (all []Suppression) {
	if s == nil {
		return nil
	}
	for _, q := range s.List {
		if q.Expires < day {
			all = append(all, q)
		}
	}
	return all
}
