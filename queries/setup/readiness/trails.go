package readiness

import (
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// trailRequirements are about a trail's own settings.
var trailRequirements = []requirement{
	{
		id: "TRL-02", title: "Logging is on", severity: schema.SeverityCritical,
		hides: "everything since it was stopped: no question, detection or report sees that time",
		mend:  "aws cloudtrail start-logging; terraform: enable_logging = true",
		ask: func(f *facts, t *trail) (Status, string) {
			on, why := f.logging(t)
			if why != "" {
				return Unknown, why
			}
			return yes(on, "it is logging", "the trail is stopped")
		},
	},
	{
		id: "TRL-03", title: "Deliveries arrive", severity: schema.SeverityCritical,
		hides: "what was logged since: CloudTrail tries for 30 days and then lets go",
		mend:  "let CloudTrail put objects into the bucket and use its key; terraform: bucket.tf, kms.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			var status struct{ LatestDeliveryError string }
			if why := f.read("cloudtrail:GetTrailStatus", t.TrailARN, &status); why != "" {
				return Unknown, why
			}
			return yes(status.LatestDeliveryError == "", "no failure is told", "the last one failed: "+status.LatestDeliveryError)
		},
	},
	{
		id: "TRL-04", title: "All Regions", severity: schema.SeverityHigh,
		hides: "tables, replicas and restored copies in other Regions, and who read them: DDB-EXF-012, DDB-EXF-018, every way out in the compliance report",
		mend:  "aws cloudtrail update-trail --is-multi-region-trail; terraform: is_multi_region_trail = true",
		ask: func(_ *facts, t *trail) (Status, string) {
			return told(t.IsMultiRegionTrail, "it logs all Regions", "it logs "+t.HomeRegion+" alone")
		},
	},
	{
		id: "TRL-05", title: "Global services", severity: schema.SeverityMedium,
		hides: "IAM and STS: who took which role, so that who stands behind a shared role is not known (who --follow, DDB-IAM-002 and 003)",
		mend:  "aws cloudtrail update-trail --include-global-service-events; terraform: include_global_service_events = true",
		ask: func(_ *facts, t *trail) (Status, string) {
			return told(t.IncludeGlobalServiceEvents, "they are logged", "they are left out")
		},
	},
	{
		id: "TRL-06", title: "Signed digests", severity: schema.SeverityHigh,
		hides: "whether a log was changed, taken away or planted: keytrail verify --digests, DDB-COV-001 to 003, the report's section on integrity",
		mend:  "aws cloudtrail update-trail --enable-log-file-validation; terraform: enable_log_file_validation = true",
		ask: func(_ *facts, t *trail) (Status, string) {
			return told(t.LogFileValidationEnabled, "log file validation is on", "log file validation is off")
		},
	},
	{
		id: "TRL-07", title: "Digests arrive", severity: schema.SeverityMedium,
		hides: "proof of the hours since: verify calls their logs unproven",
		mend:  "let CloudTrail put objects below CloudTrail-Digest/ too; terraform: bucket.tf",
		ask: func(f *facts, t *trail) (Status, string) {
			var status struct{ LatestDigestDeliveryError string }
			if why := f.read("cloudtrail:GetTrailStatus", t.TrailARN, &status); why != "" {
				return Unknown, why
			}
			return yes(status.LatestDigestDeliveryError == "", "no failure is told", "the last one failed: "+status.LatestDigestDeliveryError)
		},
	},
	{
		id: "INS-01", title: "Insights of call rates", severity: schema.SeverityLow,
		hides: "CloudTrail's own word on unusual numbers of changes",
		mend:  `aws cloudtrail put-insight-selectors; terraform: insight_selector "ApiCallRateInsight"`,
		ask:   func(f *facts, t *trail) (Status, string) { return f.insight(t, "ApiCallRateInsight") },
	},
	{
		id: "INS-02", title: "Insights of error rates", severity: schema.SeverityLow,
		hides: "CloudTrail's own word on unusual numbers of errors, such as of somebody trying what is allowed",
		mend:  `aws cloudtrail put-insight-selectors; terraform: insight_selector "ApiErrorRateInsight"`,
		ask:   func(f *facts, t *trail) (Status, string) { return f.insight(t, "ApiErrorRateInsight") },
	},
}

// told is the outcome of a setting in the answer of DescribeTrails.
func told(is *bool, met, missing string) (Status, string) {
	if is == nil {
		return Unknown, "the answer of DescribeTrails does not say"
	}
	return yes(*is, met, missing)
}

func (f *facts) insight(t *trail, kind string) (Status, string) {
	var answer struct {
		InsightSelectors []struct {
			InsightType     string
			EventCategories []string // none: management events
		}
	}
	if why := f.read("cloudtrail:GetInsightSelectors", t.TrailARN, &answer); why != "" {
		return Unknown, why
	}
	found := "they are off"
	for _, s := range answer.InsightSelectors {
		switch {
		case s.InsightType != kind:
		case len(s.EventCategories) == 0 || slices.Contains(s.EventCategories, "Management"):
			return Met, "they are on"
		default:
			found = "they are on for data events alone"
		}
	}
	return Missing, found
}

// selectors are the event selectors of a trail, of either style.
type selectors struct {
	EventSelectors []struct {
		ExcludeManagementEventSources []string
		IncludeManagementEvents       *bool
		DataResources                 []struct {
			Type   string
			Values []string
		}
	}
	AdvancedEventSelectors []struct{ FieldSelectors []fieldSelector }
}

type fieldSelector struct {
	Field                                 string
	Equals, StartsWith, EndsWith          []string
	NotEquals, NotStartsWith, NotEndsWith []string
}

// of is the condition on a field in an advanced selector; the zero value when there is none.
func of(fields []fieldSelector, name string) fieldSelector {
	if at := slices.IndexFunc(fields, func(f fieldSelector) bool { return f.Field == name }); at >= 0 {
		return fields[at]
	}
	return fieldSelector{}
}
