package detect

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Destruction: tables, backups and protection that go away (DST).
var destruction = []Detection{
	tableDeleted, deletionBlocked, protectionOff, recoveryOff, backupRemoved, inhibitedThenDeleted,
	expirySwitchedOn, massDelete, massOverwrite, tableKeyDisabled, foreignImport, indexRemoved, throughputCut,
}

var tableDeleted = graded(Detection{
	ID: "DDB-DST-001", Version: 1, Title: "Table deleted", Severity: schema.SeverityHigh, Always: true, KeepsLevel: true,
	Needs: []Need{NeedControl}, Attack: []string{"T1485"},
	Looks:       "a table that was deleted: critical when the policy says it is protected, and then no rule silences it",
	FalseAlarms: "a table that is taken out of service on purpose, with a ticket",
	Advice:      "if nobody ordered it, restore the table now: to a point in time for 35 days if recovery was on, otherwise from the last backup; keep the principal from deleting more",
}, plain{}, func(r *Run, _ *plain, e *Event) (string, schema.Severity) {
	switch {
	case !deletesTable(e):
		return "", 0
	case e.Table.Protected:
		return "the protected table " + e.table() + " was deleted", schema.SeverityCritical
	case e.Allowed():
		r.expected()
		return "", 0
	}
	return "the table " + e.table() + " was deleted", 0
})

// deletesTable reports whether a call deleted a table: what was set of it is over, though a
// table of that name may be made anew.
func deletesTable(e *Event) bool { return e.Is("dynamodb", "DeleteTable") && e.OK() }

var deletionBlocked = event(Detection{
	ID: "DDB-DST-002", Version: 1, Title: "Deletion of a table was stopped", Severity: schema.SeverityHigh, KeepsLevel: true,
	Needs: []Need{NeedControl}, Attack: []string{"T1485"},
	Looks:       "a DeleteTable that was denied, or that failed since the table is protected against deletion",
	FalseAlarms: "infrastructure code that was destroyed in the wrong workspace",
	Advice:      "ask the principal at once: who wants a table gone and cannot may try something else next, look for DDB-DST-003 to 010",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "DeleteTable") || e.OK() {
		return ""
	}
	message := strings.ToLower(e.ErrorMessage)
	switch {
	case strings.Contains(message, "deletion protection"), strings.Contains(message, "protected against deletion"):
		return "deletion protection kept " + e.table() + " from being deleted"
	case e.Denied():
		return fmt.Sprintf("deleting %s was denied (%s)", e.table(), shown(e.ErrorCode))
	}
	return ""
})

var protectionOff = event(Detection{
	ID: "DDB-DST-003", Version: 1, Title: "Deletion protection switched off", Severity: schema.SeverityHigh,
	Needs: []Need{NeedControl}, Attack: []string{"T1490"},
	Looks:       "an UpdateTable that switches deletion protection off",
	FalseAlarms: "a table that is taken out of service on purpose",
	Advice:      "ask who did it for the ticket; switch the protection on again and look for deletions since",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("dynamodb", "UpdateTable") || !e.OK() {
		return ""
	}
	if _, ok := r.request(e); !ok || !unprotects(e) {
		return ""
	}
	return "deletion protection of " + e.table() + " was switched off"
})

// unprotects reports whether a call switches deletion protection off.
func unprotects(e *Event) bool {
	if !e.Is("dynamodb", "UpdateTable") || !e.OK() {
		return false
	}
	on, known := e.Request().At("deletionProtectionEnabled").Bool()
	return known && !on
}
