package readiness

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/setup"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

const (
	trailARN = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main"
	keyARN   = "arn:aws:kms:eu-central-1:111122223333:key/k1"
	orders   = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
	guest    = "arn:aws:dynamodb:eu-central-1:444455556666:table/guest"

	management = `{"FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]}]}`
	ofTables   = `{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::DynamoDB::Table"]}]}`
	ofStreams  = `{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::DynamoDB::Stream"]}]}`
)

// perfect are the answers of an account that lacks nothing, by call.
func perfect() map[string]string {
	bucketPolicy := `{"Statement":[
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Condition":{"StringEquals":{"AWS:SourceArn":"` + trailARN + `"}}},
		{"Effect":"Deny","Principal":"*","Action":"s3:*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
		{"Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:DeleteObject*"]}]}`
	keyPolicy := `{"Statement":{"Effect":"Allow","Principal":{"Service":["cloudtrail.amazonaws.com"]},"Action":"kms:GenerateDataKey*","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":["arn:aws:cloudtrail:*:111122223333:trail/*"]}}}}`
	return map[string]string{
		"cloudtrail:DescribeTrails":          `{"trailList":[{"Name":"main","TrailARN":"` + trailARN + `","HomeRegion":"eu-central-1","S3BucketName":"log","KmsKeyId":"` + keyARN + `","IsMultiRegionTrail":true,"IncludeGlobalServiceEvents":true,"LogFileValidationEnabled":true,"IsOrganizationTrail":false}]}`,
		"cloudtrail:GetTrailStatus":          `{"IsLogging":true,"LatestDeliveryTime":"2026-03-01T00:00:00Z"}`,
		"cloudtrail:GetEventSelectors":       `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[` + management + `,` + ofTables + `,` + ofStreams + `]}`,
		"cloudtrail:GetInsightSelectors":     `{"TrailARN":"` + trailARN + `","InsightSelectors":[{"InsightType":"ApiCallRateInsight"},{"InsightType":"ApiErrorRateInsight"}]}`,
		"s3:GetPublicAccessBlock":            `{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}}`,
		"s3:GetBucketPolicy":                 members("Policy", bucketPolicy),
		"s3:GetBucketEncryption":             `{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"},"BucketKeyEnabled":false}]}}`,
		"s3:GetBucketVersioning":             `{"Status":"Enabled"}`,
		"s3:GetBucketLifecycleConfiguration": `{"Rules":[{"ID":"a","Status":"Enabled","Transitions":[{"Days":90,"StorageClass":"GLACIER"}]}]}`,
		"s3:GetObjectLockConfiguration":      `{"ObjectLockConfiguration":{"ObjectLockEnabled":"Enabled"}}`,
		"s3:GetBucketLogging":                `{"LoggingEnabled":{"TargetBucket":"access"}}`,
		"kms:GetKeyPolicy":                   members("PolicyName", "default", "Policy", keyPolicy),
	}
}

func members(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// read are answers as a file has them: as the AWS command line prints them.
func read(t *testing.T, texts map[string]string, more ...string) []setup.Answer {
	t.Helper()
	var file strings.Builder
	for _, text := range texts {
		file.WriteString(text + "\n")
	}
	file.WriteString(strings.Join(more, "\n"))
	answers, err := setup.ReadAnswers(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	for call := range texts { // each is known by its members
		if !slices.ContainsFunc(answers, func(a setup.Answer) bool { return a.Call == call }) {
			t.Fatalf("%s was not recognised", call)
		}
	}
	return answers
}

// wanting lists what is not met: "SEL-01 missing".
func wanting(results []Result) string {
	var all []string
	for _, r := range results {
		if r.Status != Met {
			all = append(all, r.ID+" "+string(r.Status))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestPerfectAccount(t *testing.T) {
	results, err := Judge(read(t, perfect()), Question{})
	if err != nil || len(results) != 25 || wanting(results) != "" {
		t.Fatalf("%d results, %v: %s", len(results), err, wanting(results))
	}
	if _, missing := Worst(results); missing {
		t.Error("nothing is missing")
	}
}

// One thing that is wrong is one requirement that is missing, and no other.
func TestEachRequirement(t *testing.T) {
	described := perfect()["cloudtrail:DescribeTrails"]
	fault := func(call, code string) string {
		about := "log"
		if strings.HasPrefix(call, "cloudtrail:") {
			about = trailARN
		}
		return fmt.Sprintf(`{"Call":%q,"About":%q,"Error":{"Code":%q,"Message":"no"}}`, call, about, code)
	}
	selectors := func(all ...string) string {
		return `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[` + strings.Join(all, ",") + `]}`
	}
	with := func(selector, more string) string { return strings.TrimSuffix(selector, "]}") + "," + more + "]}" }
	for name, c := range map[string]struct{ call, text, want string }{
		"stopped":              {"cloudtrail:GetTrailStatus", `{"IsLogging":false}`, "SEL-01 missing, SEL-02 missing, SEL-03 missing, SEL-04 missing, TRL-02 missing"},
		"status refused":       {"cloudtrail:GetTrailStatus", fault("cloudtrail:GetTrailStatus", "AccessDeniedException"), "TRL-02 unknown, TRL-03 unknown, TRL-07 unknown"},
		"delivery fails":       {"cloudtrail:GetTrailStatus", `{"IsLogging":true,"LatestDeliveryError":"AccessDenied"}`, "TRL-03 missing"},
		"digests fail":         {"cloudtrail:GetTrailStatus", `{"IsLogging":true,"LatestDigestDeliveryError":"AccessDenied"}`, "TRL-07 missing"},
		"one Region":           {"cloudtrail:DescribeTrails", strings.Replace(described, `"IsMultiRegionTrail":true`, `"IsMultiRegionTrail":false`, 1), "TRL-04 missing"},
		"no global services":   {"cloudtrail:DescribeTrails", strings.Replace(described, `"IncludeGlobalServiceEvents":true`, `"IncludeGlobalServiceEvents":false`, 1), "TRL-05 missing"},
		"global not told":      {"cloudtrail:DescribeTrails", strings.Replace(described, `"IncludeGlobalServiceEvents":true,`, "", 1), "TRL-05 unknown"},
		"no digests":           {"cloudtrail:DescribeTrails", strings.Replace(described, `"LogFileValidationEnabled":true`, `"LogFileValidationEnabled":false`, 1), "TRL-06 missing"},
		"S3's keys":            {"cloudtrail:DescribeTrails", strings.Replace(described, keyARN, "", 1), ""},
		"no Insights":          {"cloudtrail:GetInsightSelectors", fault("cloudtrail:GetInsightSelectors", "InsightNotEnabledException"), "INS-01 missing, INS-02 missing"},
		"Insights of data":     {"cloudtrail:GetInsightSelectors", `{"InsightSelectors":[{"InsightType":"ApiCallRateInsight","EventCategories":["Data"]},{"InsightType":"ApiErrorRateInsight","EventCategories":["Data","Management"]}]}`, "INS-01 missing"},
		"one Insight":          {"cloudtrail:GetInsightSelectors", `{"InsightSelectors":[{"InsightType":"ApiCallRateInsight"}]}`, "INS-02 missing"},
		"data events alone":    {"cloudtrail:GetEventSelectors", selectors(ofTables, ofStreams), "SEL-03 missing, SEL-04 missing, SEL-06 missing"},
		"no data events":       {"cloudtrail:GetEventSelectors", selectors(management, ofStreams), "SEL-01 missing, SEL-02 missing"},
		"no streams":           {"cloudtrail:GetEventSelectors", selectors(management, ofTables), "SEL-05 missing"},
		"writes alone":         {"cloudtrail:GetEventSelectors", selectors(management, ofStreams, with(ofTables, `{"Field":"readOnly","Equals":["false"]}`)), "SEL-01 missing"},
		"only some":            {"cloudtrail:GetEventSelectors", selectors(management, ofStreams, with(ofTables, `{"Field":"eventName","Equals":["GetItem"]}`)), "SEL-01 missing, SEL-02 missing"},
		"one table":            {"cloudtrail:GetEventSelectors", selectors(management, ofStreams, with(ofTables, `{"Field":"resources.ARN","Equals":["`+orders+`"]}`)), "SEL-01 unknown, SEL-02 unknown"},
		"wildcard":             {"cloudtrail:GetEventSelectors", selectors(management, ofStreams, ofTables, with(ofTables, `{"Field":"resources.ARN","Equals":["arn:aws:dynamodb:eu-central-1:111122223333:table/*"]}`)), "SEL-07 missing"},
		"wildcard, basic":      {"cloudtrail:GetEventSelectors", `{"TrailARN":"` + trailARN + `","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb","arn:aws:dynamodb:*:*:table/x"]}]}]}`, "SEL-05 missing, SEL-07 missing"},
		"no KMS":               {"cloudtrail:GetEventSelectors", selectors(with(management, `{"Field":"eventSource","NotEquals":["kms.amazonaws.com"]}`), ofTables, ofStreams), "SEL-06 missing"},
		"no KMS, basic":        {"cloudtrail:GetEventSelectors", `{"TrailARN":"` + trailARN + `","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"ExcludeManagementEventSources":["kms.amazonaws.com"],"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb"]}]}]}`, "SEL-05 missing, SEL-06 missing"},
		"selectors refused":    {"cloudtrail:GetEventSelectors", fault("cloudtrail:GetEventSelectors", "AccessDenied"), "SEL-01 unknown, SEL-02 unknown, SEL-03 unknown, SEL-04 unknown, SEL-05 unknown, SEL-06 unknown, SEL-07 unknown"},
		"public":               {"s3:GetPublicAccessBlock", fault("s3:GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"), "BKT-01 missing"},
		"half public":          {"s3:GetPublicAccessBlock", `{"PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":false}}`, "BKT-01 missing"},
		"no policy":            {"s3:GetBucketPolicy", fault("s3:GetBucketPolicy", "NoSuchBucketPolicy"), "BKT-02 missing, BKT-03 missing, BKT-05 missing"},
		"policy refused":       {"s3:GetBucketPolicy", fault("s3:GetBucketPolicy", "AccessDenied"), "BKT-02 unknown, BKT-03 unknown, BKT-05 unknown"},
		"policy is no policy":  {"s3:GetBucketPolicy", members("Policy", "{"), "BKT-02 unknown, BKT-03 unknown, BKT-05 unknown"},
		"any trail delivers":   {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "AWS:SourceArn", "aws:other", 1), "BKT-02 missing"},
		"everybody delivers":   {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], `{\"Service\":\"cloudtrail.amazonaws.com\"}`, `\"*\"`, 1), "BKT-02 missing"},
		"no trail but this":    {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "AWS:SourceArn", "AWS:SourceAccount", 1), "BKT-02 missing"},
		"trail of another":     {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "trail/main", "trail/mian", 1), "BKT-02 missing"},
		"trails by pattern":    {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "eu-central-1:111122223333:trail/main", "*:111122223333:trail/*", 1), ""},
		"trails of anybody":    {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "eu-central-1:111122223333:trail/main", "*:*:trail/*", 1), "BKT-02 missing"},
		"trails, one too many": {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], `\"`+trailARN+`\"`, `[\"`+trailARN+`\",\"*\"]`, 1), "BKT-02 missing"},
		"and any account":      {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], `\"`+trailARN+`\"`, `\"`+trailARN+`\",\"aws:SourceAccount\":\"*\"`, 1), ""},
		"all trails but one":   {"s3:GetBucketPolicy", strings.Replace(perfect()["s3:GetBucketPolicy"], "StringEquals", "StringNotEquals", 1), "BKT-02 missing"},
		"not encrypted":        {"s3:GetBucketEncryption", fault("s3:GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"), "BKT-08 missing"},
		"encryption refused":   {"s3:GetBucketEncryption", fault("s3:GetBucketEncryption", "AccessDenied"), "BKT-08 unknown"},
		"service not reached":  {"s3:GetBucketEncryption", fault("s3:GetBucketEncryption", "Unreachable"), "BKT-08 unknown"},
		"key of S3 of KMS":     {"s3:GetBucketEncryption", `{"ServerSideEncryptionConfiguration":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}}`, ""},
		"locked":               {"s3:GetObjectLockConfiguration", `{"ObjectLockConfiguration":{"Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Years":1}}}}`, ""},
		"versions off":         {"s3:GetBucketVersioning", `{"Status":"Suspended"}`, "BKT-04 missing"},
		"no rules":             {"s3:GetBucketLifecycleConfiguration", fault("s3:GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"), ""},
		"archived early":       {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Enabled","Transitions":[{"Days":7,"StorageClass":"DEEP_ARCHIVE"}]}]}`, "BKT-06 missing"},
		"archived at hand":     {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Enabled","Transitions":[{"Days":7,"StorageClass":"GLACIER_IR"}]}]}`, ""},
		"rule switched off":    {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Disabled","Transitions":[{"Days":7,"StorageClass":"GLACIER"}]}]}`, ""},
		"expires early":        {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Enabled","Expiration":{"Days":14}}]}`, "BKT-06 missing"},
		"expires on a day":     {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Enabled","Expiration":{"Date":"2026-01-01T00:00:00Z"}}]}`, "BKT-06 missing"},
		"tidies markers":       {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":"a","Status":"Enabled","Expiration":{"ExpiredObjectDeleteMarker":true}}]}`, ""},
		"makes no sense":       {"s3:GetBucketLifecycleConfiguration", `{"Rules":[{"ID":7}]}`, "BKT-06 unknown"},
		"no access logs":       {"s3:GetBucketLogging", `{"Call":"s3:GetBucketLogging","About":"log"}`, "BKT-07 missing"},
		"key of any trail":     {"kms:GetKeyPolicy", strings.Replace(perfect()["kms:GetKeyPolicy"], "kms:EncryptionContext:aws:cloudtrail:arn", "kms:other", 1), "KMS-01 missing"},
		"key, pattern":         {"kms:GetKeyPolicy", strings.Replace(perfect()["kms:GetKeyPolicy"], ":111122223333:", ":*:", 1), "KMS-01 missing"},
		"key of another":       {"kms:GetKeyPolicy", strings.Replace(perfect()["kms:GetKeyPolicy"], ":111122223333:", ":999988887777:", 1), "KMS-01 missing"},
		"key closed":           {"kms:GetKeyPolicy", strings.Replace(perfect()["kms:GetKeyPolicy"], "cloudtrail.amazonaws.com", "s3.amazonaws.com", 1), "KMS-01 missing"},
	} {
		t.Run(name, func(t *testing.T) {
			texts := perfect()
			texts[c.call] = c.text
			results, err := Judge(read(t, texts), Question{})
			if err != nil || wanting(results) != c.want {
				t.Errorf("%v: %s, want %s", err, wanting(results), c.want)
			}
		})
	}
}

// Answers that are not there are not known, and nothing else.
func TestNothingTold(t *testing.T) {
	for call := range perfect() {
		texts := perfect()
		delete(texts, call)
		if call == "cloudtrail:DescribeTrails" {
			continue // then nobody knows what the others are about
		}
		results, err := Judge(read(t, texts), Question{})
		if err != nil || strings.Contains(wanting(results), "missing") || call != "s3:GetObjectLockConfiguration" && !strings.Contains(wanting(results), "unknown") {
			t.Errorf("without %s: %v, %s", call, err, wanting(results))
		}
	}
	refused := []setup.Answer{{Call: "cloudtrail:DescribeTrails", Error: &setup.Fault{Code: "AccessDenied", Message: "not you"}}}
	results, err := Judge(refused, Question{})
	if err != nil || wanting(results) != "TRL-01 unknown" || results[0].Found != "AccessDenied: not you" || Untold(results) != results[0].Found {
		t.Errorf("%v: %+v", err, results)
	}
	results, err = Judge(read(t, map[string]string{"cloudtrail:DescribeTrails": `{"trailList":[]}`}), Question{})
	if err != nil || wanting(results) != "TRL-01 missing" || Untold(results) != "" {
		t.Errorf("%v: %+v", err, results)
	}
}

// A Region that does not tell of its trails is named, and no trail found is then not none.
func TestTrailsElsewhere(t *testing.T) {
	const refused = `{"Call":%q,"About":%q,"Error":{"Code":"AccessDenied","Message":"not you"}}`
	for call, about := range map[string]string{"cloudtrail:ListTrails": "", "cloudtrail:DescribeTrails": "us-west-2"} {
		for list, want := range map[string]string{perfect()["cloudtrail:DescribeTrails"]: "", `{"trailList":[]}`: "TRL-01 unknown"} {
			texts := perfect()
			if want != "" {
				texts = map[string]string{}
			}
			delete(texts, "cloudtrail:DescribeTrails")
			answers := read(t, texts, list, fmt.Sprintf(refused, call, about))
			results, err := Judge(answers, Question{})
			if err != nil || wanting(results) != want {
				t.Fatalf("%s: %v: %s, want %s", call, err, wanting(results), want)
			}
			at := slices.IndexFunc(results, func(r Result) bool { return r.ID == existsID })
			if !strings.Contains(results[at].Found, call+strings.TrimRight(" "+about, " ")+": AccessDenied: not you") {
				t.Errorf("%s: %s", call, results[at].Found)
			}
		}
	}
}

func TestTables(t *testing.T) {
	texts := perfect()
	one := strings.TrimSuffix(ofTables, "]}") + `,{"Field":"resources.ARN","Equals":["` + orders + `"]}]}`
	texts["cloudtrail:GetEventSelectors"] = `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[` + management + `,` + one + `,` + ofStreams + `]}`
	protects, err := policy.Parse("p.yaml", []byte("version: 1\ntables:\n  - {match: \"**:table/vault\", protected: true}\nrules: []\n"))
	if err != nil {
		t.Fatal(err)
	}
	vault := strings.Replace(orders, "orders", "vault", 1)
	for name, c := range map[string]struct {
		q     Question
		names string // of ListTables
		want  string
		worst schema.Severity
	}{
		"logged":          {Question{Tables: []string{orders}}, "", "", 0},
		"not logged":      {Question{Tables: []string{orders, vault}}, "", "SEL-01 missing, SEL-02 missing", schema.SeverityHigh},
		"protected":       {Question{Tables: []string{orders, vault}, Policy: protects}, "", "SEL-01 missing, SEL-02 missing", schema.SeverityCritical},
		"of another":      {Question{Tables: []string{orders, guest}}, "", "SEL-01 unknown, SEL-02 unknown, SEL-03 unknown, SEL-04 unknown", 0},
		"listed":          {Question{}, `"orders"`, "", 0},
		"listed, more":    {Question{}, `"orders","basket"`, "SEL-01 missing, SEL-02 missing", schema.SeverityHigh},
		"lake":            {Question{Seen: []Seen{{ARN: orders, Read: "2026-03-01"}}}, "", "", 0},
		"lake, stopped":   {Question{Seen: []Seen{{ARN: vault, Read: "2026-03-01"}}}, "", "LAK-01 missing, SEL-01 missing, SEL-02 missing", schema.SeverityHigh},
		"lake, silent":    {Question{Seen: []Seen{{ARN: orders}}}, "", "LAK-02 missing", schema.SeverityLow},
		"lake of another": {Question{Seen: []Seen{{ARN: guest, Read: "2026-03-01"}}}, "", "SEL-01 unknown, SEL-02 unknown, SEL-03 unknown, SEL-04 unknown", 0},
		"empty lake":      {Question{Tables: []string{orders}, Seen: []Seen{}}, "", "LAK-02 unknown", 0},
	} {
		delete(texts, "dynamodb:ListTables")
		if c.names != "" {
			texts["dynamodb:ListTables"] = `{"TableNames":[` + c.names + `]}`
		}
		results, err := Judge(read(t, texts), c.q)
		worst, _ := Worst(results)
		if err != nil || wanting(results) != c.want || worst != c.worst {
			t.Errorf("%s: %v, %s at worst %s; want %s", name, err, wanting(results), worst, c.want)
		}
	}
}

// Who may not list tables cannot be told that all are logged, unless a selector takes any.
func TestTablesNotListed(t *testing.T) {
	one := strings.TrimSuffix(ofTables, "]}") + `,{"Field":"resources.ARN","Equals":["` + orders + `"]}]}`
	for selector, want := range map[string]string{one: "SEL-01 unknown, SEL-02 unknown", ofTables: ""} {
		texts := perfect()
		texts["cloudtrail:GetEventSelectors"] = `{"TrailARN":"` + trailARN + `","AdvancedEventSelectors":[` + management + `,` + selector + `,` + ofStreams + `]}`
		texts["dynamodb:ListTables"] = `{"Call":"dynamodb:ListTables","About":"eu-central-1","Error":{"Code":"AccessDenied","Message":"no"}}`
		results, err := Judge(read(t, texts), Question{Tables: []string{orders}})
		if err != nil || wanting(results) != want {
			t.Errorf("%v: %s, want %s", err, wanting(results), want)
		}
	}
}

// Several trails: what one is kept for is not asked of the others.
func TestSeveralTrails(t *testing.T) {
	texts := perfect()
	other := `{"Name":"security","TrailARN":"arn:aws:cloudtrail:us-east-1:999988887777:trail/security","HomeRegion":"us-east-1","S3BucketName":"theirs","IsOrganizationTrail":true,"IsMultiRegionTrail":true}`
	texts["cloudtrail:DescribeTrails"] = strings.Replace(texts["cloudtrail:DescribeTrails"], `]}`, `,`+other+`]}`, 1)
	if _, err := Judge(read(t, texts), Question{}); err == nil || !strings.Contains(err.Error(), "--trail") {
		t.Errorf("whose are they? %v", err)
	}
	results, err := Judge(read(t, texts), Question{Trail: "main"})
	if err != nil || wanting(results) != "" {
		t.Errorf("%v: %s", err, wanting(results))
	}
	if _, err := Judge(read(t, texts), Question{Trail: "mian"}); err == nil || !strings.Contains(err.Error(), "there are main, security") {
		t.Errorf("%v", err)
	}
	about := map[string]string{"cloudtrail": trailARN, "s3": "log", "kms": keyARN}
	answers := read(t, texts)
	for i := range answers {
		service, _, _ := strings.Cut(answers[i].Call, ":")
		answers[i].About = about[service]
	}
	answers = append(answers, setup.Answer{Call: "cloudtrail:GetEventSelectors", About: "arn:aws:cloudtrail:us-east-1:999988887777:trail/security",
		JSON: json.RawMessage(`{"TrailARN":"arn:aws:cloudtrail:us-east-1:999988887777:trail/security","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}`)})
	results, err = Judge(answers, Question{})
	if err != nil || wanting(results) != "" {
		t.Errorf("%v: %s", err, wanting(results))
	}
}

// Every detection that a requirement names is one.
func TestDetectionsNamed(t *testing.T) {
	known := map[string]bool{}
	for i := range detect.Catalogue {
		known[detect.Catalogue[i].ID] = true
	}
	results, err := Judge(read(t, perfect()), Question{Seen: []Seen{}})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, r := range results {
		if r.Hides == "" || r.Mend == "" || r.Title == "" || r.Level == "" {
			t.Errorf("%+v", r)
		}
		for _, id := range regexp.MustCompile(`DDB-[A-Z]+-\d+`).FindAllString(r.Hides+r.Mend, -1) {
			named++
			if !known[id] {
				t.Errorf("%s names %s, which is none", r.ID, id)
			}
		}
	}
	if named < 15 {
		t.Errorf("only %d are named", named)
	}
}

// Text of the account cannot move a cursor.
func TestRenderHostileText(t *testing.T) {
	texts := perfect()
	texts["cloudtrail:GetTrailStatus"] = members("IsLogging", "x", "LatestDeliveryError", "\x1b[2J\nforged\u202e")
	texts["cloudtrail:GetTrailStatus"] = strings.Replace(texts["cloudtrail:GetTrailStatus"], `"x"`, "true", 1)
	results, err := Judge(read(t, texts), Question{})
	if err != nil {
		t.Fatal(err)
	}
	for _, render := range []func() (string, error){
		func() (string, error) {
			var b strings.Builder
			err := Render(&b, results, queries.Look{})
			return b.String(), err
		},
		func() (string, error) { var b strings.Builder; err := RenderJSON(&b, results); return b.String(), err },
	} {
		text, err := render()
		if err != nil || strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "\nforged") || !strings.Contains(text, "forged") {
			t.Errorf("%v: %q", err, text)
		}
	}
}

// A file of saved answers is a snapshot of trails to the detections.
func TestSavedAnswersAreASnapshot(t *testing.T) {
	var saved []setup.Answer
	for call, text := range perfect() {
		var all map[string]any
		if err := json.Unmarshal([]byte(text), &all); err != nil {
			t.Fatal(err)
		}
		a, err := setup.NewAnswer(call, "x", nil, all)
		if err != nil {
			t.Fatal(err)
		}
		saved = append(saved, a)
	}
	refused, err := setup.NewAnswer("cloudtrail:GetEventSelectors", "y", &setup.Fault{Code: "AccessDenied"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	if err := setup.WriteAnswers(&file, append(saved, refused)); err != nil {
		t.Fatal(err)
	}
	c := detect.NewCoverage()
	if err := c.Learn(strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	for _, class := range detect.LogClasses {
		if got := c.Of(orders, class); got != detect.LoggedYes {
			t.Errorf("%s of orders: %s", class, got)
		}
	}
	if got := c.Of(guest, detect.DataReads); got != detect.LoggedNo {
		t.Errorf("of another account: %s", got)
	}
}

// An account that was set up by the module of setup terraform lacks nothing.
func TestAccountOfModule(t *testing.T) {
	file, err := os.Open(filepath.Join("..", "..", "..", "testdata", "golden", "setup", "account.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	answers, err := setup.ReadAnswers(file)
	if err != nil {
		t.Fatal(err)
	}
	results, err := Judge(answers, Question{Tables: []string{orders}})
	if err != nil || len(results) != 25 || wanting(results) != "" {
		t.Errorf("%d results, %v: %s", len(results), err, wanting(results))
	}
}
