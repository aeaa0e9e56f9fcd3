package readiness

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// selectorRequirements are about what a trail's selectors pick, beyond tables.
var selectorRequirements = []requirement{
	{
		id: "SEL-05", title: "Streams of tables", severity: schema.SeverityMedium,
		hides: "who read change streams, which show items: DDB-EXF-017, streams in who --could-have",
		mend:  "an advanced selector of data events for AWS::DynamoDB::Stream; terraform: trail.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			var s selectors
			if why := f.read("cloudtrail:GetEventSelectors", t.TrailARN, &s); why != "" {
				return Unknown, why
			}
			for _, a := range s.AdvancedEventSelectors {
				if slices.Contains(of(a.FieldSelectors, "resources.type").Equals, "AWS::DynamoDB::Stream") {
					return Met, "their data events are selected"
				}
			}
			return Missing, "no selector is about them"
		},
	},
	{
		id: "SEL-06", title: "Calls of KMS", severity: schema.SeverityMedium,
		hides: "keys of tables that are disabled, opened or replaced: DDB-DST-010, DDB-SEC-003 and 004, DDB-AUD-005",
		mend:  "do not exclude kms.amazonaws.com from management events; terraform: the selector of management events",
		ask: func(f *facts, t *trail) (Status, string) {
			var s selectors
			if why := f.read("cloudtrail:GetEventSelectors", t.TrailARN, &s); why != "" {
				return Unknown, why
			}
			return yes(s.logsKMS(), "they are logged", "management events of KMS are left out")
		},
	},
	{
		id: "SEL-07", title: "Selectors that select something", severity: schema.SeverityHigh,
		hides: "the tables that somebody meant: a selector compares text, and knows no wildcards",
		mend:  "name tables by whole ARNs, or begin with arn:aws:dynamodb for all",
		ask: func(f *facts, t *trail) (Status, string) {
			var s selectors
			if why := f.read("cloudtrail:GetEventSelectors", t.TrailARN, &s); why != "" {
				return Unknown, why
			}
			return yes(len(s.vain()) == 0, "none is in vain", listed(s.vain(), "these match no table: ", ""))
		},
	},
}

const kms = "kms.amazonaws.com"

// logsKMS tells whether management events of KMS are logged. A trail without selectors logs
// all management events.
func (s *selectors) logsKMS() bool {
	for _, b := range s.EventSelectors {
		if (b.IncludeManagementEvents == nil || *b.IncludeManagementEvents) && !slices.Contains(b.ExcludeManagementEventSources, kms) {
			return true
		}
	}
	for _, a := range s.AdvancedEventSelectors {
		source := of(a.FieldSelectors, "eventSource")
		if slices.Contains(of(a.FieldSelectors, "eventCategory").Equals, "Management") && !slices.Contains(source.NotEquals, kms) &&
			(len(source.Equals) == 0 || slices.Contains(source.Equals, kms)) {
			return true
		}
	}
	return len(s.EventSelectors)+len(s.AdvancedEventSelectors) == 0
}

// vain are the values for tables that no table's ARN matches.
func (s *selectors) vain() (all []string) {
	for _, b := range s.EventSelectors {
		for _, r := range b.DataResources {
			for _, v := range r.Values {
				if r.Type == tableType && (strings.ContainsAny(v, "*?") || !strings.HasPrefix(v, "arn:aws")) {
					all = append(all, v)
				}
			}
		}
	}
	for _, a := range s.AdvancedEventSelectors {
		if !slices.Contains(of(a.FieldSelectors, "resources.type").Equals, tableType) {
			continue
		}
		arn := of(a.FieldSelectors, "resources.ARN")
		for _, v := range arn.Equals {
			if parsed, ok := schema.ParseTableARN(v); !ok || parsed.Sub != "" || !schema.LegalTableName(parsed.Table) {
				all = append(all, v)
			}
		}
		for _, v := range slices.Concat(arn.StartsWith, arn.EndsWith) {
			if strings.ContainsAny(v, "*?") {
				all = append(all, v)
			}
		}
	}
	return all
}

// ofTables tells whether any selector is about calls on items of tables.
func (s *selectors) ofTables() bool {
	for _, b := range s.EventSelectors {
		for _, r := range b.DataResources {
			if r.Type == tableType && len(r.Values) > 0 {
				return true
			}
		}
	}
	for _, a := range s.AdvancedEventSelectors {
		if slices.Contains(of(a.FieldSelectors, "resources.type").Equals, tableType) {
			return true
		}
	}
	return false
}

// namesTables tells whether any selector is about some tables, and not all.
func (s *selectors) namesTables() bool {
	for _, b := range s.EventSelectors {
		for _, r := range b.DataResources {
			if r.Type == tableType && len(r.Values) > 0 {
				return true
			}
		}
	}
	for _, a := range s.AdvancedEventSelectors {
		arn := of(a.FieldSelectors, "resources.ARN")
		if slices.Contains(of(a.FieldSelectors, "resources.type").Equals, tableType) && len(arn.Equals)+len(arn.StartsWith)+len(arn.EndsWith) > 0 {
			return true
		}
	}
	return false
}

const tableType = "AWS::DynamoDB::Table"
