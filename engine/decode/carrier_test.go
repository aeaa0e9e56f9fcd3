package decode

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestCarriers(t *testing.T) {
	in := recordOf("GetItem", `"requestParameters":{"tableName":"orders","key":{"pk":"a"}}`)
	out := `{"eventSource":"s3.amazonaws.com","recipientAccountId":"444455556666"}`
	insight := `{"eventTime":"2026-01-05T08:01:02Z","eventType":"AwsCloudTrailInsight","insightDetails":{"eventSource":"dynamodb.amazonaws.com","eventName":"Scan"}}`
	for _, c := range []struct {
		name, data string
		want       Summary
	}{
		{"trail file", `{"Records":[` + in + `,` + out + `]}`, Summary{Kind: KindCloudTrail, InScope: 1, OutOfScope: 1}},
		{"other members", `{"version":[1],"Records":[` + in + `],"more":{"Records":[1]}}`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"lower case", `{"records":[` + in + `]}`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"empty list", ` {"Records" : [ ] } `, Summary{Kind: KindCloudTrail}},
		{"byte order mark", "\uFEFF" + `{"Records":[` + in + `]}`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"lists one after another", `{"Records":[` + in + `]}{"Records":[` + out + `]}` + "\n" + `{"Records":[` + in + `]}`, Summary{Kind: KindCloudTrail, InScope: 2, OutOfScope: 1}},
		{"not objects", `{"Records":[1,null,"x",[` + in + `],` + in + `]}`, Summary{Kind: KindCloudTrail, InScope: 1, Quarantined: 4}},
		{"one record", in, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"record of old", `{"eventVersion":"1.0","userIdentity":{}}`, Summary{Kind: KindCloudTrail, Quarantined: 1}},
		{"lines", in + "\n" + out + "\r\n" + in + "\n", Summary{Kind: KindCloudTrail, InScope: 2, OutOfScope: 1}},
		{"no lines between", in + out + in, Summary{Kind: KindCloudTrail, InScope: 2, OutOfScope: 1}},
		{"lines with others among them", in + "\n{}\n" + `{"a":1}` + "\n" + out, Summary{Kind: KindCloudTrail, InScope: 1, OutOfScope: 1}},
		{"array", `[` + in + `, ` + out + `, [` + in + `], 7]`, Summary{Kind: KindCloudTrail, InScope: 2, OutOfScope: 1, Quarantined: 1}},
		{"array of lists", `[{"Records":[` + in + `]},{"Records":[]}]`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"EventBridge", `{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.dynamodb","resources":[],"detail":` + in + `}`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"CloudWatch Logs", `{"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{"id":"1","message":` + quote(in) + `},{"id":"2","message":` + quote(" "+out+"\n") + `}]}`, Summary{Kind: KindCloudTrail, InScope: 1, OutOfScope: 1}},
		{"CloudWatch Logs, other text", `{"logEvents":[{"message":"START"},{"message":` + quote(in+"x") + `},{"message":[]},{},7,{"message":"7"},{"message":""},{"message":` + quote(in) + `}]}`, Summary{Kind: KindCloudTrail, InScope: 1, Quarantined: 7}},
		{"control message before data", `{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"test"}]}` + in, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"LookupEvents", `{"Events":[{"EventId":"x","CloudTrailEvent":` + quote(in) + `}]}`, Summary{Kind: KindCloudTrail, InScope: 1}},
		{"Insights", `{"Records":[` + insight + `,` + insight + `]}`, Summary{Kind: KindInsight, InScope: 2}},
		{"Insights among others", `{"Records":[` + insight + `,` + out + `]}`, Summary{Kind: KindCloudTrail, InScope: 1, OutOfScope: 1}},
	} {
		_, got := mustDecode(t, c.data)
		c.want.Records = c.want.InScope + c.want.OutOfScope + c.want.Quarantined
		c.want.Touches = c.want.InScope
		got.AccountID, got.Region, got.First, got.Last = "", "", 0, 0
		if got != c.want {
			t.Errorf("%s: %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestNoRecords(t *testing.T) {
	for data, kind := range map[string]string{
		`{}`:                              KindForeign,
		`[]`:                              KindForeign,
		`[[],[{}]]`:                       KindForeign,
		`{"configurationItems":[]}`:       KindForeign,
		`{"Records":null}`:                KindForeign,
		`{"Records":{},"eventName":"x"}`:  KindForeign,
		`{"Records":7,"records":[{}]}`:    KindForeign,
		`{"detail-type":"x","detail":[]}`: KindForeign,
		`{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"{}"}]}`:            KindForeign,
		`{"awsAccountId":"1","digestEndTime":"x","digestS3Object":"y","logFiles":[]}`: KindDigest,
		`{"a":1}{"digestEndTime":null}`:                                               KindDigest,
	} {
		_, s, err := decodeWith(Limits{}, data)
		if !errors.Is(err, ErrNoRecords) || s.Kind != kind || s.Records != 0 {
			t.Errorf("%s: %v, %+v; want ErrNoRecords and %s", data, err, s, kind)
		}
	}
}

func TestNotJSON(t *testing.T) {
	in := recordOf("GetItem", "")
	for _, data := range []string{
		"", " \n", "\uFEFF", "{", "[", "]", `{"Records"`, `{"Records":[`, `{"Records":[]`, `{"Records":[],}`, `{"Records":[,]}`, `{"Records":[` + in + `,]}`, `{"Records":[` + in + ` ` + in + `]}`,
		`{"Records":[` + in + `}]`, `[` + in + `,]`, `[,` + in + `]`, `[` + in + ` ` + in + `]`, `[` + in, in + `,` + in, in + `]`, `START RequestId`, `2026-01-05T08:01:02Z ` + in, `{"Records":[]}x`,
		`{"Records":[` + in + `],"Records":[]}`, `{"records":[],"Records":[` + in + `]}`, `{"Records":[` + in + `],"Records":null}`,
	} {
		if _, _, err := decodeWith(Limits{}, data); !errors.Is(err, ErrSyntax) {
			t.Errorf("%q: %v, want ErrSyntax", data, err)
		}
	}
}

func TestSummaryOrigin(t *testing.T) {
	_, s := mustDecode(t, `{"Records":[7,{"x":1},{"eventSource":"s3","awsRegion":"","recipientAccountId":null},`+
		`{"eventSource":"s3","awsRegion":"us-east-1"},{"eventSource":"s3","awsRegion":"eu-west-1","RecipientAccountID":444455556666},`+recordOf("GetItem", "")+`]}`)
	if s.Region != "us-east-1" || s.AccountID != "444455556666" {
		t.Errorf("account %q, region %q", s.AccountID, s.Region)
	}
}

func TestSummaryTimes(t *testing.T) {
	at := func(time string) string {
		return strings.Replace(recordOf("GetItem", ""), "2026-01-05T08:01:02Z", time, 1)
	}
	_, s := mustDecode(t, at("2026-01-05T08:00:00Z")+at("2026-01-05T07:00:00Z")+at("2026-01-05T09:00:00Z")+
		strings.Replace(at("2027-01-05T09:00:00Z"), "dynamodb", "s3", 1))
	if s.Last-s.First != 2*3600*1_000_000 {
		t.Errorf("from %d to %d", s.First, s.Last)
	}
}

func TestQuarantineSaysWhyAndWhat(t *testing.T) {
	bad := strings.Replace(recordOf("GetItem", ""), "2026-01-05T08:01:02Z", strings.Repeat("x", 80), 1)
	k, _ := mustDecode(t, `{"Records":[ {"a" : 1} ,`+recordOf("Scan", "")+`,"text",`+bad+`,{"eventSource":"dynamodb"},{"eventSource":null,"eventName":"x"}]}`)
	want := []string{
		`0 no eventSource {"a" : 1}`,
		`2 record is not an object "text"`,
		`3 no readable eventTime: "` + strings.Repeat("x", 64) + `" ` + bad,
		`4 no readable eventTime: "" {"eventSource":"dynamodb"}`,
		`5 no eventSource {"eventSource":null,"eventName":"x"}`,
	}
	if got := strings.Join(k.quarantined, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("quarantined:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if k.touches[0].SourceIndex != 1 || k.touches[0].SourceObject != "object" {
		t.Errorf("the good record came from %s, %d", k.touches[0].SourceObject, k.touches[0].SourceIndex)
	}
}
