package sample

import "time"

// call is one API call while it is being made up: what the record will say
// besides the ids that every record draws for itself. JSON parts left empty
// become null, or are left out where CloudTrail leaves them out.
type call struct {
	at         int64 // seconds
	service    string
	name       string
	apiVersion string
	version    string // eventVersion
	eventType  string
	session    session
	ip, agent  string
	vpce       bool
	console    bool
	data       bool // a data event
	readOnly   bool
	shared     bool   // delivered to a second account too
	sharedID   string // by which id, where both deliveries are in the sample
	errorCode  string
	errorText  string
	params     text
	response   text
	extra      text // additionalEventData
	resources  text
	details    text // serviceEventDetails
}

// gen makes up the records of one window of one account and Region.
type gen struct {
	*rng
	acct   *account
	region int
	table  *table
	tables int    // when not 0, so many tables take the ordinary calls:
	many   table  // the one that takes the present call
	month  *month // nil unless the sample is one
	call   call
	late   bool // the records of this object were held up
	key    key
	tmp    []byte
}

func (g *gen) regionName() string { return regions[g.region] }

// start resets the call to one of kind at a time, by a session.
func (g *gen) start(k *kind, at int64, s session) {
	c := &g.call
	c.params.reset()
	c.response.reset()
	c.extra.reset()
	c.resources.reset()
	c.details.reset()
	*c = call{
		at: at, service: k.service, name: k.name, session: s,
		version: "1.11", eventType: "AwsApiCall", readOnly: k.read, data: k.data,
		params: c.params, response: c.response, extra: c.extra, resources: c.resources, details: c.details,
	}
	if g.oneIn(5) {
		c.version = "1.10"
	}
	if k.service == dynamodb {
		c.apiVersion = "2012-08-10"
	}
}

// arn is the ARN of a table in the window's account and Region.
func (g *gen) arn(t *table) string {
	return "arn:aws:dynamodb:" + g.regionName() + ":" + g.acct.id + ":table/" + t.name
}

// touches adds a table to the record's resources.
func (g *gen) touches(t *table) {
	w := &g.call.resources
	if t.stream && g.oneIn(3) {
		w.open('{').member("accountId", g.acct.id).member("type", "AWS::DynamoDB::Stream").member("ARN", g.arn(t), "/stream/", streamLabel).close('}')
	}
	w.open('{').member("accountId", g.acct.id).member("type", "AWS::DynamoDB::Table").member("ARN", g.arn(t)).close('}')
}

const streamLabel = "2025-11-04T09:12:33.417"

// emit writes the call as a record of p.
func (g *gen) emit(p *page) {
	c := &g.call
	p.begin(c.at)
	p.field("eventVersion").str(c.version)
	c.session.identity(p.field("userIdentity"), g.regionName())
	w := p.field("eventTime")
	w.b = append(appendTime(append(w.b, '"'), c.at), '"')
	p.field("eventSource").str(c.service, ".amazonaws.com")
	p.field("eventName").str(c.name)
	p.field("awsRegion").str(g.regionName())
	p.field("sourceIPAddress").str(c.ip)
	p.field("userAgent").str(c.agent)
	if c.errorCode != "" {
		p.field("errorCode").str(c.errorCode)
		p.field("errorMessage").str(c.errorText)
	}
	p.field("requestParameters").orNull(c.params)
	p.field("responseElements").orNull(c.response)
	if len(c.extra.b) > 0 {
		p.field("additionalEventData").raw(string(c.extra.b))
	}
	g.requestID(p.field("requestID"))
	g.uuid(p.field("eventID"))
	p.field("readOnly").bool(c.readOnly)
	if len(c.resources.b) > 0 {
		w := p.field("resources").open('[')
		w.b = append(w.b, c.resources.b...)
		w.close(']')
	}
	p.field("eventType").str(c.eventType)
	if c.apiVersion != "" {
		p.field("apiVersion").str(c.apiVersion)
	}
	if c.version != "1.05" {
		p.field("managementEvent").bool(!c.data)
	}
	p.field("recipientAccountId").str(g.acct.id)
	if c.sharedID != "" {
		p.field("sharedEventID").str(c.sharedID)
	} else if c.shared {
		g.uuid(p.field("sharedEventID"))
	}
	if len(c.details.b) > 0 {
		p.field("serviceEventDetails").raw(string(c.details.b))
	}
	g.endpoint(p)
	if c.version != "1.05" {
		p.field("eventCategory").str(c.category())
	}
	g.tls(p)
	if g.late {
		p.field("addendum").open('{').member("reason", "DELIVERY_DELAY").close('}')
	}
	if c.console {
		p.field("sessionCredentialFromConsole").str("true")
	}
	p.end()
}

func (c *call) category() string {
	if c.data {
		return "Data"
	}
	return "Management"
}

func (g *gen) requestID(w *text) {
	w.b = append(w.b, '"')
	if g.call.service == dynamodb {
		w.b = append(g.appendFrom(w.b, base36, 26), "VV4KQNSO5AEMVJF66Q9ASUAAJG"...)
	} else {
		w.b = g.appendUUID(w.b)
	}
	w.b = append(w.b, '"')
}

func (g *gen) uuid(w *text) {
	w.b = append(g.appendUUID(append(w.b, '"')), '"')
}

func (g *gen) endpoint(p *page) {
	if !g.call.vpce {
		return
	}
	w := p.field("vpcEndpointId")
	w.b = append(hashed(append(w.b, `"vpce-0`...), hexDigits, 16, hash(g.acct.id+g.regionName())), '"')
	p.field("vpcEndpointAccountId").str(g.acct.id)
}

// tls is absent when an AWS service made the call.
func (g *gen) tls(p *page) {
	c := &g.call
	if c.ip == c.agent {
		return
	}
	cipher := "TLS_AES_128_GCM_SHA256"
	if c.session.place()&1 == 1 {
		cipher = "TLS_AES_256_GCM_SHA384"
	}
	p.field("tlsDetails").open('{').member("tlsVersion", "TLSv1.3").member("cipherSuite", cipher).
		member("clientProvidedHostHeader", c.service, ".", g.regionName(), ".amazonaws.com").close('}')
}

// orNull writes the JSON in v, or null when there is none.
func (t *text) orNull(v text) {
	if len(v.b) == 0 {
		t.raw("null")
		return
	}
	t.comma()
	t.b = append(t.b, v.b...)
}

// appendTime appends a time as CloudTrail writes it, to the second.
func appendTime(b []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(b, "2006-01-02T15:04:05Z")
}
