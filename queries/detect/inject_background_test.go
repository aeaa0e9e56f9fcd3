package detect_test

import (
	"fmt"
	"slices"
)

// levelChange is how many days ago one program began to do twice as much.
const levelChange = 20

type params map[string]any

// background are the calls of an ordinary day.
func (w *world) background(day int32) (calls []*call) {
	if w.deploy[day] {
		w.deployment()
	}
	if day == w.day-levelChange {
		w.cast[workload][7].rate *= 2
	}
	add := func(all ...*call) { calls = append(calls, all...) }
	for _, m := range w.cast[workload] {
		for range w.count(m.rate) {
			add(w.work(m, day))
		}
		for n := range m.batches {
			add(&call{at: at(day, 2, n, 0), who: m.copyOf(), name: "BatchGetItem", table: m.tables[0], request: batch(m.tables[0], 100*n, 100)})
		}
	}
	for _, m := range w.cast[person] {
		if m.set == "OnCall" && w.r.IntN(3) == 0 {
			add(w.look(m, day, 0, 24))
		} else if !isFree(day) {
			for range w.count(m.rate) {
				add(w.look(m, day, 8, 17))
			}
		}
	}
	for _, form := range []string{linkedRole, partnerRole, dataRole} {
		for _, m := range w.cast[form] {
			for range w.count(m.rate) {
				add(w.visit(m, day))
			}
		}
	}
	if !isFree(day) || day == w.day-worldBefore {
		for n, m := range w.cast[pipeline] {
			add(w.deployed(m, n, day)...)
		}
	}
	if at(day+1, 0, 0, 0).Day() == 1 {
		add(w.monthEnd(day)...)
	}
	slices.SortStableFunc(calls, func(a, b *call) int { return a.at.Compare(b.at) })
	return calls
}

// deployment starts a quarter of the workloads anew, on other machines with a newer SDK.
func (w *world) deployment() {
	w.minor++
	for n, m := range w.cast[workload] {
		if n%worldDeployments == w.minor%worldDeployments {
			m.restart(w.r, w.minor)
		}
	}
}

func (w *world) key() params { return params{"pk": fmt.Sprintf("U#%d", w.r.IntN(400))} }

func batch(t *worldTable, from, n int) params {
	var items []params
	for i := range n {
		items = append(items, params{"tableName": t.name, "key": params{"pk": fmt.Sprintf("U#%d", from+i)}})
	}
	return params{"requestItems": items}
}

// work is a call of a program: of all kinds, and now and then one that fails.
func (w *world) work(m *member, day int32) *call {
	t := m.tables[w.r.IntN(len(m.tables))]
	c := &call{at: w.between(day, 0, 24), who: m.copyOf(), table: t}
	switch n := w.r.IntN(100); {
	case n < 45:
		c.name, c.request = "GetItem", params{"tableName": t.name, "key": w.key()}
	case n < 65:
		c.name, c.request = "Query", params{"tableName": t.name, "keyConditionExpression": "pk = :pk"}
	case n < 80:
		c.name, c.request = "PutItem", params{"tableName": t.name, "key": w.key()}
	case n < 85:
		c.name, c.request = "DeleteItem", params{"tableName": t.name, "key": w.key()}
	case n < 90 && m.inBatches:
		c.name, c.request = "BatchGetItem", batch(t, w.r.IntN(300), 5)
	case n < 95:
		c.name, c.request = "TransactWriteItems", params{"requestItems": []params{
			{"operation": "Put", "tableName": t.name, "key": w.key()}, {"operation": "Update", "TableName": t.name, "Key": w.key()}}}
	default:
		c.name, c.request = "ExecuteStatement", params{"statement": fmt.Sprintf(`SELECT * FROM "%s" WHERE pk = 'U#%d'`, t.name, w.r.IntN(400))}
	}
	switch w.r.IntN(300) {
	case 0:
		c.denied = true
	case 1, 2, 3:
		c.failed = "ProvisionedThroughputExceededException"
	}
	return c
}

// look is a person's call. Support asks for single items.
func (w *world) look(m *member, day int32, from, to int) *call {
	t := m.tables[w.r.IntN(len(m.tables))]
	c := &call{at: w.between(day, from, to), who: m.copyOf(), table: t}
	switch n := w.r.IntN(20); {
	case n == 0 && m.set == "Developer":
		c.name, c.request, c.denied = "GetItem", params{"tableName": t.name, "key": w.key()}, true
	case n < 4:
		c.name, c.request = "DescribeTable", params{"tableName": t.name}
	case n < 5:
		c.name, c.request, c.table = "ListTables", params{}, nil
	case n < 7:
		c.name, c.request = "ExecuteStatement", params{"statement": fmt.Sprintf(`SELECT * FROM "%s" WHERE pk = 'U#%d'`, t.name, w.r.IntN(400))}
	case n < 12:
		c.name, c.request = "Query", params{"tableName": t.name, "keyConditionExpression": "pk = :pk"}
	default:
		c.name, c.request = "GetItem", params{"tableName": t.name, "key": w.key()}
	}
	return c
}

// visit is a call of AWS's own, or of another account's.
func (w *world) visit(m *member, day int32) *call {
	t := m.tables[w.r.IntN(len(m.tables))]
	c := &call{at: w.between(day, 0, 24), who: m, table: t, name: "GetItem", request: params{"tableName": t.arn(), "key": w.key()}}
	if m.form == linkedRole {
		c.name, c.request = "DescribeTable", params{"tableName": t.name}
		if w.r.IntN(4) == 0 {
			c.name, c.request = "UpdateTable", params{"tableName": t.name, "provisionedThroughput": params{"readCapacityUnits": 50 + w.r.IntN(9), "writeCapacityUnits": 50}}
		}
	}
	return c
}

// deployed is what a pipeline does: on the first day of all it sets up everything, later
// now and then something.
func (w *world) deployed(m *member, n int, day int32) (calls []*call) {
	do := func(name string, t *worldTable, request, answer any) {
		calls = append(calls, &call{at: at(day, 9+len(calls)/60, len(calls)%60, n), who: m.copyOf(), table: t, name: name, request: request, answer: answer})
	}
	for _, t := range m.tables {
		told := params{"tableDescription": params{"tableName": t.name, "tableArn": t.arn(), "tableSizeBytes": t.mib << 20}}
		if day == w.day-worldBefore {
			do("UpdateTimeToLive", t, params{"tableName": t.name, "timeToLiveSpecification": params{"enabled": true, "attributeName": t.ttl}}, nil)
			do("UpdateContinuousBackups", t, params{"tableName": t.name, "pointInTimeRecoverySpecification": params{"pointInTimeRecoveryEnabled": true}}, nil)
			do("UpdateTable", t, params{"tableName": t.name, "deletionProtectionEnabled": true}, told)
		} else if w.count(m.rate) > 0 {
			do("DescribeTable", t, params{"tableName": t.name}, nil)
			do("UpdateTable", t, params{"tableName": t.name, "billingMode": "PAY_PER_REQUEST"}, told)
			do("TagResource", t, params{"resourceArn": t.arn(), "tags": []params{{"key": "release", "value": fmt.Sprint(w.minor)}}}, nil)
		}
	}
	if n == 0 && day == w.day-worldBefore {
		do("PutEventSelectors", nil, params{"trailName": worldTrail, "advancedEventSelectors": selectors("")}, nil)
		calls[len(calls)-1].service = "cloudtrail"
	}
	return calls
}

const worldTrail = "arn:aws:cloudtrail:" + worldRegion + ":" + ownAccount + ":trail/main"

// selectors log management events, and calls on the items of all tables but one.
func selectors(but string) []params {
	data := []params{{"field": "eventCategory", "equals": []string{"Data"}}, {"field": "resources.type", "equals": []string{"AWS::DynamoDB::Table"}}}
	if but != "" {
		data = append(data, params{"field": "resources.ARN", "notEquals": []string{but}})
	}
	return []params{{"name": "m", "fieldSelectors": []params{{"field": "eventCategory", "equals": []string{"Management"}}}}, {"name": "d", "fieldSelectors": data}}
}

// monthEnd is a job that a rule allows.
func (w *world) monthEnd(day int32) (calls []*call) {
	m := w.cast[workload][0]
	for n := range 12 {
		calls = append(calls, &call{at: at(day, 23, n, 0), who: m.copyOf(), table: m.tables[0], name: "BatchGetItem", request: batch(m.tables[0], 100*n, 100)})
	}
	return calls
}
