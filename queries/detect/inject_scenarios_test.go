package detect_test

import (
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// act is what a scenario puts into the night, and what is to come of it.
type act struct {
	calls []*call
	must  []string         // detections that find it
	never []string         // and those that do not
	most  schema.Severity  // of any finding about it; zero: any
	hides func(*call) bool // background that the log does not have because of it
	table *worldTable      // that it is about, where no call is found
}

// scenario draws an act: who, on which table, when.
type scenario struct {
	name string
	draw func(*world) *act
}

var scenarios = []scenario{
	{"S0 nothing put", func(*world) *act { return &act{most: schema.SeverityInfo} }},
	{"S1 full scan by a person at night", nightScan},
	{"S2 items harvested with a stolen role", harvest},
	{"S4 export to a foreign bucket", foreignExport},
	{"S5 recovery prevented, table deleted", sabotage},
	{"S6 expiry moved to another attribute", expiry},
	{"S7 policy opened, fenced", fencedPolicy},
	{"S7 policy opened, not fenced", openPolicy},
	{"S8 a table left out of the log", leftOut},
	{"S9 deployment of forty containers", deployment},
	{"S10 denied by a broken deployment", brokenDeployment},
	{"S10 denied to an enumerator", enumerator},
	{"S12 pipeline's role on a laptop", laptop},
}

func anybody(*member) bool     { return true }
func developer(m *member) bool { return m.set == "Developer" }

// fresh is an address in a network that nobody has called from.
func (w *world) fresh() string { return fmt.Sprintf("203.0.113.%d", 1+w.r.IntN(250)) }

// nightScan reads all of a restricted table.
func nightScan(w *world) *act {
	who, t := w.one(person, developer).copyOf(), w.sensitive()
	a := &act{must: []string{"DDB-EXF-003", "DDB-EXF-005", "DDB-IAM-015"}}
	start := w.between(w.day, 2, 4)
	for n := range t.mib + w.r.IntN(t.mib/4) {
		a.calls = append(a.calls, &call{at: start.Add(seconds(2 * n)), who: who, name: "Scan", table: t, request: params{"tableName": t.name}})
	}
	return a
}

// harvest asks for twenty thousand items in an hour, with the credentials of an instance.
func harvest(w *world) *act {
	who := w.one(workload, func(m *member) bool { return m.form == onInstance && !m.inBatches && m.rate > 1.5 }).copyOf()
	t := who.tables[0]
	who.ip, who.agent = w.fresh(), []string{"Boto3/1.34.11 md/Botocore#1.34.11", "aws-cli/2.17.9 md/Botocore#1.34"}[w.r.IntN(2)]
	a := &act{must: []string{"DDB-EXF-008", "DDB-EXF-007", "DDB-IAM-006", "DDB-IAM-012"}}
	start := at(w.day, w.r.IntN(24), w.r.IntN(9), 0)
	for n := range 200 {
		a.calls = append(a.calls, &call{at: start.Add(seconds(15 * n)), who: who, name: "BatchGetItem", table: t, request: batch(t, 1000+100*n, 100)})
	}
	return a
}

// foreignExport goes to somebody else's bucket, or to one that is not listed.
func foreignExport(w *world) *act {
	who, t := w.one([]string{person, workload}[w.r.IntN(2)], anybody).copyOf(), w.sensitive()
	request := params{"tableArn": t.arn(), "s3Bucket": "org-exports", "s3BucketOwner": foreignAccount}
	if w.r.IntN(2) == 0 {
		request = params{"tableArn": t.arn(), "s3Bucket": fmt.Sprintf("bucket-%d", w.r.IntN(1e6))}
	}
	return &act{must: []string{"DDB-EXF-001"}, calls: []*call{{at: w.between(w.day, 0, 24), who: who, name: "ExportTableToPointInTime", table: t, request: request}}}
}

// sabotage takes away what a table could be restored by, then the table.
func sabotage(w *world) *act {
	who, t := w.one(person, anybody).copyOf(), w.sensitive()
	a := &act{must: []string{"DDB-DST-003", "DDB-DST-004", "DDB-DST-005", "DDB-DST-006", "DDB-DST-001"}}
	when := w.between(w.day, 0, 20)
	for _, step := range []struct {
		name    string
		request params
	}{
		{"UpdateTable", params{"tableName": t.name, "deletionProtectionEnabled": false}},
		{"UpdateContinuousBackups", params{"tableName": t.name, "pointInTimeRecoverySpecification": params{"pointInTimeRecoveryEnabled": false}}},
		{"DeleteBackup", params{"backupArn": t.arn() + "/backup/01700000000000-abcdef01"}},
		{"DeleteTable", params{"tableName": t.name}},
	} {
		a.calls = append(a.calls, &call{at: when, who: who, name: step.name, table: t, request: step.request})
		when = when.Add(seconds(60 + w.r.IntN(3000)))
	}
	last := a.calls[len(a.calls)-1].at
	a.hides = func(c *call) bool { return c.table == t && c.at.After(last) }
	return a
}

// byHandOrPipeline is a person, or a pipeline that a rule allows to.
func (w *world) byHandOrPipeline() *member {
	return w.one([]string{person, pipeline}[w.r.IntN(2)], anybody).copyOf()
}

func expiry(w *world) *act {
	t := w.tables[w.r.IntN(worldTables)]
	return &act{must: []string{"DDB-DST-007"}, calls: []*call{{at: w.between(w.day, 0, 24), who: w.byHandOrPipeline(), name: "UpdateTimeToLive", table: t,
		request: params{"tableName": t.name, "timeToLiveSpecification": params{"enabled": true, "attributeName": "created_at"}}}}}
}

// policyPut puts a policy on a table that lets everybody read who meets a condition.
func policyPut(w *world, who *member, condition string) *call {
	t := w.tables[w.r.IntN(worldTables)]
	text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"%s"%s}]}`, t.arn(), condition)
	return &call{at: w.between(w.day, 0, 24), who: who, name: "PutResourcePolicy", table: t, request: params{"resourceArn": t.arn(), "policy": text}}
}

func fencedPolicy(w *world) *act {
	fence := `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-ours"}}`
	return &act{never: []string{"DDB-SEC-001"}, most: schema.SeverityLow, calls: []*call{policyPut(w, w.one(pipeline, anybody).copyOf(), fence)}}
}

func openPolicy(w *world) *act {
	loose := []string{"", `,"Condition":{"StringLike":{"aws:PrincipalAccount":"*"}}`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-theirs"}}`}
	return &act{must: []string{"DDB-SEC-001"}, calls: []*call{policyPut(w, w.byHandOrPipeline(), loose[w.r.IntN(len(loose))])}}
}

// leftOut narrows the trail's selectors, after which calls on the items of the busiest
// restricted table are in no log.
func leftOut(w *world) *act {
	t := w.busiest()
	c := &call{at: w.between(w.day, 0, 12), who: w.byHandOrPipeline(), service: "cloudtrail", name: "PutEventSelectors",
		request: params{"trailName": worldTrail, "advancedEventSelectors": selectors(t.arn())}}
	return &act{
		must: []string{"DDB-AUD-002", "DDB-COV-004"}, never: []string{"DDB-AUD-009"}, calls: []*call{c}, table: t,
		hides: func(b *call) bool {
			return b.table == t && b.at.After(c.at) && schema.Classify(b.name).Data
		},
	}
}

// busiest is the restricted table that most is done to.
func (w *world) busiest() *worldTable {
	rate := func(t *worldTable) (sum float64) {
		for _, m := range w.cast[workload] {
			if slices.Contains(m.tables, t) {
				sum += m.rate / float64(len(m.tables))
			}
		}
		return sum
	}
	return slices.MaxFunc(w.tables[:worldRestricted], func(a, b *worldTable) int { return int(1000 * (rate(a) - rate(b))) })
}

// deployment starts a workload on forty machines, each of which asks what its table is
// like and fills its cache, with a newer SDK.
func deployment(w *world) *act {
	who := w.one(workload, func(m *member) bool { return m.rate > 2 })
	a := &act{most: schema.SeverityLow}
	start := w.between(w.day, 8, 16)
	for n := range 40 {
		m := who.copyOf()
		m.restart(w.r, w.minor+1)
		if m.form == inFunction {
			m.ip = fmt.Sprintf("52.94.%d.%d", w.r.IntN(250), 1+w.r.IntN(250)) // AWS's own
		}
		when := start.Add(seconds(20 * n))
		a.calls = append(a.calls, &call{at: when, who: m, name: "DescribeTable", table: m.tables[0], request: params{"tableName": m.tables[0].name}})
		for range 10 {
			when = when.Add(seconds(1))
			a.calls = append(a.calls, &call{at: when, who: m, name: "GetItem", table: m.tables[0], request: params{"tableName": m.tables[0].name, "key": w.key()}})
		}
	}
	return a
}

// brokenDeployment forgot a permission.
func brokenDeployment(w *world) *act {
	who := w.one(workload, anybody).copyOf()
	who.restart(w.r, w.minor+1)
	a := &act{most: schema.SeverityInfo}
	start, t := w.between(w.day, 8, 20), who.tables[0]
	for n := range 30 + w.r.IntN(100) {
		a.calls = append(a.calls, &call{at: start.Add(seconds(5 * n)), who: who, name: "UpdateItem", table: t, denied: true, request: params{"tableName": t.name, "key": w.key()}})
	}
	return a
}

// enumerator lists the tables, asks about a dozen of them, and tries what is possible.
func enumerator(w *world) *act {
	who := w.one(person, developer).copyOf()
	who.ip = w.fresh()
	a := &act{must: []string{"DDB-IAM-010", "DDB-IAM-014"}}
	when := at(w.day, w.r.IntN(24), 10*w.r.IntN(5), 0)
	do := func(name string, t *worldTable, denied bool) {
		c := &call{at: when, who: who, name: name, table: t, request: params{}, denied: denied}
		if t != nil {
			c.request = params{"tableName": t.name, "key": w.key()}
		}
		a.calls = append(a.calls, c)
		when = when.Add(seconds(1 + w.r.IntN(9)))
	}
	do("ListTables", nil, false)
	found := w.some(12, 0)
	for _, t := range found {
		do("DescribeTable", t, false)
	}
	for n, t := range found {
		do([]string{"GetItem", "PutItem", "Scan", "DeleteItem"}[n%4], t, true)
	}
	return a
}

// laptop is a pipeline's role in somebody's hands.
func laptop(w *world) *act {
	who := w.one(pipeline, anybody).copyOf()
	t := who.tables[0]
	who.ip = w.fresh()
	if w.r.IntN(2) == 0 {
		who.session = "laptop"
	}
	return &act{must: []string{"DDB-CHG-006"}, calls: []*call{{at: w.between(w.day, 0, 24), who: who, name: "UpdateTable", table: t,
		request: params{"tableName": t.name, "billingMode": "PAY_PER_REQUEST"}}}}
}
