package compliance

import (
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// way is a way by which data leaves a table, or comes to be seen by others.
type way uint8

// The ways, the ones that let most out first.
const (
	byPolicy way = iota
	byExport
	byBackupCopy
	byOtherAccount
	byIntegration
	byKinesis
	byConsumer
	byReplica
	byRestore
	byBackup
	byStream
	byScan
	byStatement
	byStreamRead
	byImport
)

// ways say what each is, and whether it is one that is opened, once, or one that is used.
var ways = []struct {
	name   string
	opened bool
}{
	byPolicy:       {"resource policy", true},
	byExport:       {"export to S3", true},
	byBackupCopy:   {"backup copied", true},
	byOtherAccount: {"read from another account", false},
	byIntegration:  {"integration", true},
	byKinesis:      {"Kinesis stream", true},
	byConsumer:     {"function on the stream", true},
	byReplica:      {"replica", true},
	byRestore:      {"restore to a table", true},
	byBackup:       {"backup", true},
	byStream:       {"stream switched on", true},
	byScan:         {"scan", false},
	byStatement:    {"PartiQL without a key", false},
	byStreamRead:   {"stream read", false},
	byImport:       {"import (a way in)", false},
}

// maxExits bounds the ways that are told apart.
const maxExits = 20_000

// exits are the ways out that were opened, used or tried.
type exits struct {
	policy *policy.Policy
	of     map[exitKey]*exit
	sizes  detect.Sizes
	opened int64 // calls that succeeded
	bulk   int64 // Scans and statements without a key that succeeded
	left   int64 // touches of ways that there was no room for
}

// exitKey tells lines apart: who, what and where to.
type exitKey struct {
	way           way
	table, caller int32
	to            string
	outcome       outcome
	verdict       policy.Verdict
}

type exit struct {
	trace
	account  string // that it leads to, if that is known
	detail   string
	stranger string // who is let in
	unsure   string // why that is not known
	days     map[int32]int64
}

func newExits(f *Frame) exits { return exits{policy: f.Policy, of: map[exitKey]*exit{}} }

func (x *exits) touch(s *sighting) {
	if s.Plane == schema.PlaneControl {
		x.sizes.Learn(s.Event)
	}
	if s.Plane == schema.PlaneData {
		x.data(s)
		return
	}
	if s.Mutates || s.Op == schema.OpReadBulk || s.Op == schema.OpCopy || s.Plane == schema.PlaneOther {
		x.call(s)
	}
	if s.opens && s.once(scopeOpened) {
		x.opened++
	}
}

// data are calls on items: those that are not about single ones, and those of others.
func (x *exits) data(s *sighting) {
	switch {
	case s.Op == schema.OpReadStream:
		x.add(s, byStreamRead, "", "", "")
	case s.Op == schema.OpReadBulk && s.EventName == "Scan":
		x.add(s, byScan, "", "", "")
	case s.Op == schema.OpReadBulk:
		x.add(s, byStatement, "", "", "")
	}
	if s.PrincipalAccountID != s.TableAccountID && s.PrincipalAccountID != "" && s.TableAccountID != "" &&
		s.ActorKind != schema.ActorAWS && groupOf(s.Op, s.Mutates) == reading {
		x.add(s, byOtherAccount, s.PrincipalAccountID, s.PrincipalAccountID, "")
	}
}

// call are calls on tables, and those of other services that reach into them.
func (x *exits) call(s *sighting) {
	request := s.Request()
	text := func(path ...string) string { return request.At(path...).Text() }
	switch name := s.EventName; {
	case s.Is("dynamodb", "ExportTableToPointInTime"):
		owner := text("s3BucketOwner")
		if owner == "" {
			owner = s.PrincipalAccountID // the bucket is one of the caller's account
		}
		x.add(s, byExport, prefixed("bucket ", text("s3Bucket")), owner, text("exportFormat"))
	case s.Is("dynamodb", "ImportTable"):
		x.add(s, byImport, prefixed("from bucket ", text("s3BucketSource", "s3Bucket")), text("s3BucketSource", "s3BucketOwner"), "")
	case s.Is("dynamodb", "CreateBackup", "StartAwsBackupJob"):
		x.add(s, byBackup, prefixed("backup ", text("backupName")), s.TableAccountID, "")
	case s.Is("backup", "StartBackupJob"):
		x.add(s, byBackup, prefixed("vault ", text("backupVaultName")), s.TableAccountID, "")
	case s.Is("backup", "StartCopyJob"):
		vault := text("destinationBackupVaultArn")
		x.add(s, byBackupCopy, vault, detect.AccountIn(vault), "")
	case strings.HasPrefix(name, "RestoreTable"), s.Is("backup", "StartRestoreJob"):
		x.restored(s)
	case s.Is("dynamodb", "EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination"):
		stream := text("streamArn")
		x.add(s, byKinesis, stream, detect.AccountIn(stream), "")
	case strings.HasPrefix(name, "CreateEventSourceMapping"):
		if arn, ok := schema.ParseTableARN(text("eventSourceArn")); ok && strings.HasPrefix(arn.Sub, "stream/") {
			function := text("functionName")
			x.add(s, byConsumer, prefixed("function ", function), detect.AccountIn(function), "")
		}
	case name == "CreateIntegration":
		if _, ok := schema.ParseTableARN(text("sourceArn")); ok {
			target := text("targetArn")
			x.add(s, byIntegration, target, detect.AccountIn(target), s.Service())
		}
	case s.Service() == "dynamodb":
		x.settings(s)
	}
}

// restored is a table made of a backup: its items are in two tables from then on.
func (x *exits) restored(s *sighting) {
	target := s.Request().At("targetTableName").Text()
	if target == "" {
		target = s.Request().At("metadata", "targetTableName").Text()
	}
	if target == s.TableName && s.TouchCount > 1 {
		return // the other touch of the call is the table that the items come from
	}
	x.add(s, byRestore, prefixed("table ", target), s.TableAccountID, "")
}

// settings are the ways that a table's settings open.
func (x *exits) settings(s *sighting) {
	if on, _ := s.Request().At("streamSpecification", "streamEnabled").Bool(); on {
		x.add(s, byStream, "", s.TableAccountID, s.Request().At("streamSpecification", "streamViewType").Text())
	}
	for _, region := range s.ReplicaRegions() {
		x.add(s, byReplica, prefixed("Region ", region), s.TableAccountID, "")
	}
	if a, ok := s.Admits(x.policy); ok {
		if e := x.add(s, byPolicy, strings.Join(a.Named, ", "), admittedAccount(a.Named, s.TableAccountID), ""); e != nil {
			e.stranger, e.unsure = a.Stranger, a.Unsure
		}
	}
}

// admittedAccount is the account that a policy lets in, where it is one only, and the
// table's own aside.
func admittedAccount(named []string, own string) string {
	account := own
	for _, principal := range named {
		switch in := detect.AccountIn(principal); {
		case in == own || in == account:
		case in == "" || account != own:
			return ""
		default:
			account = in
		}
	}
	return account
}

func prefixed(what, name string) string {
	if name == "" {
		return ""
	}
	return what + name
}

// add counts a touch of a way; nil when there is no room for another one.
func (x *exits) add(s *sighting, w way, to, account, detail string) *exit {
	switch {
	case !s.OK():
	case ways[w].opened:
		s.opens = true // one call may open several ways
	case (w == byScan || w == byStatement) && s.once(scopeBulk):
		x.bulk++
	}
	key := exitKey{w, s.table, s.caller, to, outcomeOf(s.Outcome), s.Verdict}
	e := x.of[key]
	if e == nil {
		if len(x.of) >= maxExits {
			x.left++
			return nil
		}
		key.to = strings.Clone(to)
		e = &exit{trace: s.access.newTrace(), account: strings.Clone(account), detail: strings.Clone(detail)}
		x.of[key] = e
	}
	calls := e.calls
	e.add(s)
	if w == byScan {
		if e.days == nil {
			e.days = map[int32]int64{}
		}
		e.days[schema.DayOf(s.EventTime)] += e.calls - calls
	}
	return e
}

// busiestDay is the most calls of a day.
func (e *exit) busiestDay() (most int64) {
	for _, calls := range e.days {
		most = max(most, calls)
	}
	return most
}
