package sample

import "strings"

// everyday makes up one call of ordinary traffic at a time.
func (g *gen) everyday(at int64) {
	if g.percent(12) {
		g.foreign(at)
		return
	}
	who := g.somebody()
	g.begin(who.mix.draw(g.rng), at, who, g.intn(who.fleet))
	g.mishap()
}

// somebody draws an actor of the account that works in the Region, and one of the
// tables that actor uses there.
func (g *gen) somebody() *actor {
	total := 0
	for i := range g.acct.actors {
		total += g.acct.actors[i].weight
	}
	for {
		who := weighted(g.rng, g.acct.actors, total, func(a *actor) int { return a.weight })
		if t := g.acct.tableNamed(pick(g.rng, who.tables)); t.in(g.region) {
			g.table = g.oneOf(t)
			return who
		}
	}
}

// designs are the tables after which those of a sample of many tables are made: the ones
// with many items.
var designs = []*table{
	&prodTables[0], &prodTables[1], &prodTables[2], &prodTables[3], &prodTables[4], &analyticsTables[0], &analyticsTables[1],
}

// oneOf is the table that takes a call in place of t: one of as many as the sample
// is to have. Each has the keys and attributes of one design, as a table has one key
// schema.
func (g *gen) oneOf(t *table) *table {
	if g.tables == 0 {
		return t
	}
	n := g.intn(g.tables)
	g.many = *designs[n%len(designs)]
	g.many.name = "table-" + string(appendPadded(nil, 1+n, 5))
	return &g.many
}

// begin starts a call of kind k by the n-th session of an actor and makes up its
// request.
func (g *gen) begin(k *kind, at int64, who *actor, n int) {
	s := g.session(who, n, at)
	g.start(k, at, s)
	g.from(&s)
	g.call.shared = who.form == visitor || who.form == outsider
	k.make(g)
}

// from says where the session calls from.
func (g *gen) from(s *session) {
	c := &g.call
	c.agent = g.program(s)
	switch s.who.form {
	case person, chained, consoleUser, root, identityCenter, samlUser, directory, unknownUser:
		c.ip = s.desk()
		c.console = strings.HasPrefix(c.agent, "Mozilla/")
		c.agent = strings.Replace(c.agent, "%s", cliName(c.name), 1)
	case awsService, linked, typeless:
		c.ip = c.agent
	case lambda:
		c.ip = address("198.18.", s.id)
		if g.month != nil { // of a few networks, as a Region has
			c.ip = "198.18." + decimal(hash(s.who.label)%200+s.id%4) + "." + decimal(1+s.id>>8%250)
		}
	case pipeline, webUser, stranger:
		c.ip = "192.0.2." + decimal(s.id%200)
	case outsider, federated:
		c.ip = "192.0.2." + decimal(200+s.place()%50)
	case hop:
		c.ip = "198.51.100." + decimal(10+s.place()%200)
	default:
		c.ip = address("10."+decimal(s.place()>>40%64)+".", s.place())
		c.vpce = s.who.vpc
	}
}

// agent is the program that the session is used with.
func (s *session) agent() string { return s.who.agents[int(s.id%uint64(len(s.who.agents)))] }

// desk is where a person works: the office, or at home over IPv6.
func (s *session) desk() string {
	h := hash(s.person())
	if h%3 == 0 {
		return "2001:db8:" + string(hashed(nil, hexDigits, 4, h)) + "::" + decimal(1+h%9)
	}
	return "198.51.100." + decimal(10+h%200)
}

// address ends a prefix of two octets by two that follow from id.
func address(prefix string, id uint64) string {
	return prefix + decimal(id>>16&255) + "." + decimal(id>>24&255)
}

func decimal(n uint64) string { return string(appendPadded(nil, int(n), 1)) }

// mishap lets some calls fail: conditions that do not hold, throttling, and
// permissions that people and scripts lack more often than applications.
func (g *gen) mishap() {
	c := &g.call
	if c.service != dynamodb || c.errorCode != "" {
		return
	}
	if g.month != nil {
		g.expectedMishap()
		return
	}
	denied := 4
	switch c.session.who.form {
	case person, user, chained, script:
		denied = 40
	case linked, awsService:
		denied = 0
	}
	switch n := g.intn(1000); {
	case n < denied:
		g.deny(!g.oneIn(3))
	case n < denied+25 && (c.name == "PutItem" || c.name == "UpdateItem"):
		g.fail("ConditionalCheckFailedException", "The conditional request failed")
	case n >= 997 && c.data:
		g.fail("ProvisionedThroughputExceededException", throttled)
	}
}

const throttled = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."

// deny refuses the call. Records of refused calls often lack the request; then
// only the message names the table.
func (g *gen) deny(request bool) {
	c := &g.call
	resource := g.arn(g.table)
	if c.name == "ListTables" || c.name == "DescribeLimits" {
		resource = "*"
	}
	g.fail("AccessDenied", "User: "+c.session.arn()+" is not authorized to perform: dynamodb:"+c.name+" on resource: "+resource+
		" because no identity-based policy allows the dynamodb:"+c.name+" action")
	c.apiVersion = ""
	c.response.reset()
	if !request {
		c.params.reset()
		c.resources.reset()
	}
}

// arn is the session as an error message names it.
func (s *session) arn() string {
	switch s.who.form {
	case user, consoleUser:
		return "arn:aws:iam::" + s.acct.id + ":user/" + s.who.role
	case root:
		return "arn:aws:iam::" + s.acct.id + ":root"
	default:
		return "arn:aws:sts::" + s.home() + ":assumed-role/" + s.who.role + "/" + string(s.name(nil))
	}
}
