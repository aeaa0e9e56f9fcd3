package sample

import "slices"

// habit is what an actor does every day: so much of the account's calls, of these
// kinds, on these tables.
type habit struct {
	account int
	who     *actor
	weight  int
	mix     *mix
	tables  []string
	rhythm  *rhythm
	rest    int // of a weekday's calls on a weekend, in percent
}

// errand is what a person does so many times on a working day.
type errand struct {
	table, kind string
	times       int
}

// Kinds that nothing but a month has.
var capacityKind = kind{service: dynamodb, name: "UpdateTable", make: setCapacity}

func setCapacity(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name).key("provisionedThroughput")
	w.open('{').key("readCapacityUnits").num(g.between(10, 12) * 50).key("writeCapacityUnits").num(g.between(5, 6) * 50).close('}').close('}')
	g.description("UPDATING")
	g.touches(g.table)
}

var (
	steady  = mixOf(map[string]int{"GetItem": 420, "Query": 280, "UpdateItem": 110, "PutItem": 80, "BatchGetItem": 40, "TransactWriteItems": 20, "DeleteItem": 20, "Decrypt": 12})
	lookups = mixOf(map[string]int{"GetItem": 550, "Query": 350, "BatchGetItem": 100})
	worker  = mixOf(map[string]int{"GetRecords": 930, "GetShardIterator": 40, "UpdateItem/lease": 30})
	polls   = mixOf(map[string]int{"GetRecords": 960, "GetShardIterator": 40})
	nightly = mixOf(map[string]int{"Query": 300, "BatchGetItem": 120, "BatchWriteItem": 80, "Scan": 60})
	scales  = mix{shares: []share{{kindNamed("DescribeTable"), 80}, {&capacityKind, 20}}, total: 100}
)

// Actors that nothing but a month has.
var (
	devAPI      = actor{form: lambda, role: "dev-api-role", label: "dev-api", agents: []string{jsLambda}, fleet: 3, tables: []string{"customers", "orders-dev"}}
	exporter    = actor{form: task, role: "nightly-export", label: "nightly-export", agents: []string{pyBatch}, fleet: 1, vpc: true}
	monthEnd    = actor{form: task, role: "month-end-close", label: "month-end-close", agents: []string{javaTask}, fleet: 1, vpc: true}
	onCall      = actor{form: person, role: "AWSReservedSSO_OnCall_3c2b1a0f9e8d7c6b", names: engineers, agents: []string{cli, browser}, fleet: len(engineers)}
	repair      = actor{form: chained, role: "oncall-repair", names: engineers, agents: []string{cli}, fleet: len(engineers)}
	vaultKeeper = actor{form: linked, role: "AWSServiceRoleForBackup", label: "backup.amazonaws.com", agents: []string{"backup.amazonaws.com"}, fleet: 1}
)

// ours is an actor of the world of every sample.
func ours(account int, role string) *actor { return accounts[account].actorNamed(role) }

var habits = []habit{
	{0, ours(0, "checkout-api-role"), 300, &steady, []string{"customers", "orders", "sessions", "payments", "feature-flags"}, allDay, 70},
	{0, ours(0, "storefront-task-role"), 300, &steady, []string{"sessions", "inventory", "customers", "feature-flags", "orders"}, allDay, 75},
	{0, ours(0, "order-service"), 160, &steady, []string{"orders", "inventory", "payments"}, allDay, 70},
	{0, ours(0, "legacy-erp"), 60, &steady, []string{"inventory", "orders"}, officeTo, 40},
	{0, ours(0, "orders-stream-worker"), 130, &worker, []string{"orders"}, evenly, 100},
	{0, ours(0, "customer-events-role"), 60, &polls, []string{"customers"}, evenly, 100},
	{0, ours(0, "AWSServiceRoleForDynamoDBReplication"), 25, &replication, []string{"customers", "orders"}, evenly, 100},
	{0, ours(0, "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"), 25, &scales, []string{"orders", "inventory"}, allDay, 90},
	{0, ours(0, "partner-sync"), 16, &lookups, []string{"inventory"}, evenly, 100},
	{0, ours(0, "analytics-reader"), 24, &lookups, []string{"orders"}, atNight, 100},
	{1, ours(1, "glue-clickstream"), 90, &nightly, []string{"clickstream", "job-state"}, atNight, 100},
	{1, ours(1, "click-ingest-role"), 220, &steady, []string{"clickstream", "job-state"}, allDay, 85},
	{1, ours(1, "recommender"), 180, &lookups, []string{"ml-features", "clickstream"}, allDay, 85},
	{1, ours(1, "click-fanout-role"), 60, &polls, []string{"clickstream"}, evenly, 100},
	{2, &devAPI, 60, &steady, []string{"customers", "orders-dev"}, officeTo, 20},
	{2, ours(2, "orders-dev-trigger-role"), 40, &polls, []string{"orders-dev"}, evenly, 100},
}

// staff is who works at a desk, and what for.
var staff = []struct {
	account int
	who     *actor
	errands []errand
}{
	{0, ours(0, storyRole), []errand{{"orders", "Query", 3}, {"orders", "GetItem", 3}, {"customers", "GetItem", 2}, {"orders", "DescribeTable", 1}}},
	{0, ours(0, careRole), []errand{{"customers", "GetItem", 6}, {"customers", "Query", 3}, {"customers", "UpdateItem", 2}, {"orders", "Query", 3}}},
	{1, ours(1, "AWSReservedSSO_DataScience_91e2d3c4b5a60718"), []errand{{"ml-features", "Query", 4}, {"clickstream", "Query", 3}}},
	{2, ours(2, "AWSReservedSSO_Developer_77a6b5c4d3e2f101"), []errand{{"customers", "Query", 2}, {"orders-dev", "Scan", 2}, {"orders-dev", "PutItem", 2}}},
}

// quietKinds are the calls of other services in a month: none of them gives or changes
// anything.
var quietKinds = slices.DeleteFunc(slices.Clone(foreignKinds), func(k kind) bool {
	return !slices.Contains([]string{"GetObject", "PutObject", "ListObjects", "Invoke", "CreateLogStream", "DescribeInstances", "GetCallerIdentity"}, k.name)
})

// cast makes the streams of a month of so many calls in all.
func (m *month) cast(n, days int) {
	for _, s := range staff {
		for who := range s.who.fleet {
			for _, e := range s.errands {
				m.streams = append(m.streams, stream{place: s.account * len(regions), who: s.who, n: who, table: accounts[s.account].tableNamed(e.table),
					kind: kindNamed(e.kind), milli: e.times * 1000, rhythm: officeTo})
			}
		}
	}
	// People do not work more because there is more to see, but less where their calls
	// would be the most of it.
	people := 0
	for i := range m.streams {
		people += m.over(&m.streams[i], days)
	}
	if most := n * 1000 / 5; people > most {
		for i := range m.streams {
			m.streams[i].milli = m.streams[i].milli * most / people
		}
		people = most
	}
	m.habits(n*1000*88/100-people, days)
	for i := range m.streams {
		m.places[m.streams[i].place] = append(m.places[m.streams[i].place], i)
	}
}

// over is how many calls a stream has in so many days, in thousandths.
func (m *month) over(s *stream, days int) int {
	shares := 0
	for day := range days {
		shares += m.share(s, day)
	}
	return s.milli * shares / 100
}

// habits adds the streams of the habits, which have so many thousandths of a call in all,
// and for each actor one of calls on other services.
func (m *month) habits(milli, days int) {
	total := [...]int{0, 0, 0}
	weights := 0
	for i := range accounts {
		weights += accounts[i].weight
	}
	for _, h := range habits {
		total[h.account] += h.weight
	}
	for i := range habits {
		h := &habits[i]
		whole := stream{place: h.account * len(regions), who: h.who, n: anyOf, rhythm: h.rhythm, rest: h.rest, milli: 1000}
		weekday := milli * 1000 / m.over(&whole, days) * accounts[h.account].weight / weights * h.weight / total[h.account]
		for _, name := range h.tables {
			whole.table = accounts[h.account].tableNamed(name)
			m.split(whole, weekday/len(h.tables), h)
		}
		if h.who.form != linked {
			whole.rhythm = evenly
			m.streams = append(m.streams, whole)
		}
	}
}

// seldom is how many calls a weekday, in thousandths, are too few for a stream of their
// own: what happens every other day is news each time.
const seldom = 4000

// split cuts an actor's calls on one table into streams, by Region and kind. Those of too
// few calls are added to the first Region's, and to the most frequent kind's.
func (m *month) split(s stream, milli int, h *habit) {
	a := &accounts[h.account]
	most := slices.MaxFunc(h.mix.shares, func(a, b share) int { return a.weight - b.weight })
	shares := a.shares[0] + a.shares[1] + a.shares[2]
	home := milli
	for region := len(regions) - 1; region >= 0; region-- {
		here := milli * a.shares[region] / shares
		switch {
		case region == 0:
			here = home
		case !s.table.in(region), here*most.weight/h.mix.total < seldom, h.who.form == outsider, h.who.form == visitor:
			continue
		}
		home -= here
		s.place = h.account*len(regions) + region
		main := s
		main.kind, main.milli = most.kind, here
		for _, k := range h.mix.shares {
			if part := here * k.weight / h.mix.total; k.kind != most.kind && part >= seldom {
				main.milli -= part
				s.kind, s.milli = k.kind, part
				m.streams = append(m.streams, s)
			}
		}
		m.streams = append(m.streams, main)
	}
}
