package readiness

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// classRequirements are about tables, by class of events; all trails are taken together.
var classRequirements = []struct {
	class       detect.LogClass
	id, title   string
	severity    schema.Severity
	hides, mend string
}{
	{detect.DataReads, "SEL-01", "Reads of items", schema.SeverityHigh,
		"who saw an item: keytrail who has no reads, DDB-EXF-003 to 011 and DDB-CHG-003 find nothing, the report's access by person is empty",
		"an advanced selector of data events for AWS::DynamoDB::Table, without readOnly; keytrail setup terraform --tables"},
	{detect.DataWrites, "SEL-02", "Writes of items", schema.SeverityHigh,
		"who changed an item: keytrail who has no writes, DDB-CHG-002 and DDB-DST-008 and 009 find nothing, changes nobody expected are not seen",
		"an advanced selector of data events for AWS::DynamoDB::Table, without readOnly; keytrail setup terraform --tables"},
	{detect.ManagementWrites, "SEL-03", "Changes of tables", schema.SeverityCritical,
		"deleted tables, exports, backups, policies, stopped trails: DDB-DST, DDB-AUD, DDB-SEC and every way out of the report but Scans",
		"an advanced selector of management events beside those of data events"},
	{detect.ManagementReads, "SEL-04", "Looks at tables", schema.SeverityMedium,
		"who looked for tables and their settings beforehand: DDB-IAM-014",
		"management events of reads too, not WriteOnly"},
}

// madeUp is a name that no selector names: a table that is made tomorrow.
const madeUp = "keytrail-table-of-tomorrow"

// tables judges what is logged of the tables that are known, or of any.
func (f *facts) tables(q Question) (results []Result) {
	arns := f.known(q)
	for _, r := range classRequirements {
		result := Result{ID: r.id, Title: r.title, Severity: r.severity, About: "tables", Hides: r.hides, Mend: r.mend}
		if len(arns) == 0 {
			f.anyTable(r.class, &result)
		} else {
			f.eachTable(r.class, arns, q, &result)
		}
		results = append(results, result)
	}
	if q.Seen != nil {
		results = append(results, f.arrives(q.Seen)...)
	}
	return results
}

// known are the tables that somebody named: the question, the account, the lake.
func (f *facts) known(q Question) []string {
	arns := slices.Clone(q.Tables)
	for i := range f.answers {
		if a := &f.answers[i]; a.Call == "dynamodb:ListTables" && a.Error == nil {
			arns = append(arns, f.listedTables(a.About, a.JSON)...)
		}
	}
	for _, s := range q.Seen {
		arns = append(arns, s.ARN)
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}

// listedTables are the ARNs of the tables in an answer of ListTables, which has names. Its
// Region is that of the first trail where nobody said; the account is the caller's, or that
// of a trail that is no organization's.
func (f *facts) listedTables(region string, text []byte) (arns []string) {
	var names struct{ TableNames []string }
	if json.Unmarshal(text, &names) != nil {
		return nil
	}
	at := slices.IndexFunc(f.trails, func(t trail) bool { return !t.IsOrganizationTrail })
	if at < 0 {
		at = 0
	}
	t := &f.trails[at]
	parts := strings.SplitN(t.TrailARN, ":", 6)
	if len(parts) < 6 {
		return nil
	}
	for _, name := range names.TableNames {
		arns = append(arns, fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", parts[1], cmp.Or(region, t.HomeRegion), cmp.Or(f.caller, parts[4]), name))
	}
	return arns
}

// ofAny is what is logged of a table that nobody has named.
func (f *facts) ofAny(class detect.LogClass) (most detect.Logged) {
	for i := range f.trails {
		t := &f.trails[i]
		parts := strings.SplitN(t.TrailARN, ":", 6)
		if len(parts) == 6 {
			most = max(most, f.coverage.Of(fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", parts[1], t.HomeRegion, parts[4], madeUp), class))
		}
	}
	return most
}

// unlisted is why a list of tables that was asked for is not there.
func (f *facts) unlisted() string {
	for i := range f.answers {
		if a := &f.answers[i]; a.Call == "dynamodb:ListTables" && a.Error != nil {
			return fmt.Sprintf("%s in %s: %s", a.Call, a.About, a.Error)
		}
	}
	return ""
}

// anyTable judges by a table that nobody has named. Where selectors name tables, nothing
// can be said without knowing which there are.
func (f *facts) anyTable(class detect.LogClass, r *Result) {
	switch most := f.ofAny(class); {
	case most == detect.LoggedYes:
		r.Status, r.Found = Met, "of all tables, those of tomorrow too"
	case most == detect.LoggedPartly:
		r.Status, r.Found = Missing, "only some: a selector picks them by name, caller or the like"
	case most == detect.LoggedUnknown:
		r.Status, r.Found = Unknown, f.whyUnknown()
	case (class == detect.DataReads || class == detect.DataWrites) && slices.ContainsFunc(f.trails, f.namesTables):
		r.Status, r.Found = Unknown, "of tables that the selectors name; nobody told which there are: --tables, --lake, or an answer of dynamodb list-tables"
	default:
		r.Status, r.Found = Missing, "of no table"
	}
}

// namesTables tells whether a trail that is not stopped picks some tables by name.
func (f *facts) namesTables(t trail) bool {
	var s selectors
	if on, why := f.logging(&t); why == "" && !on || f.read("cloudtrail:GetEventSelectors", t.TrailARN, &s) != "" {
		return false
	}
	return s.namesTables()
}

// whyUnknown says which answer is missing.
func (f *facts) whyUnknown() string {
	for i := range f.trails {
		for _, call := range []string{"cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"} {
			if _, why := f.answer(call, f.trails[i].TrailARN); why != "" {
				return f.trails[i].Name + ": " + why
			}
		}
	}
	return "nobody told whether the trail is logging"
}

// eachTable judges every table. One that the policy protects makes it worse.
func (f *facts) eachTable(class detect.LogClass, arns []string, q Question, r *Result) {
	var not, partly, unknown, strange []string
	for _, arn := range arns {
		logged := f.coverage.Of(arn, class)
		switch {
		case logged == detect.LoggedYes:
			continue
		case logged == detect.LoggedUnknown:
			unknown = append(unknown, short(arn))
			continue
		case logged == detect.LoggedPartly:
			partly = append(partly, short(arn))
		case !f.asked(arn):
			strange = append(strange, short(arn))
			continue
		default:
			not = append(not, short(arn))
		}
		if q.Policy.TableOf(arn).Protected {
			r.Severity = schema.SeverityCritical
		}
	}
	switch {
	case len(not)+len(partly) > 0:
		r.Status = Missing
		found := []string{listed(not, "not of ", ""), listed(partly, "only some of ", "")}
		r.Found = strings.Join(slices.DeleteFunc(found, func(s string) bool { return s == "" }), "; ")
	case len(unknown) > 0:
		r.Status, r.Found = Unknown, listed(unknown, "not known of ", "")+": "+f.whyUnknown()
	case len(strange) > 0:
		r.Status, r.Found = Unknown, listed(strange, "nobody told of the trails of other accounts, with ", "")
	case f.unlisted() != "" && f.ofAny(class) != detect.LoggedYes:
		r.Status, r.Found = Unknown, fmt.Sprintf("of all tables known (%d), but not which others there are: %s", len(arns), f.unlisted())
	default:
		r.Status, r.Found = Met, fmt.Sprintf("of all tables known (%d)", len(arns))
	}
}

// short is a table's name, with its account and Region.
func short(arn string) string {
	if t, ok := schema.ParseTableARN(arn); ok {
		return t.Table + " (" + t.Account + ", " + t.Region + ")"
	}
	return arn
}
