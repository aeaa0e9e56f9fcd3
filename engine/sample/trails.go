package sample

import (
	"bytes"
	"encoding/json"
	"time"
)

// The trails of the sample, as its records imply them. Two deliver from each account, all
// into one bucket. Those of the account with an organisation's folder belong to the
// organisation; shop-dev has one more, which nobody needs, and which is made to do
// everything that can be done to a trail where every kind of call is shown.

// headOffice is the account that the organisation's trails belong to. It makes no call.
const headOffice = "222233334444"

// trailBucket is where they all deliver to.
const trailBucket = "example-trail-bucket"

// trailSet is a trail, as its account was told when it asked.
type trailSet struct {
	name, owner, home string
	seenBy            string // the account that asked
	organization      bool
	validated         bool // writes digests
	insights          bool
	quiet             bool // management events only
}

// arn is the trail's ARN.
func (t *trailSet) arn() string {
	return "arn:aws:cloudtrail:" + t.home + ":" + t.owner + ":trail/" + t.name
}

// trails are those that a sample's records tell of. A month has no digests, and nothing
// happens to the trail that nobody needs.
func (o *Options) trails() []trailSet {
	shop, analytics, dev := accounts[0].id, accounts[1].id, accounts[2].id
	all := []trailSet{
		{name: "org-audit", owner: shop, home: regions[0], seenBy: shop, insights: true, validated: !o.isMonth()},
		{name: "ops-trail", owner: shop, home: regions[0], seenBy: shop},
		{name: "analytics-audit", owner: analytics, home: regions[1], seenBy: analytics},
		{name: "analytics-ops", owner: analytics, home: regions[1], seenBy: analytics},
		{name: "organization-audit", owner: headOffice, home: regions[0], seenBy: dev, organization: true},
		{name: "organization-ops", owner: headOffice, home: regions[0], seenBy: dev, organization: true},
	}
	if !o.isMonth() {
		all = append(all, trailSet{name: "scratch-trail", owner: dev, home: regions[0], seenBy: dev, quiet: true})
	}
	return all
}

// members are those of an answer.
type members map[string]any

// Trails are what the sample's accounts answer when they are asked about their trails, in
// the form in which `keytrail setup check --save` keeps it, one account after the other:
// as of just before the first day, since the calls in the log change it from then on. Of
// the options, those that say which days it has and how full they are matter.
func Trails(o Options) []byte {
	if o.Start.IsZero() {
		o.Start, _ = time.Parse(time.DateOnly, FirstDay)
	}
	var out bytes.Buffer
	say := func(call, about string, m members) {
		m["Call"] = call
		if about != "" {
			m["About"] = about
		}
		out.Write(indented(m))
	}
	trails := o.trails()
	for i := range accounts {
		id := accounts[i].id
		say("sts:GetCallerIdentity", "", members{"Account": id, "Arn": "arn:aws:sts::" + id + ":assumed-role/audit-reader/keytrail", "UserId": "AROAEXAMPLEAUDIT:keytrail"})
		var list []members
		for j := range trails {
			if t := &trails[j]; t.seenBy == id {
				t.settings(o.Start, say)
				list = append(list, t.description())
			}
		}
		say("cloudtrail:DescribeTrails", "", members{"trailList": list})
	}
	bucketSettings(trails, say)
	return out.Bytes()
}

// indented is JSON over several lines, with < and > as they are.
func indented(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(err) // of texts, truth values and lists of them
	}
	return b.Bytes()
}

// description is the trail in an answer of DescribeTrails.
func (t *trailSet) description() members {
	return members{
		"Name": t.name, "TrailARN": t.arn(), "HomeRegion": t.home, "S3BucketName": trailBucket, "IsLogging": true,
		"IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true, "IsOrganizationTrail": t.organization,
		"LogFileValidationEnabled": t.validated, "HasCustomEventSelectors": !t.quiet, "HasInsightSelectors": t.insights,
	}
}

// settings are the answers about one trail.
func (t *trailSet) settings(start time.Time, say func(call, about string, m members)) {
	at := func(before time.Duration) string { return start.UTC().Add(-before).Format(time.RFC3339) }
	status := members{"IsLogging": true, "StartLoggingTime": at(200 * 24 * time.Hour), "LatestDeliveryTime": at(4 * time.Minute)}
	if t.validated {
		status["LatestDigestDeliveryTime"] = at(35 * time.Minute)
	}
	say("cloudtrail:GetTrailStatus", t.arn(), status)
	say("cloudtrail:GetEventSelectors", t.arn(), t.selectors())
	if t.insights {
		say("cloudtrail:GetInsightSelectors", t.arn(), members{"TrailARN": t.arn(), "InsightSelectors": []members{{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}}})
	} else {
		say("cloudtrail:GetInsightSelectors", t.arn(), refusal("InsightNotEnabledException", "Trail "+t.arn()+" does not have Insights enabled"))
	}
}

func refusal(code, message string) members {
	return members{"Error": members{"Code": code, "Message": message}}
}

// dataTypes are the resources whose data events are in the sample.
var dataTypes = []string{"AWS::DynamoDB::Table", "AWS::DynamoDB::Stream", "AWS::S3::Object", "AWS::Lambda::Function"}

// selectors pick all management events and, unless the trail is a quiet one, the data
// events of all resources.
func (t *trailSet) selectors() members {
	if t.quiet {
		return members{"TrailARN": t.arn(), "EventSelectors": []members{{"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []string{}, "ExcludeManagementEventSources": []string{}}}}
	}
	field := func(name, value string) members { return members{"Field": name, "Equals": []string{value}} }
	all := []members{{"Name": "Management events", "FieldSelectors": []members{field("eventCategory", "Management")}}}
	for _, kind := range dataTypes {
		all = append(all, members{"Name": "Data events of " + kind, "FieldSelectors": []members{field("eventCategory", "Data"), field("resources.type", kind)}})
	}
	return members{"TrailARN": t.arn(), "AdvancedEventSelectors": all}
}

// bucketSettings are the answers about the bucket. It is as such buckets are where nobody
// looked twice: closed to the public and to strange trails, with older versions, but what
// is in it can be deleted, and who reads it is not logged.
func bucketSettings(trails []trailSet, say func(call, about string, m members)) {
	for _, answer := range []struct {
		call string
		m    members
	}{
		{"s3:GetBucketPolicy", members{"Policy": bucketPolicy(trails)}},
		{"s3:GetPublicAccessBlock", members{"PublicAccessBlockConfiguration": members{"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}},
		{"s3:GetBucketEncryption", members{"ServerSideEncryptionConfiguration": members{"Rules": []members{{"ApplyServerSideEncryptionByDefault": members{"SSEAlgorithm": "AES256"}}}}}},
		{"s3:GetBucketVersioning", members{"Status": "Enabled"}},
		{"s3:GetBucketLifecycleConfiguration", refusal("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")},
		{"s3:GetObjectLockConfiguration", refusal("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket")},
		{"s3:GetBucketLogging", members{}},
	} {
		say(answer.call, trailBucket, answer.m)
	}
}

// bucketPolicy lets the trails deliver, and nobody come without TLS.
func bucketPolicy(trails []trailSet) string {
	bucket := "arn:aws:s3:::" + trailBucket
	var arns []string
	for i := range trails {
		arns = append(arns, trails[i].arn())
	}
	delivery := func(id, action, resource string, more members) members {
		equals := members{"aws:SourceArn": arns}
		for name, value := range more {
			equals[name] = value
		}
		return members{"Sid": id, "Effect": "Allow", "Principal": members{"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": resource, "Condition": members{"StringEquals": equals}}
	}
	policy, err := json.Marshal(members{"Version": "2012-10-17", "Statement": []members{
		delivery("TrailsLook", "s3:GetBucketAcl", bucket, nil),
		delivery("TrailsDeliver", "s3:PutObject", bucket+"/AWSLogs/*", members{"s3:x-amz-acl": "bucket-owner-full-control"}),
		{"Sid": "TLSOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []string{bucket, bucket + "/*"}, "Condition": members{"Bool": members{"aws:SecureTransport": "false"}}},
	}})
	if err != nil {
		panic(err) // as above
	}
	return string(policy)
}
