package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/setup/readiness"
)

// Regions come from names of tables, those of a lake from logs that anybody may have
// written: what is no Region does not become the name of a host.
func TestRegionsOfTables(t *testing.T) {
	var f checkFlags
	f.Tables = []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"}
	for _, region := range []string{"us-east-1", "eu-west-1", "evil.example/#", "", "x@evil-1"} {
		f.Seen = append(f.Seen, readiness.Seen{ARN: "arn:aws:dynamodb:" + region + ":111122223333:table/orders"})
	}
	if got := strings.Join(f.regions(), " "); got != "eu-central-1 eu-west-1 us-east-1" {
		t.Errorf("%q", got)
	}
}

// An account is asked, its answers are kept, and judged again without it they say the
// same. What it refuses to tell is told as not known.
func TestSetupCheckAsksAndSaves(t *testing.T) {
	const trail = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main"
	says := map[string]string{
		"ListTrails":        `{"Trails":[{"TrailARN":"` + trail + `","HomeRegion":"eu-central-1"}]}`,
		"DescribeTrails":    `{"trailList":[{"Name":"main","TrailARN":"` + trail + `","HomeRegion":"eu-central-1","S3BucketName":"log","IsMultiRegionTrail":true,"IncludeGlobalServiceEvents":true,"LogFileValidationEnabled":true}]}`,
		"GetTrailStatus":    `{"IsLogging":true}`,
		"GetEventSelectors": `{"TrailARN":"` + trail + `","EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::DynamoDB::Table","Values":["arn:aws:dynamodb"]}]}]}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target := r.Header.Get("X-Amz-Target")
		if answer, ok := says[target[strings.LastIndexByte(target, '.')+1:]]; ok {
			fmt.Fprint(w, answer)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		if target != "" {
			fmt.Fprint(w, `{"__type":"AccessDeniedException","Message":"not you"}`)
		} else {
			fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>not you</Message></Error>`)
		}
	}))
	defer server.Close()
	dir := t.TempDir()
	run := func(args ...string) (status int, stdout string) {
		t.Helper()
		cmd := exec.Command(builtBinary, append([]string{"setup", "check"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+server.URL, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=verysecret", "AWS_REGION=eu-central-1",
			"AWS_PROFILE=", "AWS_CONFIG_FILE=none", "AWS_SHARED_CREDENTIALS_FILE=none", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1")
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // judged by its status
		if errs.Len() > 0 {
			t.Errorf("%q: %s", args, &errs)
		}
		return cmd.ProcessState.ExitCode(), out.String()
	}
	if err := os.WriteFile(filepath.Join(dir, "answers.json"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	status, asked := run("--save", "answers.json")
	if status != exitFindings || !strings.Contains(asked, "BKT-02  high      Delivery by this trail alone, s3://log: s3:GetBucketPolicy: AccessDenied: not you") ||
		!strings.Contains(asked, "SEL-01            Reads of items, tables: of all tables") || !strings.Contains(asked, "SEL-05  medium    Streams of tables, main: no selector") {
		t.Errorf("status %d\n%s", status, asked)
	}
	info, err := os.Stat(filepath.Join(dir, "answers.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v: %v", err, info)
	}
	server.Close()
	if status, saved := run("--saved", "answers.json"); status != exitFindings || saved != asked {
		t.Errorf("from the file: status %d\n%s\nwant\n%s", status, saved, asked)
	}
	if status, _ := run("--saved", "answers.json", "--min-severity", "high"); status != exitDone {
		t.Errorf("nothing that is missing is high: status %d", status)
	}
	text, err := os.ReadFile(filepath.Join(dir, "answers.json"))
	if err != nil || strings.Contains(string(text), "verysecret") || strings.Contains(string(text), "AKIDEXAMPLE") {
		t.Errorf("%v: a secret is in the file", err)
	}
}
