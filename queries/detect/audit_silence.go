package detect

import (
	"fmt"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// activityVanished watches no touches: whoever finds that a table has gone silent, by the
// numbers of the days before, has [Vanished] make the finding.
var activityVanished = define(Detection{
	ID: "DDB-AUD-009", Version: 1, Title: "Expected activity vanished", Severity: schema.SeverityHigh, Kind: schema.FindingStatistical,
	Needs: []Need{NeedData, NeedHistory, NeedDigests}, Attack: []string{"T1562.008"}, AttackNext: []string{"T1685.002"},
	Looks: "a table that is used every day and of which the log has next to nothing, which chance does not explain. If CloudTrail's digests of those hours are missing, too, " +
		"part of the log was lost (high); if they are there, the application is silent, which is medium, as it is where nothing is known of digests",
	FalseAlarms: "outages, shutdowns that were planned, holidays that stand in no calendar",
	Advice:      "ask whether the application ran. If it did, data events were switched off or files of the log are gone: look for changes of trails and of the log's bucket",
}, plain{}, func(*Run, *plain) Watcher { return watch(func(*Event) {}) })

// Digests says whether CloudTrail's digests of some hours are there.
type Digests uint8

const (
	DigestsUnknown Digests = iota // validation of log files was not on, or not looked at
	DigestsThere
	DigestsMissing // of at least one of the hours
)

// Silence is activity that was expected and did not come (STA-008).
type Silence struct {
	Day       int32 // as in schema.Partition
	TableARN  string
	Op        string       // operation class; empty: any
	From, To  time.Time    // the hours it was missed in
	Digests   Digests      // of those hours
	Table     policy.Table // what the policy says of the table
	Stat      schema.Stat  // calls expected and observed
	DryRun    bool
	Principal string // whose activity it was; empty: anybody's
}

// Vanished is the finding of DDB-AUD-009 about a silence. Its fingerprint is the same
// for every day of one that goes on.
func Vanished(s *Silence) schema.Finding {
	d := &activityVanished
	day := schema.DayString(s.Day)
	fingerprint := schema.Fingerprint(d.ID, s.TableARN, s.Principal, s.Op)
	stat := s.Stat
	f := schema.Finding{
		ID: schema.FindingID(fingerprint, day), Fingerprint: fingerprint, Day: day,
		Detection: d.ID, Version: d.Version, Kind: d.Kind, Title: d.Title, DryRun: s.DryRun,
		First: s.From, Last: s.To, Count: int64(stat.Observed),
		TableARN: s.TableARN, Principal: s.Principal, Stat: &stat,
		Attack: d.Attack, AttackNext: d.AttackNext,
	}
	if arn, ok := schema.ParseTableARN(s.TableARN); ok {
		f.TableName, f.Region = arn.Table, arn.Region
	}
	what := strings.TrimSpace(s.Op + " calls")
	f.Explain = fmt.Sprintf("%.0f %s on %s where about %.0f were expected", stat.Observed, what, queries.Clean(f.TableName), stat.Expected)
	f.Severity = schema.SeverityMedium
	switch s.Digests {
	case DigestsMissing:
		f.Severity = d.Severity
		f.Explain += "; digests of those hours are missing, too: part of the log was lost"
	case DigestsThere:
		f.Explain += "; the digests of those hours are there: the application was silent"
	case DigestsUnknown:
		f.Explain += "; whether the log was lost or the application silent cannot be told without digests"
	}
	if s.Table.Class == "restricted" || s.Table.Protected {
		f.Severity = f.Severity.Raise(1)
	}
	return f
}
