package detect

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var expirySwitchedOn = inOrder(Detection{
	ID: "DDB-DST-007", Version: 1, Title: "Expiry of items switched on or moved to another attribute", Severity: schema.SeverityHigh, Kind: schema.FindingEvent, Always: true,
	Needs: []Need{NeedControl}, Attack: []string{"T1485.001", "T1485"},
	Looks:       "an UpdateTimeToLive that nobody expects, or one by whoever may that takes another attribute than before. What then expires is deleted by DynamoDB itself, and nothing in the log tells of it",
	FalseAlarms: "the roll-out of a retention period",
	Advice:      "look at the attribute: items with a past time in it go within two days. Switch it off if in doubt, and compare the number of items; a table's attribute can be changed once an hour",
}, plain{}, func(e *Event) bool { return setsExpiry(e) || deletesTable(e) }, func(r *Run, _ *plain) func(*Event, bool) {
	attribute := map[string]string{} // by table
	return func(e *Event, today bool) {
		if deletesTable(e) {
			delete(attribute, e.TableARN)
			return
		}
		request := e.Request()
		name := request.At("timeToLiveSpecification", "attributeName").Text()
		on, said := request.At("timeToLiveSpecification", "enabled").Bool()
		had, before := attribute[e.TableARN]
		if name != "" {
			attribute[e.TableARN] = name
		}
		switch {
		case !today:
		case !said:
			r.NotEvaluated("the record does not say whether items expire")
		case !on:
		case before && name != had:
			r.Found(Hit{Event: e, Explain: fmt.Sprintf("items of %s expire by the attribute %s; before, it was %s", e.table(), shown(name), shown(had))})
		case !e.Allowed():
			r.Found(Hit{Event: e, Explain: fmt.Sprintf("items of %s expire by the attribute %s from now on", e.table(), shown(name))})
		case !before:
			r.NotEvaluated("by which attribute items expired before is not known")
		default:
			r.expected()
		}
	}
})

func setsExpiry(e *Event) bool { return e.Is("dynamodb", "UpdateTimeToLive") && e.OK() }

type importParams struct {
	ImportBuckets []string `yaml:"import_buckets"` // globs of the buckets that imports may come from
}

var foreignImport = apart(Detection{
	ID: "DDB-DST-011", Version: 1, Title: "Table imported from an unlisted bucket", Severity: schema.SeverityMedium,
	Needs: []Need{NeedControl, NeedParams}, Attack: []string{"T1565.001"},
	Looks:       "an ImportTable from a bucket that is none of import_buckets: somebody else may have written what is in the table now",
	FalseAlarms: "migrations",
	Advice:      "see who can write to the bucket, and whether an application was pointed at the new table",
}, importParams{}, func(r *Run, p *importParams, e *Event) (why, about string) {
	if !e.Is("dynamodb", "ImportTable") || !e.OK() {
		return "", ""
	}
	request, ok := r.request(e)
	bucket := request.At("s3BucketSource", "s3Bucket").Text()
	switch {
	case !ok:
	case len(p.ImportBuckets) == 0:
		r.NotEvaluated("import_buckets is empty")
	case bucket == "":
		r.NotEvaluated("the record does not say which bucket")
	case !listed(p.ImportBuckets, bucket):
		return fmt.Sprintf("%s was made from bucket %s, which is not one that imports may come from", e.table(), shown(bucket)), bucket
	}
	return "", ""
})

var indexRemoved = event(Detection{
	ID: "DDB-DST-012", Version: 1, Title: "Index or replica removed", Severity: schema.SeverityMedium,
	Needs: []Need{NeedControl}, Attack: []string{"T1489"},
	Looks:       "an UpdateTable, attempts too, that deletes a secondary index or a replica: queries of it fail from then on",
	FalseAlarms: "changes of the schema by hand",
	Advice:      "see which programs query it; an index can be made again from the table, which takes hours for a large one",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "UpdateTable") {
		return ""
	}
	request, _ := r.request(e)
	var gone []string
	for _, update := range request.At("globalSecondaryIndexUpdates").List() {
		if index := update.At("delete", "indexName").Text(); index != "" {
			gone = append(gone, "index "+shown(index))
		}
	}
	for _, update := range request.At("replicaUpdates").List() {
		if region := update.At("delete", "regionName").Text(); region != "" {
			gone = append(gone, "the replica in "+shown(region))
		}
	}
	if len(gone) == 0 {
		return ""
	}
	return fmt.Sprintf("%s loses %s", e.table(), strings.Join(gone, ", "))
})
