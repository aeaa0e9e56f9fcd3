package sample

import "time"

// insight is one unusual rate of calls, logged when it starts and when it ends.
type insight struct {
	service, name, kind string
	at                  string
}

var insightPairs = []insight{
	{"dynamodb", "Scan", "ApiCallRateInsight", "02:56:00"},
	{"dynamodb", "GetItem", "ApiErrorRateInsight", "11:30:00"},
	{"ec2", "RunInstances", "ApiCallRateInsight", "16:05:00"},
}

// insights are those that a sample has: the first is about the incident, and in a month
// nothing else is unusual.
func (o *Options) insights() []insight {
	switch {
	case o.isMonth() && o.NoIncident, o.Days < defaultDays:
		return nil
	case o.isMonth():
		return insightPairs[:1]
	case o.NoIncident:
		return insightPairs[1:]
	}
	return insightPairs
}

// insights writes the Insight objects of the first account: one per pair.
func (w *writer) insights() error {
	for i, in := range w.Options.insights() {
		w.gen.rng = newRNG(w.Seed, 3, uint64(i))
		w.gen.acct, w.gen.region = &accounts[0], 0
		w.page.reset()
		at := w.Start.Unix() + int64(w.IncidentDay-1)*24*hour + secondsOf(in.at)
		shared := string(w.gen.appendUUID(nil))
		for j, state := range []string{"Start", "End"} {
			w.gen.insight(&w.page, in, state, at+int64(j)*420, shared)
		}
		if err := w.deliver(insights, at+900); err != nil {
			return err
		}
	}
	return nil
}

// insight adds one record: no identity, source or name at its top level.
func (g *gen) insight(p *page, in insight, state string, at int64, shared string) {
	p.begin(at)
	p.field("eventVersion").str("1.09")
	w := p.field("eventTime")
	w.b = append(appendTime(append(w.b, '"'), at), '"')
	p.field("awsRegion").str(g.regionName())
	g.uuid(p.field("eventID"))
	p.field("eventType").str("AwsCloudTrailInsight")
	p.field("recipientAccountId").str(g.acct.id)
	p.field("sharedEventID").str(shared)
	w = p.field("insightDetails").open('{').member("state", state).member("eventSource", in.service, ".amazonaws.com").member("eventName", in.name).member("insightType", in.kind)
	if in.kind == "ApiErrorRateInsight" {
		w.member("errorCode", "ProvisionedThroughputExceededException")
	}
	w.key("insightContext").open('{').key("statistics").open('{').key("baseline").open('{').key("average").raw("0.0188").close('}')
	w.key("insight").open('{').key("average").raw("2.6").close('}').key("insightDuration").num(7).key("baselineDuration").num(10080).close('}')
	w.key("attributions").open('[').open('{').member("attribute", "userIdentityArn").key("insight").open('[').open('{').
		member("value", "arn:aws:sts::", g.acct.id, ":assumed-role/", storyRole, "/", storyPerson).key("average").raw("2.6").close('}').close(']').key("baseline").open('[').close(']').close('}').close(']')
	w.close('}').close('}')
	p.field("eventCategory").str("Insight")
	p.end()
}

// digests writes a few integrity digests. They start chains of their own, name no
// log files and carry no signature: something to be recognised, not verified.
func (w *writer) digests(start time.Time) error {
	w.gen.rng = newRNG(w.Seed, 4)
	w.gen.acct, w.gen.region = &accounts[0], 0
	for hours := 1; hours <= 3; hours++ {
		end := start.Add(time.Duration(hours) * time.Hour)
		key := w.folder(digests, end) + w.gen.acct.id + "_" + digests + "_" + w.gen.regionName() + "_org-audit_" + regions[0] + end.Format("_20060102T150405Z") + ".json.gz"
		var t text
		t.open('{').member("awsAccountId", w.gen.acct.id).member("digestStartTime", end.Add(-time.Hour).Format(time.RFC3339)).member("digestEndTime", end.Format(time.RFC3339))
		t.member("digestS3Bucket", trailBucket).member("digestS3Object", key).member("digestPublicKeyFingerprint", string(hashed(nil, hexDigits, 32, 7)))
		t.member("digestSignatureAlgorithm", "SHA256withRSA").key("newestEventTime").raw("null").key("oldestEventTime").raw("null")
		for _, name := range []string{"previousDigestS3Bucket", "previousDigestS3Object", "previousDigestHashValue", "previousDigestHashAlgorithm", "previousDigestSignature"} {
			t.key(name).raw("null")
		}
		t.key("logFiles").open('[').close(']').close('}')
		w.out.Reset()
		w.zip.Reset(&w.out)
		if _, err := w.zip.Write(t.b); err != nil {
			return err
		}
		if err := w.put(key, end.Unix()); err != nil {
			return err
		}
	}
	return nil
}
