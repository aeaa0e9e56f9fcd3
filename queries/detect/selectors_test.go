package detect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

const (
	ordersARN = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
	otherARN  = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders-dev"
	abroadARN = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
	guestARN  = "arn:aws:dynamodb:eu-central-1:444455556666:table/orders"
	mainTrail = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/main"
)

// call is a call that changes a trail, at a minute.
func call(minute int64, name, request string) *schema.Touch {
	return &schema.Touch{
		EventTime: minute * 60e6, EventSource: "cloudtrail.amazonaws.com", EventName: name, Outcome: schema.OutcomeOK,
		AWSRegion: "eu-central-1", RecipientAccountID: "111122223333", RequestParameters: request,
	}
}

// started is a trail that logs, with selectors.
func started(selectors string) *Coverage {
	c := NewCoverage()
	c.Apply(call(1, "CreateTrail", `{"name":"main","isMultiRegionTrail":true}`))
	c.Apply(call(2, "PutEventSelectors", `{"trailName":"main",`+selectors+`}`))
	c.Apply(call(3, "StartLogging", `{"name":"main"}`))
	return c
}

// of tells all classes of a table in a few letters: M and D for management and data, each
// with r and w, small where only some are logged.
func of(c *Coverage, table string) string {
	var b strings.Builder
	for i, class := range LogClasses {
		letters := []string{"Mr", "Mw", "Dr", "Dw"}[i]
		switch c.Of(table, class) {
		case LoggedYes:
			b.WriteString(letters + " ")
		case LoggedPartly:
			b.WriteString("(" + letters + ") ")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestSelectors(t *testing.T) {
	data := func(more string) string {
		return `{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"resources.type","equals":["AWS::DynamoDB::Table"]}` + more + `]}`
	}
	const management = `{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]}]}`
	basic := func(readWrite, managed string, values ...string) string {
		return fmt.Sprintf(`"eventSelectors":[{"readWriteType":%q,"includeManagementEvents":%s,"dataResources":[{"type":"AWS::DynamoDB::Table","values":["%s"]}]}]`,
			readWrite, managed, strings.Join(values, `","`))
	}
	for name, c := range map[string]struct {
		selectors     string
		orders, other string
	}{
		"basic, all tables":        {basic("All", "true", "arn:aws:dynamodb"), "Mr Mw Dr Dw", "Mr Mw Dr Dw"},
		"basic, one table":         {basic("All", "true", ordersARN), "Mr Mw Dr Dw", "Mr Mw"},
		"basic, its account":       {basic("All", "true", "arn:aws:dynamodb:eu-central-1:111122223333:table/"), "Mr Mw Dr Dw", "Mr Mw Dr Dw"},
		"basic, another account":   {basic("All", "true", "arn:aws:dynamodb:eu-central-1:999988887777:table/"), "Mr Mw", "Mr Mw"},
		"basic, reads":             {basic("ReadOnly", "true", "arn:aws:dynamodb"), "Mr Dr", "Mr Dr"},
		"basic, writes, data only": {basic("WriteOnly", "false", "arn:aws:dynamodb"), "Dw", "Dw"},
		"basic, other resources":   {`"eventSelectors":[{"readWriteType":"All","dataResources":[{"type":"AWS::S3::Object","values":["arn:aws:s3"]}]}]`, "Mr Mw", "Mr Mw"},
		"basic, KMS left out":      {`"eventSelectors":[{"readWriteType":"All","excludeManagementEventSources":["kms.amazonaws.com"]}]`, "Mr Mw", "Mr Mw"},
		"basic, two selectors": {`"eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":true},{"readWriteType":"WriteOnly","includeManagementEvents":true}]`,
			"Mr Mw", "Mr Mw"},
		"advanced":              {`"advancedEventSelectors":[` + management + `,` + data("") + `]`, "Mr Mw Dr Dw", "Mr Mw Dr Dw"},
		"advanced, data only":   {`"advancedEventSelectors":[` + data("") + `]`, "Dr Dw", "Dr Dw"},
		"equals":                {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","equals":["`+ordersARN+`"]}`) + `]`, "Dr Dw", ""},
		"notEquals":             {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","notEquals":["`+ordersARN+`"]}`) + `]`, "", "Dr Dw"},
		"startsWith":            {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","startsWith":["`+ordersARN+`-"]}`) + `]`, "", "Dr Dw"},
		"notStartsWith":         {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","notStartsWith":["`+ordersARN+`-"]}`) + `]`, "Dr Dw", ""},
		"endsWith":              {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","endsWith":["-dev"]}`) + `]`, "", "Dr Dw"},
		"notEndsWith":           {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","notEndsWith":["-dev"]}`) + `]`, "Dr Dw", ""},
		"wanted and not wanted": {`"advancedEventSelectors":[` + data(`,{"field":"resources.ARN","startsWith":["`+ordersARN+`"],"notEndsWith":["-dev"]}`) + `]`, "Dr Dw", ""},
		"reads":                 {`"advancedEventSelectors":[` + data(`,{"field":"readOnly","equals":["true"]}`) + `]`, "Dr", "Dr"},
		"not reads":             {`"advancedEventSelectors":[` + data(`,{"field":"readOnly","notEquals":["true"]}`) + `]`, "Dw", "Dw"},
		"by name":               {`"advancedEventSelectors":[` + data(`,{"field":"eventName","notEquals":["Scan"]}`) + `]`, "(Dr) (Dw)", "(Dr) (Dw)"},
		"by name and all":       {`"advancedEventSelectors":[` + data(`,{"field":"eventName","equals":["Scan"]}`) + `,` + data("") + `]`, "Dr Dw", "Dr Dw"},
		"by caller":             {`"advancedEventSelectors":[` + data(`,{"field":"userIdentity.arn","notStartsWith":["arn:aws:sts::111122223333:assumed-role/x"]}`) + `]`, "(Dr) (Dw)", "(Dr) (Dw)"},
		"other type":            {`"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"resources.type","equals":["AWS::DynamoDB::Stream"]}]}]`, "", ""},
		"management, not of KMS": {`"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]},{"field":"eventSource","notEquals":["kms.amazonaws.com"]}]}]`,
			"Mr Mw", "Mr Mw"},
		"management, not of DynamoDB": {`"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Management"]},{"field":"eventSource","notEquals":["dynamodb.amazonaws.com"]}]}]`,
			"", ""},
		"none at all": {`"eventSelectors":[]`, "Mr Mw", "Mr Mw"}, // a new trail's own
	} {
		t.Run(name, func(t *testing.T) {
			cover := started(c.selectors)
			if got := of(cover, ordersARN); got != c.orders {
				t.Errorf("orders: %q, want %q", got, c.orders)
			}
			if got := of(cover, otherARN); got != c.other {
				t.Errorf("orders-dev: %q, want %q", got, c.other)
			}
			if got := of(cover, guestARN); got != "" {
				t.Errorf("of another account: %q", got)
			}
		})
	}
}

// A trail's life, as intervals.
func TestIntervals(t *testing.T) {
	c := started(`"advancedEventSelectors":[{"fieldSelectors":[{"field":"eventCategory","equals":["Data"]},{"field":"resources.type","equals":["AWS::DynamoDB::Table"]}]}]`)
	c.Apply(call(10, "StopLogging", `{"name":"`+mainTrail+`"}`))
	failed := call(11, "StartLogging", `{"name":"main"}`)
	failed.Outcome = schema.OutcomeDenied
	c.Apply(failed)
	c.Apply(call(12, "UpdateTrail", `{"name":"main","isMultiRegionTrail":true}`)) // a console sends all
	c.Apply(call(20, "StartLogging", `{"name":"main"}`))
	c.Apply(call(30, "UpdateTrail", `{"name":"main","isMultiRegionTrail":false}`))
	c.Apply(call(40, "DeleteTrail", `{"name":"main"}`))
	var b strings.Builder
	for _, i := range c.Intervals(abroadARN, ordersARN, ordersARN) {
		if i.Class == DataWrites {
			fmt.Fprintf(&b, "%s %s-%s %s\n", i.Table[17:26], i.From.Format("15:04"), i.To.Format("15:04"), i.Logged)
		}
	}
	const want = `eu-centra 00:01-00:03 not logged
eu-centra 00:03-00:10 logged
eu-centra 00:10-00:20 not logged
eu-centra 00:20-00:40 logged
eu-centra 00:40-00:00 not logged
us-east-1 00:01-00:03 not logged
us-east-1 00:03-00:10 logged
us-east-1 00:10-00:20 not logged
us-east-1 00:20-00:30 logged
us-east-1 00:30-00:00 not logged
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// What nobody has told is not known: neither logged nor not.
func TestUnknownCoverage(t *testing.T) {
	c := NewCoverage()
	if got := c.Of(ordersARN, DataReads); got != LoggedUnknown {
		t.Errorf("without anything: %s", got)
	}
	c.Apply(call(1, "StopLogging", `{"name":"main"}`))
	if got := c.Of(ordersARN, DataReads); got != LoggedUnknown {
		t.Errorf("other trails may log: %s", got)
	}
	if got := c.Intervals(ordersARN)[0].Logged; got != LoggedNo {
		t.Errorf("this one does not: %s", got)
	}
	c.Apply(call(2, "StartLogging", `{"name":"main"}`))
	if got := c.Of(ordersARN, DataReads); got != LoggedUnknown {
		t.Errorf("its selectors are not known: %s", got)
	}
}

// A snapshot knows all trails, so that what none of them logs is not logged.
func TestSnapshot(t *testing.T) {
	c := NewCoverage()
	if err := c.learnFiles([]string{"testdata/trails.json"}); err != nil {
		t.Fatal(err)
	}
	if got := of(c, ordersARN); got != "Mr Mw Dr Dw" {
		t.Errorf("orders: %q", got)
	}
	if got := c.Of(guestARN, DataReads); got != LoggedNo {
		t.Errorf("another account: %s", got)
	}
	c.Apply(call(1, "PutEventSelectors", `{"trailName":"main","eventSelectors":[{"readWriteType":"All","includeManagementEvents":true}]}`))
	if got := c.Of(ordersARN, DataReads); got != LoggedNo {
		t.Errorf("after the change: %s", got)
	}
	for text, want := range map[string]string{
		"":                  "it is empty",
		"{":                 "answer 1: ",
		`{"a":1}`:           "answer 1: it is neither of DescribeTrails nor of GetEventSelectors",
		`{"trailList":[]}[`: "answer 2: ",
	} {
		if err := NewCoverage().Learn(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
