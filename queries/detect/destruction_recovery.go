package detect

import (
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

// fullWindow is for how many days DynamoDB can restore where nothing else is asked for.
const fullWindow = 35

var recoveryOff = inOrder(Detection{
	ID: "DDB-DST-004", Version: 1, Title: "Point-in-time recovery off or shortened", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl}, Attack: []string{"T1490"},
	Looks:       "an UpdateContinuousBackups that switches recovery off, or leaves fewer days of it than the last call before did. Where no call before is known, a window of less than 35 days is not evaluated",
	FalseAlarms: "cost-cutting on tables of development",
	Advice:      "switch it on again at once: what could be restored is lost, and only from now on does it grow anew; take a backup, and look for deletions since",
}, plain{}, func(e *Event) bool { return setsRecovery(e) || deletesTable(e) }, func(r *Run, _ *plain) func(*Event, bool) {
	last := recoveryWindows{}
	return func(e *Event, today bool) {
		if deletesTable(e) {
			delete(last, e.TableARN)
			return
		}
		less, unknown := last.set(e)
		switch {
		case !today:
		case unknown != "":
			r.NotEvaluated(unknown)
		case less != "":
			r.Found(Hit{Event: e, Explain: less})
		}
	}
})

// recoveryWindows are for how many days back tables can be restored, by ARN: 0 when
// recovery is off.
type recoveryWindows map[string]float64

// set takes a call that sets a table's window and says what it took away: less is empty
// when it did not; unknown says why that cannot be told.
func (w recoveryWindows) set(e *Event) (less, unknown string) {
	days, known := recoveryDays(e)
	if !known {
		return "", "the record does not say how recovery was set"
	}
	had, before := w[e.TableARN]
	w[e.TableARN] = days
	switch {
	case days == 0:
		return fmt.Sprintf("%s cannot be restored to a point in time any more", e.table()), ""
	case before && days < had:
		return fmt.Sprintf("%s can be restored for %.0f days back; before, it was %.0f", e.table(), days, had), ""
	case !before && days < fullWindow:
		return "", "how long the recovery window was before is not known"
	}
	return "", ""
}

func setsRecovery(e *Event) bool { return e.Is("dynamodb", "UpdateContinuousBackups") && e.OK() }

// recoveryDays are how many days back a table can be restored after a call: 0 when
// recovery is off; known is false when the record does not say.
func recoveryDays(e *Event) (days float64, known bool) {
	asked := e.Request().At("pointInTimeRecoverySpecification")
	on, known := asked.At("pointInTimeRecoveryEnabled").Bool()
	if !known || !on {
		return 0, known
	}
	if days, known = asked.At("recoveryPeriodInDays").Number(); known {
		return days, true
	}
	if days, known = e.Response().At("continuousBackupsDescription", "pointInTimeRecoveryDescription", "recoveryPeriodInDays").Number(); known {
		return days, true
	}
	return fullWindow, true
}

var backupRemoved = event(Detection{
	ID: "DDB-DST-005", Version: 1, Title: "Backup or its vault removed", Severity: schema.SeverityHigh, KeepsLevel: true,
	Needs: []Need{NeedControl, NeedBackup}, Attack: []string{"T1490"},
	Looks:       "a backup of a table deleted, in DynamoDB or in AWS Backup, a backup vault deleted or its lock taken off. AWS's own clean-up of backups whose time is over does not count",
	FalseAlarms: "somebody who tidies up by hand",
	Advice:      "see which backups of the table are left and take one now; a vault's lock keeps the next ones",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	switch what := removesBackup(e); {
	case what == "":
		return ""
	case !e.OK():
		return what + " was to be removed, which failed"
	default:
		return what + " was removed"
	}
})

// removesBackup names what a call removes that a table could be restored from; empty when
// it does not.
func removesBackup(e *Event) string {
	vault := func() string { return "the backup vault " + shown(e.Request().At("backupVaultName").Text()) }
	switch {
	case e.ActorKind == schema.ActorAWS:
		return ""
	case e.Is("dynamodb", "DeleteBackup") && e.OK():
		return "a backup of " + e.table()
	case e.Is("backup", "DeleteRecoveryPoint") && e.TableARN != "":
		return "a recovery point of " + e.table()
	case e.Is("backup", "DeleteBackupVault"):
		return vault()
	case e.Is("backup", "DeleteBackupVaultLockConfiguration"):
		return "the lock of " + vault()
	}
	return ""
}
