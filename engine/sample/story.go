package sample

import "time"

// The incident. On the second night, or another that was asked for, somebody uses the console session of an
// engineer, maren.holt@example.com, from a network that nobody in the company has
// ever called from. In half an hour they look around, page through the customers
// table, pick the VIPs, read eight of them, change the bank account of customer
// 1042, and delete that customer's profile at 03:12. An export to a foreign bucket
// and StopLogging are refused; PutEventSelectors is not, and takes the data events
// out of one of the two trails. The other trail saw it all.
//
// Around it lies the ordinary history of customer 1042, so that the deletion has a
// before and an after.

const (
	storyRole    = "AWSReservedSSO_ProductionSupport_6f0c1a2b3d4e5f60"
	storyPerson  = "maren.holt@example.com"
	careRole     = "AWSReservedSSO_CustomerCare_0a1b2c3d4e5f6071"
	storyAddress = "203.0.113.77"
	storyPK      = "customer#1042"
	storySK      = "profile"

	defaultIncidentDay = 2
)

// vips are the customers read in one batch; the one that matters is among them.
var vips = []string{"customer#117", "customer#388", "customer#1042", "customer#2051", "customer#4477", "customer#9003", "customer#15220", "customer#31999"}

// story is the incident and the history around it, in the order of time. What falls out
// of the sample's days is left out, and in a month what people would do on a weekend.
func story(o *Options) []scene {
	var scenes []scene
	start := o.Start.Unix() + int64(o.IncidentDay-defaultIncidentDay)*24*hour
	end := o.Start.AddDate(0, 0, o.Days).Unix()
	on := func(day int, clock string, play func(*gen, int64)) {
		at := start + int64(day)*24*hour + secondsOf(clock)
		if at < o.Start.Unix() || at >= end {
			return
		}
		scenes = append(scenes, scene{at: at, play: func(g *gen) {
			g.table = g.acct.tableNamed("customers")
			play(g, at)
		}})
	}
	by := func(person string, day int, clock, id string, fill func(*gen)) {
		if !o.isMonth() || workday(start+int64(day)*24*hour) {
			on(day, clock, usual(person, id, fill))
		}
	}
	// Ordinary days.
	on(0, "08:14:31", usual("checkout-api-role", "PutItem", putVictim))
	on(0, "08:14:32", usual("checkout-api-role", "GetItem", keyVictim))
	on(0, "11:52:06", usual("storefront-task-role", "GetItem", keyVictim))
	by(careRole, 0, "14:03:48", "GetItem", keyVictim)
	by(careRole, 0, "14:05:20", "UpdateItem", updateVictim("SET phone = :p"))
	on(0, "19:27:55", usual("checkout-api-role", "GetItem", keyVictim))

	if !o.NoIncident {
		night(on)
	}

	// The morning after.
	on(1, "07:41:15", usual("checkout-api-role", "GetItem", keyVictim))
	on(1, "07:41:17", usual("checkout-api-role", "UpdateItem", func(g *gen) {
		updateVictim("SET last_login = :t")(g)
		g.fail("ConditionalCheckFailedException", "The conditional request failed")
	}))
	by(careRole, 1, "09:20:33", "GetItem", keyVictim)
	by(storyRole, 2, "10:02:11", "GetItem", keyVictim)
	return scenes
}

// night is the incident itself.
func night(on func(int, string, func(*gen, int64))) {
	on(1, "02:47:12", func(g *gen, at int64) {
		s := g.stolen(at)
		g.gives(&samlKind, at, session{who: subject(samlUser, storyPerson), acct: g.acct, id: s.id}, s)
	})
	on(1, "02:47:15", func(g *gen, at int64) {
		g.signsIn(at, g.stolen(at))
		g.call.ip, g.call.agent = storyAddress, firefox
	})
	on(1, "02:51:09", intruder("ListTables", unnamed))
	on(1, "02:52:40", intruder("DescribeTable", named))
	on(1, "02:52:41", intruder("DescribeContinuousBackups", named))
	on(1, "02:53:02", intruder("Decrypt", decrypt))
	on(1, "02:53:04", intruder("Scan", scanPage))
	for _, clock := range []string{"02:53:31", "02:53:58", "02:54:20", "02:54:41", "02:55:03", "02:55:22", "02:55:47", "02:56:10", "02:56:33", "02:56:58", "02:57:21", "02:57:44"} {
		on(1, clock, intruder("Scan", scanPage))
	}
	on(1, "02:59:12", intruder("Query/index", queryVIP))
	on(1, "03:01:36", intruder("BatchGetItem", batchVIP))
	on(1, "03:04:18", intruder("GetItem", keyVictim))
	on(1, "03:08:53", intruder("UpdateItem", updateVictim("SET iban = :iban")))
	on(1, "03:12:07", intruder("DeleteItem", keyVictim))
	on(1, "03:14:40", intruder("ExportTableToPointInTime", func(g *gen) {
		g.export("cold-archive-7f3a", partner)
		g.deny(true)
	}))
	on(1, "03:18:44", intruder("StopLogging", stopLogging))
	on(1, "03:20:02", intruder("PutEventSelectors", func(g *gen) { g.selectors("ops-trail") }))
}

// secondsOf is the time of day, in seconds.
func secondsOf(clock string) int64 {
	t, _ := time.Parse(time.TimeOnly, clock)
	return int64(t.Hour()*hour + t.Minute()*60 + t.Second())
}

// usual plays a call by an actor of ours from its usual place.
func usual(role, id string, fill func(*gen)) func(*gen, int64) {
	return func(g *gen, at int64) {
		k := *kindNamed(id)
		k.make = fill
		n := 0
		if role == storyRole {
			n = 1 // not the engineer whose session was used
		}
		g.begin(&k, at, g.acct.actorNamed(role), n)
	}
}

// intruder plays a call by the stolen session.
func intruder(id string, fill func(*gen)) func(*gen, int64) {
	return func(g *gen, at int64) {
		k := *kindNamed(id)
		k.make = fill
		s := g.stolen(at)
		g.start(&k, at, s)
		g.call.ip, g.call.agent, g.call.console = storyAddress, firefox, true
		k.make(g)
	}
}

// stolen is the engineer's session that night.
func (g *gen) stolen(at int64) session {
	s := sessionAt(g.acct, g.acct.actorNamed(storyRole), 0, at)
	s.id = hash("stolen session")
	s.born = at - at%(24*hour) + 2*hour + 47*60 + 12
	return s
}

func (g *gen) setVictim() {
	g.key.pk = append(g.key.pk[:0], storyPK...)
	g.key.sk = append(g.key.sk[:0], storySK...)
}

// victimRequest starts a request for the profile of customer 1042.
func (g *gen) victimRequest() *text {
	g.setVictim()
	w := g.call.params.open('{').member("tableName", g.table.name)
	g.key.write(w.key("key"), g.table)
	g.touches(g.table)
	return w
}

func keyVictim(g *gen) { g.victimRequest().close('}') }

func putVictim(g *gen) {
	w := g.victimRequest()
	g.attributeNames(w.key("items"), g.table)
	w.member("conditionExpression", "attribute_not_exists(pk)").close('}')
}

func updateVictim(expression string) func(*gen) {
	return func(g *gen) {
		g.victimRequest().member("updateExpression", expression).member("conditionExpression", "attribute_exists(pk)").close('}')
	}
}

func scanPage(g *gen) {
	g.call.params.open('{').member("tableName", g.table.name).key("limit").num(300).member("select", "ALL_ATTRIBUTES").member("returnConsumedCapacity", "TOTAL").close('}')
	g.touches(g.table)
}

func queryVIP(g *gen) {
	w := g.call.params.open('{').member("tableName", g.table.name).member("indexName", "by-tier")
	w.key("key").open('{').member("tier", "VIP").close('}').member("keyConditionExpression", "#n0 = :v0")
	w.key("expressionAttributeNames").open('{').member("#n0", "tier").close('}').close('}')
	g.touches(g.table)
}

func batchVIP(g *gen) {
	w := g.call.params.open('{').key("requestItems").open('[')
	for _, pk := range vips {
		w.open('{').member("tableName", g.table.name).key("key").open('{').member("pk", pk).member("sk", storySK).close('}').close('}')
	}
	w.close(']').close('}')
	g.touches(g.table)
}

func stopLogging(g *gen) {
	name := "arn:aws:cloudtrail:" + g.regionName() + ":" + g.acct.id + ":trail/org-audit"
	g.call.params.open('{').member("name", name).close('}')
	g.fail("AccessDenied", "User: "+g.call.session.arn()+" is not authorized to perform: cloudtrail:StopLogging on resource: "+name+" with an explicit deny in a service control policy")
}

// kindNamed finds a kind by its id.
func kindNamed(id string) *kind {
	for i := range kinds {
		if kinds[i].id() == id {
			return &kinds[i]
		}
	}
	return nil
}

// actorNamed finds an actor of the account by its role.
func (a *account) actorNamed(role string) *actor {
	for i := range a.actors {
		if a.actors[i].role == role {
			return &a.actors[i]
		}
	}
	return nil
}
