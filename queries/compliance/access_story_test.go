package compliance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// Callers of stories.
var (
	ann = schema.Touch{Actor: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Support_0123456789abcdef", ActorName: "ann@example.com",
		SessionName: "ann@example.com", PrincipalARN: "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Support_0123456789abcdef/ann@example.com",
		IssuerARN: "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Support_0123456789abcdef",
		ActorKind: schema.ActorHuman, PrincipalType: "AssumedRole", MFA: schema.False, UserAgent: "Mozilla/5.0 Firefox/147.0", SourceIP: "203.0.113.7", Console: schema.True}
	bob    = schema.Touch{Actor: "arn:aws:iam::111122223333:user/bob", ActorName: "bob", ActorKind: schema.ActorHuman, PrincipalType: "IAMUser", AccessKeyID: "AKIAEXAMPLE", UserAgent: "aws-cli/2.15", SourceIP: "203.0.113.8"}
	fire   = schema.Touch{Actor: "arn:aws:iam::111122223333:role/break-glass/fire", ActorName: "cleo@example.com", ActorKind: schema.ActorHuman, PrincipalType: "AssumedRole", SourceIdentity: "cleo@example.com", SourceIP: "203.0.113.9"}
	root   = schema.Touch{Actor: "arn:aws:iam::111122223333:root", ActorName: "root of 111122223333", ActorKind: schema.ActorRoot, PrincipalType: "Root", MFA: schema.True, SourceIP: "203.0.113.10"}
	deploy = schema.Touch{Actor: "arn:aws:iam::111122223333:role/deploy", ActorName: "deploy", ActorKind: schema.ActorService, PrincipalType: "AssumedRole", SessionName: "GitHubActions", UserAgent: "APN/1.0 Terraform/1.9", SourceIP: "192.0.2.7"}
	alien  = schema.Touch{Actor: "666677778888:AROAALIEN", ActorName: "666677778888", ActorKind: schema.ActorExternal, PrincipalType: "AWSAccount", PrincipalAccountID: "666677778888", SourceIP: "198.51.100.9"}
)

const ownAccount = "111122223333"

// story is what happens in a test, a minute after the other.
type story struct{ rows []schema.Touch }

// does adds a successful call.
func (s *story) does(who schema.Touch, event, table string, more ...func(*schema.Touch)) {
	touch, op := who, schema.Classify(event)
	touch.EventTime = time.Date(2026, 3, 3, 10, len(s.rows), 0, 0, time.UTC).UnixMicro()
	touch.EventID = fmt.Sprintf("event-%02d", len(s.rows))
	touch.EventSource = "dynamodb.amazonaws.com"
	touch.EventName, touch.Op, touch.Mutates, touch.Outcome, touch.TouchCount = event, op.Op, op.Mutates, schema.OutcomeOK, 1
	if touch.Plane = schema.PlaneControl; op.Data {
		touch.Plane = schema.PlaneData
	}
	touch.AWSRegion, touch.RecipientAccountID, touch.TableAccountID = "eu-west-1", ownAccount, ownAccount
	if touch.PrincipalAccountID == "" {
		touch.PrincipalAccountID = ownAccount
	}
	touch.TableName, touch.TableARN = table, "arn:aws:dynamodb:eu-west-1:"+ownAccount+":table/"+table
	for _, change := range more {
		change(&touch)
	}
	s.rows = append(s.rows, touch)
}

func refused(t *schema.Touch) {
	t.Outcome, t.ErrorCode = schema.OutcomeDenied, "AccessDeniedException"
}

func asking(request string) func(*schema.Touch) {
	return func(t *schema.Touch) { t.RequestParameters = request }
}

func answering(response string) func(*schema.Touch) {
	return func(t *schema.Touch) { t.ResponseElements = response }
}

func of(source, plane string) func(*schema.Touch) {
	return func(t *schema.Touch) { t.EventSource, t.Plane = source, plane }
}

func (s *story) lake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	laketest.Put(t, l, s.rows)
	return l
}

var storyDay = Question{From: "2026-03-03", To: "2026-03-03"}

func (s *story) sections(t testing.TB) sections {
	t.Helper()
	q := storyDay
	q.Policy = parsedPolicy(t)
	_, made := accessOf(t, s.lake(t), q)
	documentOf(t, made)
	return made
}

// rows are a table's, as name=value of some columns.
func rows(t testing.TB, made sections, section, table string, columns ...string) (all []string) {
	t.Helper()
	list := made[section].Table(table)
	if list == nil {
		t.Fatalf("no table %s", table)
	}
	for _, row := range list.Rows {
		var parts []string
		for _, c := range columns {
			parts = append(parts, row[at(t, list, c)].String())
		}
		all = append(all, strings.Join(parts, " | "))
	}
	return all
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func accessTile(t testing.TB, made sections, section, id string) report.Value {
	t.Helper()
	for _, tile := range made[section].Tiles {
		if tile.ID == id {
			return tile.Value
		}
	}
	t.Fatalf("no tile %s", id)
	return report.Value{}
}

// Every way out that the log can show is found, with where it leads and whose that is.
func TestWaysOut(t *testing.T) {
	s := &story{}
	s.does(deploy, "ExportTableToPointInTime", "customers", asking(`{"s3Bucket":"loot","s3BucketOwner":"666677778888","exportFormat":"ION"}`))
	s.does(deploy, "ExportTableToPointInTime", "customers", asking(`{"s3Bucket":"own"}`), refused)
	s.does(deploy, "CreateBackup", "customers", asking(`{"backupName":"before"}`))
	s.does(deploy, "StartCopyJob", "customers", of("backup.amazonaws.com", schema.PlaneControl), asking(`{"destinationBackupVaultArn":"arn:aws:backup:eu-west-1:999988887777:backup-vault:v"}`),
		func(t *schema.Touch) { t.Op = schema.OpCopy })
	s.does(deploy, "RestoreTableToPointInTime", "customers", asking(`{"targetTableName":"customers-copy"}`), func(t *schema.Touch) { t.TouchCount = 2 })
	s.does(deploy, "RestoreTableToPointInTime", "customers-copy", asking(`{"targetTableName":"customers-copy"}`), func(t *schema.Touch) { t.TouchCount, t.TouchIndex, t.EventID = 2, 1, "event-04" })
	s.does(deploy, "UpdateTable", "customers", asking(`{"streamSpecification":{"streamEnabled":true,"streamViewType":"NEW_IMAGE"},"replicaUpdates":[{"create":{"regionName":"us-east-1"}}]}`))
	s.does(deploy, "EnableKinesisStreamingDestination", "customers", asking(`{"streamArn":"arn:aws:kinesis:eu-west-1:444455556666:stream/s"}`))
	s.does(deploy, "CreateEventSourceMapping20150331", "customers", of("lambda.amazonaws.com", schema.PlaneOther),
		asking(`{"eventSourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/customers/stream/2026","functionName":"leak"}`))
	s.does(deploy, "CreateIntegration", "customers", of("glue.amazonaws.com", schema.PlaneOther), asking(`{"sourceArn":"arn:aws:dynamodb:eu-west-1:111122223333:table/customers","targetArn":"arn:aws:glue:eu-west-1:111122223333:catalog"}`))
	s.does(deploy, "PutResourcePolicy", "customers", asking(`{"policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"dynamodb:*\"}}"}`))
	s.does(alien, "GetItem", "customers")
	s.does(bob, "Scan", "customers")
	s.does(bob, "Scan", "customers")
	s.does(bob, "DescribeTable", "customers", answering(`{"table":{"tableSizeBytes":1500000}}`))
	s.does(bob, "ExecuteStatement", "customers", func(t *schema.Touch) { t.Op, t.Mutates = schema.OpReadBulk, false })
	s.does(deploy, "GetRecords", "customers")
	made := s.sections(t)
	same(t, rows(t, made, WaysOut, "ways_out", "way", "to", "belongs", "outcome", "name"),
		"resource policy | * | a stranger's | succeeded | deploy",
		"export to S3 | bucket loot | a stranger's | succeeded | deploy",
		"read from another account | 666677778888 | a stranger's | succeeded | 666677778888",
		"backup copied | arn:aws:backup:eu-west-1:999988887777:backup-vault:v | a partner's | succeeded | deploy",
		"integration | arn:aws:glue:eu-west-1:111122223333:catalog | the table's account | succeeded | deploy",
		"Kinesis stream | arn:aws:kinesis:eu-west-1:444455556666:stream/s | ours | succeeded | deploy",
		"function on the stream | function leak |  | succeeded | deploy",
		"replica | Region us-east-1 | the table's account | succeeded | deploy",
		"restore to a table | table customers-copy | the table's account | succeeded | deploy",
		"backup | backup before | the table's account | succeeded | deploy",
		"stream switched on |  | the table's account | succeeded | deploy",
		"scan |  |  | succeeded | bob",
		"PartiQL without a key |  |  | succeeded | bob",
		"stream read |  |  | succeeded | deploy",
		"export to S3 | bucket own | the table's account | denied | deploy")
	scan := rows(t, made, WaysOut, "ways_out", "way", "detail", "calls")[11]
	if scan != "scan | 2 calls on the busiest day: enough for the whole table, which takes 2 | 2" {
		t.Error(scan)
	}
	// One call opened two ways; the denied one opened none, nor did reads.
	if n := accessTile(t, made, WaysOut, "ways_out").Int(); n != 9 {
		t.Errorf("%d calls opened ways", n)
	}
	if n := accessTile(t, made, WaysOut, "bulk_reads").Int(); n != 3 {
		t.Errorf("%d reads in bulk", n)
	}
	if made[WaysOut].Level != report.Alarm {
		t.Error(made[WaysOut].Level)
	}
}

// What was denied and then done for the first time is told from what works as a rule.
func TestDeniedThenDone(t *testing.T) {
	s := &story{}
	s.does(bob, "GetItem", "orders", refused)
	s.does(bob, "GetItem", "orders")
	s.does(ann, "GetItem", "orders")
	s.does(ann, "GetItem", "orders", refused)
	s.does(ann, "GetItem", "orders")
	s.does(deploy, "UpdateTable", "orders", refused)
	for i := range int32(3) { // one call
		s.does(deploy, "BatchWriteItem", "orders", refused, func(t *schema.Touch) { t.EventID, t.TouchIndex, t.TouchCount = "batch", i, 3 })
	}
	made := s.sections(t)
	same(t, rows(t, made, DeniedAccess, "denied_access", "name", "event_name", "calls", "touches", "succeeded_later", "got_through"),
		"bob | GetItem | 1 | 1 | yes | yes",
		"ann@example.com | GetItem | 1 | 1 | yes | no",
		"deploy | BatchWriteItem | 1 | 3 | no | no",
		"deploy | UpdateTable | 1 | 1 | no | no")
	if n := accessTile(t, made, DeniedAccess, "denied_calls").Int(); n != 4 {
		t.Errorf("%d calls were denied", n)
	}
}

// Privileges are told apart, and a person's many changes of an hour are one line.
func TestPrivilegedAndManual(t *testing.T) {
	s := &story{}
	for i := range 5 {
		s.does(ann, "PutItem", "orders", func(t *schema.Touch) { t.ItemKey = fmt.Sprintf(`{"pk":"%d"}`, i%2) })
	}
	s.does(ann, "PutItem", "orders", func(t *schema.Touch) { t.EventTime += int64(time.Hour / time.Microsecond) })
	s.does(bob, "DeleteItem", "payments")
	s.does(fire, "GetItem", "payments")
	s.does(root, "UpdateTable", "orders")
	s.does(deploy, "UpdateTable", "orders")
	made := s.sections(t)
	same(t, rows(t, made, Privileged, "privileged_use", "privilege", "name", "calls", "changes"),
		"root | root of 111122223333 | 1 | 1", "break-glass role | cleo@example.com | 1 | 0", "without MFA | bob | 1 | 1", "long-term key | bob | 1 | 1", "console | ann@example.com | 6 | 6")
	same(t, rows(t, made, Privileged, "manual_changes", "name", "event_name", "calls", "items", "verdict", "ticket", "person"),
		"bob | DeleteItem | 1 |  | forbidden |  | bob",
		"root of 111122223333 | UpdateTable | 1 |  | no rule |  | root/111122223333",
		"ann@example.com | PutItem | 5 | 2 | allowed | CHG-1310 | ann@example.com",
		"ann@example.com | PutItem | 1 |  | allowed | CHG-1310 | ann@example.com",
	)
}

// Nothing in a lake is told as nothing known, not as all being well.
func TestAccessOfNothing(t *testing.T) {
	made := (&story{}).sections(t)
	for _, id := range accessSections {
		s := made[id]
		if s.Level == report.OK || s.Lead == "" {
			t.Errorf("%s: %q is of level %q", id, s.Lead, s.Level)
		}
		for _, table := range s.Tables {
			if len(table.Rows) > 0 || table.Empty == "" {
				t.Errorf("%s has %d rows, and says %q when empty", table.ID, len(table.Rows), table.Empty)
			}
		}
	}
}

// Texts from the log go through as they are: what shows them makes them safe.
func TestAccessOfHostileTexts(t *testing.T) {
	s := &story{}
	evil := bob
	evil.ActorName = "=cmd|' /C calc'!A0\x1b[2J\u202e<script>alert(1)</script>"
	evil.Actor, evil.UserAgent, evil.SourceIP = strings.Repeat("<b>", 1500), "\x1b]0;x\x07/1", "<img src=x>"
	s.does(evil, "PutItem", "orders")
	s.does(evil, "<script>", "customers", refused, func(t *schema.Touch) { t.ErrorCode, t.EventID = "'\"><svg/onload=1>", "$(reboot)" })
	s.does(evil, "ExportTableToPointInTime", "customers", asking(`{"s3Bucket":"\u001b[2J<script>","s3BucketOwner":"=1+1"}`))
	made := s.sections(t)
	for _, id := range accessSections {
		shown := sectionText(t, made[id])
		if strings.ContainsAny(strings.ReplaceAll(shown, "\n", ""), "\x1b\x07\u202e") {
			t.Errorf("%s moves the cursor", id)
		}
	}
	golden.Check(t, "compliance/hostile", sectionText(t, made[WaysOut])+sectionText(t, made[DeniedAccess]))
}

// More principals than are told apart are summed up, and totals stay exact.
func TestAccessOfVeryMany(t *testing.T) {
	f, err := open(t.Context(), (&story{}).lake(t), storyDay)
	if err != nil {
		t.Fatal(err)
	}
	a, s := newAccess(f), &story{}
	s.does(bob, "PutItem", "orders")
	row := s.rows[0]
	const all = maxCallers + 500
	for i := range all {
		row.Actor, row.ActorName, row.EventID = fmt.Sprintf("arn:aws:iam::1:user/u%d", i), fmt.Sprint("u", i), fmt.Sprint(i)
		row.TableName = fmt.Sprint("t", i)
		row.TableARN = ""
		e := f.event(&row)
		a.touch(&e)
	}
	made := sections{}
	if err := a.write(t.Context(), f, made); err != nil {
		t.Fatal(err)
	}
	documentOf(t, made)
	var writes int64
	matrix := made[ByTable].Table("access_matrix")
	for _, line := range matrix.Rows {
		writes += line[at(t, matrix, "writes")].Int()
	}
	if writes != all || len(made[ByTable].Notes) == 0 {
		t.Errorf("%d of %d writes, notes %v", writes, all, made[ByTable].Notes)
	}
	if n, lines := accessTile(t, made, Privileged, "manual_changes").Int(), len(made[Privileged].Table("manual_changes").Rows); n != all || lines != maxBursts {
		t.Errorf("%d changes, %d lines", n, lines)
	}
}
