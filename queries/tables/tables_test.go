package tables

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

const active = `"configuration":{"tableStatus":"ACTIVE"`

var cases = map[string]string{
	"made-and-changed": `
08:00 CreateTable orders {"tableName":"orders","billingMode":"PAY_PER_REQUEST","deletionProtectionEnabled":true,"sSESpecification":{"enabled":true,"sSEType":"KMS","kMSMasterKeyId":"k-1"},"tags":[{"key":"data-class","value":"pii"}]}
08:10 UpdateContinuousBackups orders {"tableName":"orders","pointInTimeRecoverySpecification":{"pointInTimeRecoveryEnabled":true,"recoveryPeriodInDays":35}}
08:20 UpdateTimeToLive orders {"tableName":"orders","timeToLiveSpecification":{"enabled":true,"attributeName":"expires_at"}}
08:30 UpdateTable orders {"tableName":"orders","streamSpecification":{"streamEnabled":true,"streamViewType":"NEW_IMAGE"},"replicaUpdates":[{"create":{"regionName":"us-east-1"}},{"create":{"regionName":"eu-central-1"}}]}
08:40 UpdateTable orders {"tableName":"orders","replicaUpdates":[{"delete":{"regionName":"us-east-1"}}]}
08:50 EnableKinesisStreamingDestination orders {"tableName":"orders","streamArn":"arn:aws:kinesis:eu-west-1:111122223333:stream/s"}
09:00 PutResourcePolicy orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","policy":"{\"Statement\":[]}"}
09:10 TagResource orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","tags":[{"key":"data-class","value":"public"},{"key":"owner","value":"bob"}]}
09:20 UntagResource orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","tagKeys":["owner"]}
09:30 UpdateTable orders {"tableName":"orders","sSESpecification":{"enabled":false}}
09:40 DisableKinesisStreamingDestination orders {"tableName":"orders","streamArn":"arn:aws:kinesis:eu-west-1:111122223333:stream/s"}
09:50 DeleteResourcePolicy orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}
1+08:00 UpdateTable orders {"tableName":"orders","deletionProtectionEnabled":false}
1+08:00 DeleteTable orders {"tableName":"orders"}
2+08:00 CreateTable orders {"tableName":"orders"}`,

	"found-otherwise": `
08:00 UpdateContinuousBackups orders {"tableName":"orders","pointInTimeRecoverySpecification":{"pointInTimeRecoveryEnabled":true}}
08:05 config orders "supplementaryConfiguration":{"ContinuousBackupsDescription":{"pointInTimeRecoveryDescription":{"pointInTimeRecoveryStatus":"DISABLED"}}},` + active + `,"deletionProtectionEnabled":true},"tags":{"team":"a"}
1+08:00 config orders "supplementaryConfiguration":{"ContinuousBackupsDescription":{"pointInTimeRecoveryDescription":{"pointInTimeRecoveryStatus":"DISABLED"}}},` + active + `,"deletionProtectionEnabled":true},"tags":{}
1+09:00 UpdateTable orders {"tableName":"orders","deletionProtectionEnabled":false}
1+09:05 config orders ` + active + `,"deletionProtectionEnabled":true}
2+08:00 config orders "configuration":null ResourceDeleted`,

	"answers": `
08:00 UpdateTable orders {"tableName":"orders","billingMode":"PAY_PER_REQUEST"} {"tableDescription":{"tableStatus":"UPDATING","deletionProtectionEnabled":true,"billingModeSummary":{"billingMode":"PROVISIONED"},"sSEDescription":{"status":"ENABLED","kMSMasterKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k"}}}
09:00 UpdateTable orders {"tableName":"orders","replicaUpdates":[{"create":{"regionName":"us-east-1"}}]}
09:10 UpdateTable orders {"tableName":"orders","replicaUpdates":[{"create":{"regionName":"eu-central-1"}}]}
10:00 PutResourcePolicy orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-01-01T00:00:00.000","policy":"{}"}
11:00 config orders ` + active + `,"ssedescription":{"status":"ENABLED","ssetype":"KMS","kmsmasterKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/other"}}`,

	"anew": `
08:00 config orders ` + active + `,"creationDateTime":"2026-03-01T08:00:00Z"},"tags":{"team":"a"}
1+08:00 UpdateTimeToLive orders {"tableName":"orders","timeToLiveSpecification":{"enabled":true,"attributeName":"x"}}
1+09:00 DeleteTable orders {"tableName":"orders"}
1+09:01 config orders ` + active + `,"creationDateTime":"2026-03-01T08:00:00Z"}
1+09:05 config orders ` + active + `,"creationDateTime":"2026-03-03T09:03:00Z","deletionProtectionEnabled":true} ResourceDiscovered
2+08:00 DeleteTable orders {"tableName":"orders"}
3+08:00 config orders ` + active + `,"creationDateTime":"2026-03-05T07:00:00Z"}
3+09:00 UpdateTimeToLive orders {"tableName":"orders","timeToLiveSpecification":{"enabled":true,"attributeName":"x"}}
4+08:00 config orders ` + active + `,"creationDateTime":"2026-03-06T07:00:00Z"}`,

	"restored": `
08:00 RestoreTableToPointInTime copy {"sourceTableName":"orders","targetTableName":"copy","useLatestRestorableTime":true}
09:00 ImportTable loaded {"inputFormat":"CSV","tableCreationParameters":{"tableName":"loaded","billingMode":"PAY_PER_REQUEST"}}`,

	"hostile": `
08:00 TagResource orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","tags":[{"key":"data-class","value":"<script>\u001b[31m\u202e=1+1"},{"key":"owner","value":"=cmd|x"},{"key":7,"value":{}},{"key":"","value":"x"}]}
08:10 UpdateTable orders {"tableName":"orders","billingMode":"\u001b[31m","streamSpecification":7,"replicaUpdates":{"create":{}},"deletionProtectionEnabled":"perhaps"}
08:20 UpdateTimeToLive orders {"tableName":"orders","timeToLiveSpecification":{"enabled":"TRUE","attributeName":"\u202e"}}`,
}

// Each case is told as a person sees it.
func TestHistories(t *testing.T) {
	for name, lines := range cases {
		t.Run(name, func(t *testing.T) {
			c, err := Open(t.Context(), happened(t, lines), nil, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			var all []*Table
			for i := range c.Tables {
				all = append(all, &c.Tables[i])
			}
			var b bytes.Buffer
			if err := RenderHistory(&b, c, all, queries.Table, queries.Look{Zone: time.UTC}); err != nil {
				t.Fatal(err)
			}
			if err := Render(&b, c, queries.Table, queries.Look{}); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(b.String(), "\x1b\u202e") {
				t.Error("text from the log is not made safe")
			}
			golden.Check(t, "tables/"+name, b.String())
		})
	}
}

// What a catalogue says does not hang on the order in which facts are read.
func TestOrderDoesNotMatter(t *testing.T) {
	f := newFacts()
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 400 {
		one := fact{at: int64(random.IntN(60)) * 60_000_000, setting: []string{PITR, Existence, Replicas, TagPrefix + "a", allTags}[random.IntN(5)], bearing: bearing(random.IntN(2))}
		one.source = Source{Kind: FromEvent, EventID: fmt.Sprint(i % 200)}
		switch one.setting {
		case Existence:
			one.value = []string{Created, Deleted, Exists}[random.IntN(3)]
		case Replicas:
			one.value, one.bearing = fmt.Sprint(random.IntN(3)), added+bearing(random.IntN(2))
		case allTags:
			one.detail, one.bearing = []string{"{}", `{"a":"x","b":"y"}`, "no JSON"}[random.IntN(3)], found
		default:
			one.value = []string{On, Off}[random.IntN(2)]
		}
		f.add("arn", one)
	}
	list := *f.tables["arn"]
	want := newHistory(slices.Clone(list))
	for range 20 {
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		got := newHistory(slices.Clone(list))
		if !reflect.DeepEqual(got.intervals, want.intervals) || !reflect.DeepEqual(got.conflicts, want.conflicts) {
			t.Fatalf("got  %+v\nwant %+v", got.intervals, want.intervals)
		}
	}
	last := map[string]int64{}
	for _, i := range want.intervals {
		if i.To != 0 && i.To < i.From || i.From < last[i.Setting] {
			t.Errorf("interval %+v begins before %d", i, last[i.Setting])
		}
		last[i.Setting] = max(i.From, i.To)
	}
}

// A catalogue of a moment knows nothing of what came later.
func TestMoments(t *testing.T) {
	l := happened(t, cases["made-and-changed"])
	at := func(clock string) int64 {
		when, err := time.Parse(time.DateTime, "2026-03-02 "+clock+":00")
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixMicro()
	}
	for clock, want := range map[string]string{
		"08:00": "", "08:05": "off off", "08:15": "on off", "08:25": "on on",
	} {
		c, err := Open(t.Context(), l, nil, 0, at(clock))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if table := c.Of(arnOf + "orders"); table != nil {
			pitr, _ := table.At(PITR, at(clock)-1)
			ttl, _ := table.At(TTL, at(clock)-1)
			got = pitr.Value + " " + ttl.Value
		}
		if got != want {
			t.Errorf("at %s: %q, want %q", clock, got, want)
		}
	}
	c, err := Open(t.Context(), l, nil, at("08:15"), at("09:00"))
	if err != nil {
		t.Fatal(err)
	}
	orders := c.Of(arnOf + "orders")
	if pitr := orders.Of(PITR); len(pitr) != 1 || pitr[0].Value != On {
		t.Errorf("what was over before the time asked about: %+v", pitr)
	}
	for _, span := range []struct {
		from, to  string
		may, sure bool
	}{{"08:00", "08:20", false, false}, {"08:00", "08:21", true, true}, {"07:00", "08:10", true, false}} {
		whole, err := Open(t.Context(), l, nil, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if may, sure := whole.Of(arnOf+"orders").TTLMayDelete(at(span.from), at(span.to)); may != span.may || sure != span.sure {
			t.Errorf("%+v: items may have expired %t, for certain %t", span, may, sure)
		}
	}
}

// The policy's own entries win over tags, and who asks for tags alone gets the same.
func TestTags(t *testing.T) {
	l := happened(t, `
08:00 TagResource orders {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","tags":[{"key":"data-class","value":"PII"},{"key":"owner","value":"bob"},{"key":"protected","value":"yes"}]}
08:10 TagResource users {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/users","tags":[{"key":"data-class","value":"odd"},{"key":"DataClass","value":"internal"}]}
08:20 tagging:TagResources logs {"resourceARNList":["arn:aws:dynamodb:eu-west-1:111122223333:table/logs"],"tags":{"data-class":"pii"}}
1+08:00 UntagResource logs {"resourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/logs","tagKeys":["data-class"]}`)
	p, err := policy.Parse("p.yaml", []byte(`
version: 1
tables:
  - {match: "**:table/orders", owner: alice}
table_tags: {class: [data-class, DataClass], protected: [protected], owner: [owner], values: {pii: restricted}}
`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), l, p, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		class, owner Told
		protected    string
	}
	got := map[string]told{}
	for _, table := range c.Tables {
		got[table.Name] = told{table.Class, table.Owner, table.Protecting}
	}
	want := map[string]told{
		"orders": {Told{"restricted", "tag data-class"}, Told{"alice", "policy"}, "tag protected"},
		"users":  {class: Told{"internal", "tag DataClass"}},
		"logs":   {},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	only, err := tagged(t.Context(), l, 0)
	if err != nil {
		t.Fatal(err)
	}
	tags := only.Tags()
	if !reflect.DeepEqual(tags, c.Tags()) || len(tags) != 2 {
		t.Errorf("tags %v, and of the catalogue %v", tags, c.Tags())
	}
	tagging := p.WithTags(tags)
	if of := tagging.TableOf(arnOf + "orders"); of.Class != "restricted" || of.Owner != "alice" || !of.Protected || p.TableOf(arnOf+"orders").Class != "" {
		t.Errorf("the policy with tags says %+v", of)
	}
	if !tagging.HasClasses() || !tagging.HasProtected() || p.HasClasses() {
		t.Error("whether there are classes")
	}
}

// A call that was denied, or failed, changed nothing.
func TestDenied(t *testing.T) {
	c, err := Open(t.Context(), happened(t, `
08:00 UpdateTimeToLive orders {"tableName":"orders","timeToLiveSpecification":{"enabled":true,"attributeName":"x"}}
08:10 UpdateTimeToLive! orders {"tableName":"orders","timeToLiveSpecification":{"enabled":false,"attributeName":"x"}}
08:20 DeleteTable! orders {"tableName":"orders"}
08:30 TagResource! orders {"resourceArn":"`+arnOf+`orders","tags":[{"key":"data-class","value":"public"}]}`), nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if h := c.Of(arnOf + "orders").History; len(h) != 1 || h[0].Setting != TTL || h[0].Value != On || h[0].To != 0 {
		t.Errorf("history %+v", h)
	}
}

// What fits a window of 80 cells stays, and what does not is named.
func TestNarrow(t *testing.T) {
	c, err := Open(t.Context(), happened(t, cases["made-and-changed"]), nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Render(&b, c, queries.Table, queries.Look{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if len([]rune(strings.TrimSuffix(line, "\n"))) > 80 {
			t.Errorf("too wide: %q", line)
		}
	}
	if !strings.Contains(b.String(), "PITR") || !strings.Contains(b.String(), "want of room: ") || strings.Count(b.String(), "DAYS") != 1 {
		t.Errorf("got\n%s", b.String())
	}
}

// All formats say the same, and none of them runs in a spreadsheet.
func TestFormats(t *testing.T) {
	c, err := Open(t.Context(), happened(t, cases["hostile"]), nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list, lines, sheet bytes.Buffer
	for f, w := range map[queries.Format]*bytes.Buffer{queries.JSON: &list, queries.JSONL: &lines, queries.CSV: &sheet} {
		if err := RenderHistory(w, c, []*Table{&c.Tables[0]}, f, queries.Look{}); err != nil {
			t.Fatal(err)
		}
	}
	var all struct{ Rows []map[string]any }
	if err := json.Unmarshal(list.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(lines.String(), "\n"); n != len(all.Rows) || n != len(c.Tables[0].History) {
		t.Errorf("%d lines, %d rows, %d intervals", n, len(all.Rows), len(c.Tables[0].History))
	}
	if strings.Contains(sheet.String(), ",=cmd") || !strings.Contains(sheet.String(), "'=cmd|x") {
		t.Errorf("a spreadsheet would run this:\n%s", sheet.String())
	}
}

// Facts are bounded, and that some were left is told.
func TestBounded(t *testing.T) {
	f := newFacts()
	long := strings.Repeat("x", maxDetail)
	room := int(maxBytes / (factBytes + len(PITR) + maxDetail))
	for i := range room + 7 {
		f.add("arn", fact{at: int64(i), setting: PITR, detail: long + "cut"})
	}
	if f.left != 7 || len(*f.tables["arn"]) != room {
		t.Errorf("%d left, %d kept of room for %d", f.left, len(*f.tables["arn"]), room)
	}
}

// What AWS Config says every day is kept as first and last, and tells the same; but for
// calls between, which may have been undone by nobody knows whom.
func TestRuns(t *testing.T) {
	one := func(at int64, value string) fact {
		return fact{at: at * lag, setting: PITR, value: value, source: Source{Kind: FromConfig, Object: fmt.Sprint(at)}}
	}
	call := fact{at: 50*lag + 1, setting: PITR, value: Off, bearing: changed, source: Source{Kind: FromEvent, EventID: "e"}}
	whole, few := newFacts(), newFacts()
	for _, f := range []*facts{whole, few} {
		f.add("arn", call)
	}
	for at := range int64(100) {
		value := On
		if at == 70 {
			value = Off
		}
		whole.add("arn", one(at+1, value))
		few.found("arn", one(at+1, value))
	}
	if n := len(*few.tables["arn"]); n != 9 {
		t.Errorf("%d facts are kept", n)
	}
	want, got := newHistory(*whole.tables["arn"]), newHistory(*few.tables["arn"])
	if !reflect.DeepEqual(got.intervals, want.intervals) || !reflect.DeepEqual(got.conflicts, want.conflicts) || len(got.conflicts) != 3 {
		t.Errorf("got  %+v %+v\nwant %+v %+v", got.intervals, got.conflicts, want.intervals, want.conflicts)
	}
}
