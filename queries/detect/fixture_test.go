package detect

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// A fixture is testdata/<detection id>.txtar:
//
//	policy.yaml       the policy, if any
//	settings.yaml     the detection's params, if not the defaults
//	before.jsonl      records of the days before, if any
//	fires*.jsonl      records of one day in which it fires, exactly once unless the name ends in "-xN"
//	quiet-*.jsonl     records of one day in which it does not: what looks alike and is not it
//	fires*.json       in place of records, what the lake's ledger and journal have: see
//	quiet-*.json      fixtureLake; for detections that look at those
//
// A quiet case whose name ends in "allowed" or "with-a-rule" is one that a rule of the
// policy silences, and one that begins with "quiet-unknown" is not evaluated. Why the others
// are quiet the golden of TestOverlap says.
//
// A line is a CloudTrail record less all that the base record has, with what stands in it
// put over the base, member by member. Two members are the fixture's own: "at" is
// the time as "15:04:05", the day being 2026-03-20, or with "-3d 15:04:05" three days
// before; "times" repeats the record, each a second later, with "${n}" in any text
// replaced by its number; "days" repeats all of these on so many days before that one.
// Without "at" a record is a second after the one before.
const fixtureDay = "2026-03-20"

const baseRecord = `{"eventVersion":"1.11","eventSource":"dynamodb.amazonaws.com","awsRegion":"eu-central-1",
"sourceIPAddress":"10.20.1.5","userAgent":"aws-sdk-go-v2/1.30 os/linux","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,
"recipientAccountId":"111122223333","eventCategory":"Management",
"userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEORDERSAPI1:i-0abc1234def567890","arn":"arn:aws:sts::111122223333:assumed-role/orders-api/i-0abc1234def567890",
"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE000000001","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEORDERSAPI1",
"arn":"arn:aws:iam::111122223333:role/app/orders-api","accountId":"111122223333","userName":"orders-api"},
"attributes":{"creationDate":"2026-03-20T00:00:00Z","mfaAuthenticated":"false"}}}}`

// Identities by name, for "who" in a record: what people write often.
var fixtureWho = map[string]string{
	"alice": `{"type":"AssumedRole","principalId":"AROAEXAMPLESUPPORT01:alice@example.com","arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_DataSupport_0123456789abcdef/alice@example.com",
"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE000000002","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLESUPPORT01",
"arn":"arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_DataSupport_0123456789abcdef","accountId":"111122223333","userName":"AWSReservedSSO_DataSupport_0123456789abcdef"},
"attributes":{"creationDate":"2026-03-20T00:00:00Z","mfaAuthenticated":"false"}}}`,
	"carol": `{"type":"IAMUser","principalId":"AIDAEXAMPLECAROL0001","arn":"arn:aws:iam::111122223333:user/ops/carol","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE000000005","userName":"carol",
"sessionContext":{"attributes":{"creationDate":"2026-03-20T00:00:00Z","mfaAuthenticated":"true"}}}`,
	"bob":  `{"type":"IAMUser","principalId":"AIDAEXAMPLEBOB000001","arn":"arn:aws:iam::111122223333:user/ops/bob","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE000000003","userName":"bob"}`,
	"root": `{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333","accessKeyId":""}`,
	"terraform": `{"type":"AssumedRole","principalId":"AROAEXAMPLETERRAFORM:tf-4711","arn":"arn:aws:sts::111122223333:assumed-role/terraform-prod/tf-4711",
"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE000000004","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLETERRAFORM",
"arn":"arn:aws:iam::111122223333:role/ci/terraform-prod","accountId":"111122223333","userName":"terraform-prod"},"attributes":{"creationDate":"2026-03-20T00:00:00Z","mfaAuthenticated":"false"}}}`,
	"stranger": `{"type":"AWSAccount","principalId":"AROAEXAMPLESTRANGER1:session","accountId":"999988887777"}`,
	"dynamodb": `{"type":"AWSService","invokedBy":"dynamodb.amazonaws.com"}`,
}

type fixture struct {
	id       string
	policy   *policy.Policy
	settings map[string]Setting
	before   []schema.Touch
	days     map[string][]schema.Touch // by name, without .jsonl
	objects  map[string][]byte         // the same as logs
	lakes    map[string]*fixtureLake   // by name, without .json
}

func readFixture(t *testing.T, path string) *fixture {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{id: strings.TrimSuffix(filepath.Base(path), ".txtar"), settings: map[string]Setting{}, days: map[string][]schema.Touch{}, objects: map[string][]byte{}, lakes: map[string]*fixtureLake{}}
	for _, file := range archive.Files {
		name, ok := strings.CutSuffix(file.Name, ".jsonl")
		switch {
		case file.Name == "policy.yaml":
			if f.policy, err = policy.Parse(file.Name, file.Data); err != nil {
				t.Fatal(err)
			}
		case file.Name == "settings.yaml":
			f.settings[f.id] = fixtureSetting(t, f.id, file.Data)
		case file.Name == "before.jsonl":
			f.before = fixtureTouches(t, file.Data)
		case ok:
			f.days[name], f.objects[name] = fixtureTouches(t, file.Data), fixtureObject(t, file.Data)
		case strings.HasSuffix(file.Name, ".json"):
			f.lakes[strings.TrimSuffix(file.Name, ".json")] = readLake(t, file.Data)
		default:
			t.Fatalf("%s has a %s", path, file.Name)
		}
	}
	return f
}

// cases are the names of its days and lakes.
func (f *fixture) cases() []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(f.days)), maps.Keys(f.lakes))
	slices.Sort(names)
	return names
}

// judge judges one of the fixture's days.
func (f *fixture) judge(t *testing.T, name string) *Judgment {
	t.Helper()
	day, err := schema.ParseDay(fixtureDay)
	check(t, err)
	history := &naive{day, f.before}
	if l := f.lakes[name]; l != nil {
		j, err := Judge(context.Background(), l.make(t), JudgeOptions{
			Day: fixtureDay, Policy: f.policy, Settings: f.settings, History: history, Judged: l.Judged, Now: l.Now,
		})
		check(t, err)
		return j
	}
	j := newJudging(day, f.policy, history, Catalogue, f.settings)
	j.run.clock = timeOf(int64(day+2) * dayMicros)
	for i := range f.days[name] {
		room := f.days[name][i]
		if got := schema.DayOf(room.EventTime); got != day {
			t.Fatalf("%s: a record of %s", name, schema.DayString(got))
		}
		j.touch(&room)
		room = schema.Touch{EventID: "somebody kept an event that was good for the call only"}
	}
	return j.end()
}

// keep is a decode.Sink that keeps everything.
type keep struct {
	t       *testing.T
	touches []schema.Touch
}

func (k *keep) Touch(t *schema.Touch) error {
	k.touches = append(k.touches, *t.Clone())
	return nil
}

func (k *keep) Quarantine(index int32, reason string, raw []byte) error {
	k.t.Errorf("record %d makes no sense: %s\n%s", index, reason, raw)
	return nil
}

func fixtureTouches(t *testing.T, lines []byte) []schema.Touch {
	t.Helper()
	k := &keep{t: t}
	sum, err := decode.New(decode.Limits{}).Decode("AWSLogs/fixture.json.gz", fixtureObject(t, lines), k)
	check(t, err)
	if sum.OutOfScope > 0 {
		t.Fatalf("%d of %d records are out of scope", sum.OutOfScope, sum.Records)
	}
	return k.touches
}

// fixtureObject is a log, inflated.
func fixtureObject(t *testing.T, lines []byte) []byte {
	t.Helper()
	day, err := time.Parse(time.DateOnly, fixtureDay)
	if err != nil {
		t.Fatal(err)
	}
	at := day.Add(10 * time.Hour)
	var records []any
	for line := range strings.Lines(string(lines)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var over map[string]any
		if err := json.Unmarshal([]byte(line), &over); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if s, ok := over["at"].(string); ok {
			at = fixtureTime(t, day, s)
		}
		times := 1
		if n, ok := over["times"].(float64); ok {
			times = int(n)
		}
		days, _ := over["days"].(float64)
		delete(over, "at")
		delete(over, "times")
		delete(over, "days")
		for n := range times {
			for back := range int(days) + 1 {
				records = append(records, fixtureRecord(t, over, at.AddDate(0, 0, -back), n, len(records)))
			}
			at = at.Add(time.Second)
		}
	}
	data, err := json.Marshal(map[string]any{"Records": records})
	check(t, err)
	return data
}

func fixtureTime(t *testing.T, day time.Time, s string) time.Time {
	t.Helper()
	if back, rest, ok := strings.Cut(s, "d "); ok {
		n, err := strconv.Atoi(back)
		if err != nil {
			t.Fatal(err)
		}
		day, s = day.AddDate(0, 0, n), rest
	}
	clock, err := time.Parse("15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return day.Add(clock.Sub(clock.Truncate(24 * time.Hour)))
}

func fixtureRecord(t *testing.T, over map[string]any, at time.Time, n, number int) any {
	t.Helper()
	var record map[string]any
	if err := json.Unmarshal([]byte(baseRecord), &record); err != nil {
		t.Fatal(err)
	}
	over = maps.Clone(over)
	if who, ok := over["who"].(string); ok {
		identity := fixtureWho[who]
		if identity == "" {
			t.Fatalf("nobody is called %q", who)
		}
		delete(over, "who")
		delete(record, "userIdentity")
		record["userIdentity"] = json.RawMessage(identity)
	}
	if _, own := over["userIdentity"]; own {
		delete(record, "userIdentity") // one person is not put over another
	}
	if operation := schema.Classify(fmt.Sprint(over["eventName"])); operation.Data && over["eventSource"] == nil {
		record["managementEvent"], record["eventCategory"] = false, "Data"
	}
	record["eventTime"] = at.UTC().Format(time.RFC3339)
	record["eventID"] = fmt.Sprintf("%08x-0000-4000-8000-%012x", at.Unix(), number)
	put(record, over)
	text, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(strings.ReplaceAll(string(text), "${n}", strconv.Itoa(n)))
}

// put puts the members of over in place of record's, those of objects one by one.
func put(record, over map[string]any) {
	for name, v := range over {
		have, ok := record[name].(map[string]any)
		more, both := v.(map[string]any)
		if ok && both {
			put(have, more)
			continue
		}
		record[name] = v
	}
}

func fixtureSetting(t *testing.T, id string, data []byte) Setting {
	t.Helper()
	s, err := ParseSettings("settings.yaml", slices.Concat([]byte(id+":\n"), indent(data)))
	if err != nil {
		t.Fatal(err)
	}
	return s[id]
}

func indent(data []byte) (all []byte) {
	for line := range strings.Lines(string(data)) {
		all = append(all, "  "+line...)
	}
	return all
}

// checkReason holds why a case is quiet against its name.
func (f *fixture) checkReason(t *testing.T, name string, d *Detection, j *Judgment) {
	t.Helper()
	allowed := strings.HasSuffix(name, "allowed") || strings.HasSuffix(name, "with-a-rule")
	if allowed && d.Kind == schema.FindingEvent && j.Silenced[f.id] == 0 {
		t.Errorf("%s: no rule silenced it", name)
	}
	state := j.States[slices.IndexFunc(j.States, func(s State) bool { return s.Detection == f.id })]
	if strings.HasPrefix(name, "quiet-unknown") && len(j.Skipped[f.id]) == 0 && state.State != NotEvaluated {
		t.Errorf("%s: it was evaluated", name)
	}
}

// Every detection fires on what it is for and on nothing that looks alike.
func TestDetections(t *testing.T) {
	for i := range Catalogue {
		d := &Catalogue[i]
		if d.Kind == schema.FindingStatistical {
			continue // made from numbers: no record has it
		}
		t.Run(d.ID, func(t *testing.T) {
			path := filepath.Join("testdata", d.ID+".txtar")
			if _, err := os.Stat(path); err != nil {
				t.Fatal(err)
			}
			f := readFixture(t, path)
			fires, quiet := 0, 0
			for _, name := range f.cases() {
				want := 0
				if strings.HasPrefix(name, "fires") {
					fires++
					want = 1
					if _, n, ok := strings.Cut(name, "-x"); ok {
						want, _ = strconv.Atoi(n)
					}
				} else {
					quiet++
				}
				j := f.judge(t, name)
				if strings.HasPrefix(name, "quiet") {
					f.checkReason(t, name, d, j)
				}
				var got []schema.Finding
				for _, finding := range j.Findings {
					if finding.Detection == d.ID {
						got = append(got, finding)
					}
				}
				if len(got) != want {
					t.Errorf("%s: %d findings, want %d (not evaluated: %v, silenced: %d)", name, len(got), want, j.Skipped[d.ID], j.Silenced[d.ID])
				}
				for _, finding := range got {
					t.Logf("%s: %s %s: %s", name, finding.Severity, finding.Title, finding.Explain)
				}
			}
			if fires < 1 || quiet < 2 {
				t.Errorf("%d positive and %d negative cases, want 1 and 2 at least", fires, quiet)
			}
		})
	}
}
