package detect_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// call is one call and when it was made.
type call struct {
	at      time.Time
	who     *member
	service string // empty: dynamodb
	name    string
	table   *worldTable // nil: none
	request any
	answer  any
	denied  bool
	failed  string // another error's code
	id      string // set when it is written
}

// jsonRecord is a CloudTrail record.
type jsonRecord struct {
	EventVersion string           `json:"eventVersion"`
	Identity     json.RawMessage  `json:"userIdentity"`
	EventTime    string           `json:"eventTime"`
	EventSource  string           `json:"eventSource"`
	EventName    string           `json:"eventName"`
	Region       string           `json:"awsRegion"`
	SourceIP     string           `json:"sourceIPAddress"`
	UserAgent    string           `json:"userAgent"`
	ErrorCode    string           `json:"errorCode,omitempty"`
	ErrorMessage string           `json:"errorMessage,omitempty"`
	Request      any              `json:"requestParameters"`
	Response     any              `json:"responseElements"`
	EventID      string           `json:"eventID"`
	ReadOnly     bool             `json:"readOnly"`
	Resources    []map[string]any `json:"resources,omitempty"`
	EventType    string           `json:"eventType"`
	Management   bool             `json:"managementEvent"`
	Recipient    string           `json:"recipientAccountId"`
	SharedID     string           `json:"sharedEventID,omitempty"`
	Category     string           `json:"eventCategory"`
}

// record is the call as an account's log has it.
func (c *call) record(account string) *jsonRecord {
	op := schema.Classify(c.name)
	r := &jsonRecord{
		EventVersion: "1.11", Identity: c.who.identity(account), EventTime: c.at.UTC().Format(time.RFC3339), EventSource: c.source() + ".amazonaws.com",
		EventName: c.name, Region: worldRegion, SourceIP: c.who.ip, UserAgent: c.who.agent, Request: c.request, Response: c.answer,
		EventID: c.id, ReadOnly: c.reads(), EventType: "AwsApiCall", Management: true, Category: "Management", Recipient: account,
	}
	if c.source() == "dynamodb" && op.Data {
		r.Management, r.Category = false, "Data"
	}
	if c.denied {
		r.ErrorCode, r.ErrorMessage = "AccessDenied", "User is not authorized to perform: dynamodb:"+c.name
	} else if c.failed != "" {
		r.ErrorCode, r.ErrorMessage = c.failed, "it did not work"
	}
	if c.table != nil {
		r.Resources = []map[string]any{{"accountId": ownAccount, "type": "AWS::DynamoDB::Table", "ARN": c.table.arn()}}
	}
	return r
}

func (c *call) source() string {
	if c.service == "" {
		return "dynamodb"
	}
	return c.service
}

func (c *call) reads() bool {
	for _, prefix := range []string{"Get", "BatchGet", "TransactGet", "Query", "Scan", "Describe", "List"} {
		if strings.HasPrefix(c.name, prefix) {
			return true
		}
	}
	return false
}

// crosses reports whether two accounts log the call.
func (c *call) crosses() bool { return c.who.form == dataRole }

// written are a day's calls as objects by key: what each account's trail delivered, in
// several pieces. Some records come a second time, as CloudTrail may do, and of some days
// a piece comes a day late.
func written(t testing.TB, day int32, piece string, calls []*call) map[string][]byte {
	t.Helper()
	const pieces = 4
	records := map[string][pieces][]any{}
	add := func(account string, n int, r any) {
		all := records[account]
		all[n%pieces] = append(all[n%pieces], r)
		records[account] = all
	}
	for n, c := range calls {
		c.id = fmt.Sprintf("%08x-%s-4000-8000-%012x", c.at.Unix(), piece, n)
		r := c.record(ownAccount)
		if c.crosses() {
			r.SharedID = "shared-" + c.id
			other := c.record(dataAccount)
			other.EventID, other.SharedID = "c"+c.id[1:], r.SharedID
			add(dataAccount, n, other)
		}
		add(ownAccount, n, r)
		if n%97 == 0 {
			add(ownAccount, n+1, r)
		}
	}
	objects := map[string][]byte{}
	for account, all := range records {
		for n, list := range all {
			if len(list) == 0 {
				continue
			}
			key := objectKey(account, day, piece, n)
			if n == pieces-1 && day%5 == 0 {
				key = objectKey(account, day+1, piece+"late", n)
			}
			objects[key] = packed(t, list)
		}
	}
	return objects
}

func objectKey(account string, day int32, piece string, n int) string {
	d := strings.ReplaceAll(schema.DayString(day), "-", "/")
	return fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%sT2355Z_%s%04d.json.gz",
		account, worldRegion, d, account, worldRegion, strings.ReplaceAll(d, "/", ""), piece, n)
}

func packed(t testing.TB, records []any) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err == nil {
		err = json.NewEncoder(z).Encode(map[string]any{"Records": records})
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
