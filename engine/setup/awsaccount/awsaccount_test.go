package awsaccount

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/setup"
)

const (
	mainARN  = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main"
	farARN   = "arn:aws:cloudtrail:us-west-2:111122223333:trail/far"
	theirARN = "arn:aws:cloudtrail:eu-central-1:999988887777:trail/theirs"
	keyARN   = "arn:aws:kms:eu-central-1:111122223333:key/k1"

	bucketKeyARN = "arn:aws:kms:eu-west-1:111122223333:key/k2" // where the bucket is, and not the trail
)

// cloud answers like the services, as far as they are asked here.
type cloud struct {
	mu    sync.Mutex
	asked []string            // call, Region and what about, in order
	says  map[string]response // by call, or by call and what about
}

const silent = -1

type response struct {
	status int
	body   string
	header map[string]string
}

// serve starts the services, and makes every client go there.
func serve(t *testing.T, says map[string]response) *cloud {
	t.Helper()
	c := &cloud{says: says}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	empty := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_REGION": "eu-central-1", "AWS_CONFIG_FILE": empty, "AWS_SHARED_CREDENTIALS_FILE": empty, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
	} {
		t.Setenv(name, value)
	}
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	call, about := "", ""
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		call = target[strings.LastIndexByte(target, '.')+1:]
		var in map[string]any
		if err := json.Unmarshal(body, &in); err != nil {
			panic(err)
		}
		for _, name := range []string{"Name", "TrailName", "KeyId", "NextToken", "ExclusiveStartTableName"} {
			if s, ok := in[name].(string); ok {
				about = s
			}
		}
	} else if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		call = form.Get("Action")
	} else {
		about = strings.Trim(r.URL.Path, "/")
		for _, q := range []string{"policy", "publicAccessBlock", "encryption", "versioning", "lifecycle", "object-lock", "logging"} {
			if r.URL.Query().Has(q) {
				call = q
			}
		}
		if r.Method == http.MethodHead {
			call = "HeadBucket"
		}
	}
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	region := append(strings.Split(scope, "/"), "", "", "")[2]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, strings.TrimSpace(call+" "+region+" "+about))
	a, ok := c.says[call+" "+about]
	if !ok {
		if a, ok = c.says[call]; !ok {
			a = response{status: 400, body: `{"__type":"AccessDeniedException","Message":"not you"}`}
			if r.Header.Get("X-Amz-Target") == "" {
				a = denied
			}
			if call == "GetCallerIdentity" {
				a.body = "<ErrorResponse>" + a.body + "</ErrorResponse>"
			}
		}
	}
	if a.status == silent {
		panic(http.ErrAbortHandler) // hangs up
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	fmt.Fprint(w, a.body)
}

var denied = response{status: 403, body: `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`}

func ok(body string) response { return response{status: 200, body: body} }

func xmlFault(code string) response {
	return response{status: 404, body: "<Error><Code>" + code + "</Code><Message>none</Message></Error>"}
}

// world is an account with a trail of its own, one at home in another Region and one of
// its organization, whose bucket it may not look at.
func world() map[string]response {
	trail := func(name, arn, home, bucket, key string) string {
		return fmt.Sprintf(`{"Name":%q,"TrailARN":%q,"HomeRegion":%q,"S3BucketName":%q,"KmsKeyId":%q,"IsMultiRegionTrail":true,"IsOrganizationTrail":%v}`, name, arn, home, bucket, key, name == "theirs")
	}
	trails := `{"trailList":[` + trail("main", mainARN, "eu-central-1", "log", keyARN) + `,` + trail("far", farARN, "us-west-2", "log", bucketKeyARN) + `,` + trail("theirs", theirARN, "eu-central-1", "their-log", "") + `]}`
	return map[string]response{
		"GetCallerIdentity":              ok(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><UserId>U</UserId><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`),
		"ListTrails":                     ok(`{"Trails":[{"TrailARN":"` + mainARN + `","HomeRegion":"eu-central-1"}],"NextToken":"more"}`),
		"ListTrails more":                ok(`{"Trails":[{"TrailARN":"` + farARN + `","HomeRegion":"us-west-2"}]}`),
		"DescribeTrails":                 ok(trails),
		"GetTrailStatus " + mainARN:      ok(`{"IsLogging":true,"LatestDeliveryTime":1767225600}`),
		"GetTrailStatus " + farARN:       ok(`{"IsLogging":false}`),
		"GetEventSelectors " + mainARN:   ok(`{"TrailARN":"` + mainARN + `","AdvancedEventSelectors":[{"Name":"d","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]}`),
		"GetInsightSelectors " + mainARN: {status: 400, body: `{"__type":"InsightNotEnabledException","Message":"off"}`},
		"GetKeyPolicy":                   ok(`{"Policy":"{}","PolicyName":"default"}`),
		"HeadBucket log":                 {status: 301, header: map[string]string{"X-Amz-Bucket-Region": "eu-west-1"}},
		"policy log":                     ok(`{"Statement":[]}`),
		"publicAccessBlock log":          xmlFault("NoSuchPublicAccessBlockConfiguration"),
		"encryption log":                 ok(`<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`),
		"versioning log":                 ok(`<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`),
		"lifecycle log":                  ok(`<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Transition><Days>7</Days><StorageClass>GLACIER</StorageClass></Transition></Rule></LifecycleConfiguration>`),
		"object-lock log":                xmlFault("ObjectLockConfigurationNotFoundError"),
		"logging log":                    ok(`<BucketLoggingStatus><LoggingEnabled><TargetBucket>access</TargetBucket><TargetPrefix>p/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>`),
		"ListTables":                     ok(`{"TableNames":["a","b"],"LastEvaluatedTableName":"b"}`),
		"ListTables b":                   ok(`{"TableNames":["c"]}`),
	}
}

// Everything is asked where it is at home, every page is read, what is refused is among
// the answers, and a file of them can be read again.
func TestAsk(t *testing.T) {
	c := serve(t, world())
	var told []string
	answers, err := Ask(t.Context(), Options{Tables: true, TableRegions: []string{"us-west-2", "us-west-2"}, Progress: func(what string) { told = append(told, what) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"ListTrails eu-central-1", "ListTrails eu-central-1 more", "DescribeTrails eu-central-1", "DescribeTrails us-west-2",
		"GetTrailStatus eu-central-1 " + mainARN, "GetTrailStatus us-west-2 " + farARN, "GetEventSelectors eu-central-1 " + theirARN,
		"HeadBucket eu-central-1 log", "policy eu-west-1 log", "lifecycle eu-west-1 log", "policy eu-central-1 their-log",
		"GetKeyPolicy eu-central-1 " + keyARN, "GetKeyPolicy eu-west-1 " + bucketKeyARN, "ListTables eu-central-1 b", "ListTables us-west-2 b",
	} {
		if !slices.Contains(c.asked, want) {
			t.Errorf("not asked: %s\n%s", want, strings.Join(c.asked, "\n"))
		}
	}
	for _, asked := range c.asked {
		if word := asked[:3]; !slices.Contains([]string{"Get", "Lis", "Des", "Hea", "pol", "pub", "enc", "ver", "lif", "obj", "log"}, word) {
			t.Errorf("changes something: %s", asked)
		}
	}
	var file bytes.Buffer
	if err := setup.WriteAnswers(&file, answers); err != nil {
		t.Fatal(err)
	}
	again, err := setup.ReadAnswers(&file)
	if err != nil || len(again) != len(answers) {
		t.Fatalf("%d answers became %d: %v", len(answers), len(again), err)
	}
	got := map[string]string{}
	for _, a := range again {
		var compact bytes.Buffer
		if err := json.Compact(&compact, a.JSON); err != nil {
			t.Fatal(err)
		}
		got[strings.TrimSpace(a.Call+" "+a.About)] = compact.String()
	}
	for key, want := range map[string]string{
		"cloudtrail:DescribeTrails":                 `"IsLogging":false`,
		"cloudtrail:GetTrailStatus " + mainARN:      `"LatestDeliveryTime":"2026-01-01T00:00:00Z"`,
		"cloudtrail:GetTrailStatus " + theirARN:     `"Code":"AccessDeniedException"`,
		"cloudtrail:GetEventSelectors " + mainARN:   `"AdvancedEventSelectors":[{"FieldSelectors":[{"Equals":["Data"],"Field":"eventCategory"}],"Name":"d"}]`,
		"cloudtrail:GetInsightSelectors " + mainARN: `"Code":"InsightNotEnabledException"`,
		"s3:GetBucketPolicy log":                    `"Policy":"{\"Statement\":[]}"`,
		"s3:GetBucketPolicy their-log":              `"Code":"AccessDenied"`,
		"s3:GetPublicAccessBlock log":               `"Code":"NoSuchPublicAccessBlockConfiguration"`,
		"s3:GetBucketEncryption log":                `"SSEAlgorithm":"AES256"`,
		"s3:GetBucketVersioning log":                `"Status":"Enabled"`,
		"s3:GetBucketLifecycleConfiguration log":    `"Transitions":[{"Days":7,"StorageClass":"GLACIER"}]`,
		"s3:GetObjectLockConfiguration log":         `"Code":"ObjectLockConfigurationNotFoundError"`,
		"s3:GetBucketLogging log":                   `"TargetBucket":"access"`,
		"kms:GetKeyPolicy " + keyARN:                `"PolicyName":"default"`,
		"dynamodb:ListTables eu-central-1":          `["a","b","c"]`,
		"sts:GetCallerIdentity":                     `"Account":"111122223333"`,
	} {
		if !strings.Contains(got[key], want) || strings.Contains(got[key], "null") || strings.Contains(got[key], "ResultMetadata") {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
	if !slices.Contains(told, "bucket log") {
		t.Errorf("told: %q", told)
	}
}

func TestAskFails(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string]response)
		says   string
	}{
		"unknown caller": {func(w map[string]response) {
			w["DescribeTrails"] = response{status: 400, body: `{"__type":"UnrecognizedClientException","Message":"no such token"}`}
		}, "does not take the credentials"},
		"no end of trails": {func(w map[string]response) {
			w["ListTrails more"] = ok(`{"Trails":[],"NextToken":"more"}`)
		}, "has no end"},
		"no end of tables": {func(w map[string]response) {
			w["ListTables b"] = ok(`{"TableNames":["b"],"LastEvaluatedTableName":"b"}`)
		}, "has no end"},
	} {
		t.Run(name, func(t *testing.T) {
			says := world()
			c.change(says)
			serve(t, says)
			if _, err := Ask(t.Context(), Options{Tables: true}); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %s", err, c.says)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		serve(t, nil)
		t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
		if _, err := Ask(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%v", err)
		}
	})
	t.Run("no credentials", func(t *testing.T) {
		serve(t, nil)
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		if _, err := Ask(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "--saved") {
			t.Errorf("%v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		serve(t, world())
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(stop)
		if _, err := Ask(ctx, Options{}); !errors.Is(err, stop) {
			t.Errorf("%v", err)
		}
	})
}

// A service that does not answer is an answer about it: all else is asked, and it is not
// asked again.
func TestAskUnreachable(t *testing.T) {
	says := world()
	for _, call := range []string{"GetCallerIdentity", "HeadBucket log", "policy log", "GetTrailStatus " + farARN, "ListTables"} {
		says[call] = response{status: silent}
	}
	c := serve(t, says)
	answers, err := Ask(t.Context(), Options{Tables: true, TableRegions: []string{"us-west-2", "eu-central-1"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range answers {
		got[a.Call+" "+a.About] = "said"
		if a.Error != nil {
			got[a.Call+" "+a.About] = a.Error.Code
		}
	}
	for key, want := range map[string]string{
		"sts:GetCallerIdentity ":                  unreachable,
		"s3:GetBucketPolicy log":                  unreachable,
		"s3:GetBucketLogging log":                 unreachable,
		"cloudtrail:GetTrailStatus " + farARN:     unreachable,
		"cloudtrail:GetEventSelectors " + farARN:  unreachable,
		"cloudtrail:GetEventSelectors " + mainARN: "said",
		"cloudtrail:DescribeTrails ":              "said",
		"kms:GetKeyPolicy " + keyARN:              "said",
		"dynamodb:ListTables eu-central-1":        unreachable,
		"dynamodb:ListTables us-west-2":           unreachable,
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	c.mu.Lock() // what hung up may still be served
	defer c.mu.Unlock()
	for _, asked := range c.asked {
		if strings.HasSuffix(asked, " log") && !strings.HasPrefix(asked, "HeadBucket") || asked == "GetEventSelectors us-west-2 "+farARN {
			t.Errorf("asked again: %s", asked)
		}
	}
}

// Who may ask nothing gets answers that say so.
func TestAskRefused(t *testing.T) {
	serve(t, nil)
	answers, err := Ask(t.Context(), Options{Tables: true})
	if err != nil || len(answers) != 4 {
		t.Fatalf("%d answers: %v", len(answers), err)
	}
	for _, a := range answers {
		if a.Error == nil || !strings.HasPrefix(a.Error.Code, "AccessDenied") {
			t.Errorf("%s: %v", a.Call, a.Error)
		}
	}
}
