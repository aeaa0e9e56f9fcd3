package compliance

import (
	"context"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// Frame is what all parts of a report share.
type Frame struct {
	Question
	Lake     *lake.Lake
	From, To int64    // microseconds since 1970, To not included
	Days     []string // of the period
	// Coverage is what became of the source objects, Gaps what the lake may lack of the
	// period because of it.
	Coverage lake.Coverage
	Gaps     queries.Gaps
	// Head is the journal's last entry: the state of the lake that the report is of.
	Head lake.Head
	// Keys are what the lake has settled for item keys; nil: all are kept as logged.
	Keys *personal.Pin
	// Catalogue is what is known of tables and their settings.
	Catalogue *tables.Catalogue
	// Findings are those of the period's days in the lake, about tables in scope or none, by
	// day and id, with what suppresses them. Of their evidence the first [maxFindingEvents]
	// are kept.
	Findings []schema.Finding
	// Unexpected is nil where there is no policy, or the policy has no rules.
	Unexpected *unexpected.Answer
	// Rows is how many touches the period has.
	Rows int64

	found  map[string]bool // days of the period that have a file of findings
	worst  schema.Severity // see [Made]
	chosen func(*schema.Touch) bool
}

// inScope reports whether a touch is of the tables that the report is about. Calls that
// are about no table, such as those on the trail, are in scope of every report.
func (f *Frame) inScope(t *schema.Touch) bool {
	return len(f.Tables) == 0 || t.TableName == "" && t.TableARN == "" || f.chosen(t)
}

// readFindings reads what was found on the period's days.
func (f *Frame) readFindings(ctx context.Context) error {
	days, err := f.Lake.FindingDays(ctx)
	if err != nil {
		return err
	}
	f.found = map[string]bool{}
	for _, day := range days {
		if day < f.Question.From || day > f.Question.To {
			continue
		}
		f.found[day] = true
		found, err := f.Lake.Findings(ctx, day)
		if err != nil {
			return err
		}
		for i := range found {
			f.take(&found[i])
		}
	}
	return nil
}

// take keeps a finding that is in scope.
func (f *Frame) take(n *schema.Finding) {
	if !f.about(n.TableARN, n.TableName) {
		return
	}
	if n.Suppressed == "" && f.Suppressions != nil {
		if s := f.Suppressions.For(n); s != nil {
			n.Suppressed = s.ID
		}
	}
	n.Evidence = slices.Clone(n.Evidence[:min(len(n.Evidence), maxFindingEvents)]) // all of it is some kilobytes
	f.Findings = append(f.Findings, *n)
	if told(n) {
		f.worst = max(f.worst, n.Severity)
	}
}

// tableMatcher says whether a touch is of a table that one of some globs names, by name or
// ARN. It asks once for each table.
func tableMatcher(globs []string) func(*schema.Touch) bool {
	known := map[[2]string]bool{}
	return func(t *schema.Touch) bool {
		key := [2]string{t.TableName, t.TableARN}
		chosen, ok := known[key]
		if !ok {
			for _, g := range globs {
				chosen = chosen || policy.Glob(g, t.TableName) || policy.Glob(g, t.TableARN)
			}
			known[[2]string{strings.Clone(t.TableName), strings.Clone(t.TableARN)}] = chosen
		}
		return chosen
	}
}

// Section ids, in the order in which they stand in the report. Every report has all of
// them: one that has nothing to tell says so.
const (
	Summary      = "summary"
	Coverage     = "coverage"
	Method       = "method"
	Integrity    = "integrity"
	Restated     = "restatements"
	ByTable      = "access-by-table"
	ByPerson     = "access-by-person"
	Unexpected   = "unexpected"
	Privileged   = "privileged"
	WaysOut      = "ways-out"
	Settings     = "settings"
	DeniedAccess = "denied"
	FindingsOf   = "findings"
	Anomalies    = "anomalies"
	Identities   = "identities"
	LogSystem    = "log-system"
	Fields       = "fields"
	Retention    = "retention"
	Controls     = "controls"
	SignOff      = "sign-off"
	Provenance   = "provenance"
)

// outline is the order of the sections.
var outline = []string{
	Summary, Coverage, Method, Integrity, Restated, ByTable, ByPerson, Unexpected, Privileged, WaysOut, Settings, DeniedAccess,
	FindingsOf, Anomalies, Identities, LogSystem, Fields, Retention, Controls, SignOff, Provenance,
}

// sections are those of a report that is being made, by id.
type sections map[string]*report.Section
