package tables

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

const arnOf = "arn:aws:dynamodb:eu-west-1:111122223333:table/"

// happened is a trail and AWS Config's files, made of lines:
//
//	TIME EVENT TABLE REQUEST [RESPONSE]     a call, by alice
//	TIME EVENT! TABLE REQUEST                a call that was denied
//	TIME config TABLE CONFIGURATION         an item; its status may follow
//
// TIME is hh:mm of 2026-03-02, with d+ before it for a later day.
func happened(t *testing.T, lines string) *lake.Lake {
	t.Helper()
	source, into := objecttest.NewMem(), objecttest.NewMem()
	var records, items []string
	for i, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		part := strings.SplitN(strings.TrimSpace(line), " ", 5)
		if len(part) < 4 {
			t.Fatalf("line %q", line)
		}
		day, clock, later := strings.Cut(part[0], "+")
		if !later {
			day, clock = "0", day
		}
		var n int
		fmt.Sscan(day, &n)
		at := fmt.Sprintf("2026-03-%02dT%s:00Z", 2+n, clock)
		rest := append(part[3:], "")
		if part[1] == "config" {
			status := "OK"
			if rest[1] != "" {
				status = rest[1]
			}
			items = append(items, fmt.Sprintf(`{"resourceType":"AWS::DynamoDB::Table","ARN":%q,"configurationItemCaptureTime":%q,"configurationItemStatus":%q,%s}`, arnOf+part[2], at, status, rest[0]))
			continue
		}
		response := "null"
		if rest[1] != "" {
			response = rest[1]
		}
		called, failed := strings.CutSuffix(part[1], "!")
		code := ""
		if failed {
			code = `"errorCode":"AccessDenied",`
		}
		service, name, other := strings.Cut(called, ":")
		if !other {
			service, name = "dynamodb", service
		}
		records = append(records, fmt.Sprintf(`{"eventVersion":"1.11","eventSource":"%s.amazonaws.com","eventName":%q,"eventTime":%q,"eventID":"00000000-0000-4000-8000-%012d","eventType":"AwsApiCall","managementEvent":true,%s`+
			`"awsRegion":"eu-west-1","recipientAccountId":"111122223333","userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"},`+
			`"requestParameters":%s,"responseElements":%s,"resources":[{"ARN":%q,"type":"AWS::DynamoDB::Table","accountId":"111122223333"}]}`,
			service, name, at, i, code, rest[0], response, arnOf+part[2]))
	}
	put(t, source, "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/111122223333_CloudTrail_eu-west-1_20260302T0000Z_a.json.gz", `{"Records":[`+strings.Join(records, ",")+`]}`)
	put(t, source, "AWSLogs/111122223333/Config/eu-west-1/2026/3/2/ConfigSnapshot/111122223333_Config_eu-west-1_ConfigSnapshot_20260302T000000Z_1.json.gz", `{"configurationItems":[`+strings.Join(items, ",")+`]}`)
	l, err := lake.Create(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := (&engine.Engine{Lake: l}).Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: source}}})
	if err != nil || !rep.Complete() || rep.InScope != int64(len(records)+len(items)) {
		t.Fatalf("%v, %+v", err, rep)
	}
	return l
}

func put(t *testing.T, to lake.Store, key, text string) {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		_, err = to.Put(context.Background(), key, bytes.NewReader(b.Bytes()), int64(b.Len()), object.Condition{})
	}
	if err != nil {
		t.Fatal(err)
	}
}
