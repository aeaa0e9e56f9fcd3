package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

type replicaParams struct {
	Regions []string `yaml:"regions"` // globs of Regions that may hold data
}

var foreignReplica = apart(Detection{
	ID: "DDB-EXF-018", Version: 1, Title: "Replica in a Region that may not hold data", Severity: schema.SeverityHigh,
	Needs: []Need{NeedControl, NeedParams}, Attack: []string{"T1535", "T1537"},
	Looks:       "a table that is given a replica, or made a global table, in a Region that is none of regions; attempts too",
	FalseAlarms: "a planned expansion whose Region nobody has listed yet",
	Advice:      "a replica has all items and takes every change; delete it there, and look whether anybody read it in that Region: is there a trail?",
}, replicaParams{}, func(r *Run, p *replicaParams, e *Event) (why, about string) {
	if !e.Is("dynamodb", "UpdateTable", "CreateGlobalTable", "UpdateGlobalTable") {
		return "", ""
	}
	request, _ := r.request(e)
	var others []string
	for _, region := range replicaRegions(request) {
		if !listed(p.Regions, region) {
			others = append(others, shown(region))
		}
	}
	switch {
	case len(others) == 0:
		return "", ""
	case len(p.Regions) == 0:
		r.NotEvaluated("regions is empty")
		return "", ""
	}
	slices.Sort(others)
	about = strings.Join(slices.Compact(others), ", ")
	return fmt.Sprintf("%s gets a replica in %s, where no data may be", e.table(), about), about
})

// replicaRegions are the Regions of the replicas that a request makes.
func replicaRegions(request Value) (all []string) {
	for _, update := range request.At("replicaUpdates").List() {
		all = append(all, update.At("create", "regionName").Text())
	}
	for _, replica := range request.At("replicationGroup").List() {
		all = append(all, replica.At("regionName").Text())
	}
	return slices.DeleteFunc(all, func(region string) bool { return region == "" })
}

var zeroETL = apart(Detection{
	ID: "DDB-EXF-019", Version: 1, Title: "Table connected to a data warehouse", Severity: schema.SeverityHigh,
	Needs: []Need{NeedOther}, Attack: []string{"T1537", "T1119"},
	Looks:       "a Glue or Redshift integration whose source is a table: it copies the whole table and then every change",
	FalseAlarms: "an analytics project that no rule allows yet",
	Advice:      "see whose the target is, and who may query it there; delete the integration if nobody asked for it",
}, plain{}, func(r *Run, _ *plain, e *Event) (why, about string) {
	if e.EventName != "CreateIntegration" || !e.OK() {
		return "", ""
	}
	source, target := e.Request().At("sourceArn").Text(), e.Request().At("targetArn").Text()
	if source == "" {
		r.NotEvaluated("the record does not say what is copied")
		return "", ""
	}
	if _, ok := schema.ParseTableARN(source); !ok {
		return "", ""
	}
	return fmt.Sprintf("%s is copied to %s by an integration of %s", e.table(), shown(target), shown(e.Service())), target
})
