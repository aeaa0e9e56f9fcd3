package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Changes: what nobody expected, and what people did by hand (CHG).
var changes = []Detection{
	changeUnlisted, manualWrite, manualRead, breakGlassUsed, exceptionExpired, pipelineAstray, consoleEdit, changeWithoutTicket,
}

var changeUnlisted = event(Detection{
	ID: "DDB-CHG-001", Version: 1, Title: "Table changed by an identity that is not on the list", Severity: schema.SeverityHigh,
	Needs: []Need{NeedControl, NeedPolicy}, Attack: []string{"T1078.004"},
	Looks: "a change of a table's settings, protection, sharing, backups or tags, or of its key, backup plan or configuration rules, " +
		"that no rule of the policy allows. AWS services that act on their own are left out",
	FalseAlarms: "a policy that is not complete yet: run it as dry_run for two weeks, and let \"keytrail unexpected --learn\" propose what is missing",
	Advice:      "ask the team that owns the table; if it was theirs, add a rule with a reason and an end, else undo the change and look at what else the principal did",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if !isUnlistedChange(e) {
		return ""
	}
	if e.Verdict.Effect == policy.Denied {
		return fmt.Sprintf("%s of %s, which rule %s forbids", e.EventName, tableLabel(e), e.Verdict.RuleID())
	}
	return fmt.Sprintf("%s of %s; no rule of the policy expects it", e.EventName, tableLabel(e))
})

// changing are the classes of calls that change a table as a whole.
var changing = []string{schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag}

// isUnlistedChange is what DDB-CHG-001 looks for.
func isUnlistedChange(e *Event) bool {
	if !e.OK() || e.ActorKind == schema.ActorAWS || e.Verdict.Effect != policy.None && e.Verdict.Effect != policy.Denied {
		return false
	}
	switch e.Service() {
	case "dynamodb", "dax":
		return e.Mutates && slices.Contains(changing, e.Op)
	case "kms", "backup", "config":
		return e.Mutates && e.TableARN != ""
	}
	return false
}

var manualWrite = event(Detection{
	ID: "DDB-CHG-002", Version: 1, Title: "Data written by hand", Severity: schema.SeverityMedium,
	Needs: []Need{NeedData}, Attack: []string{"T1565.001"},
	Looks:       "items written or deleted by a person, by root, or from the console, that no rule of the policy allows",
	FalseAlarms: "tools of support that people use under their own names: give them a rule with the tables, and a ticket",
	Advice:      "ask for the ticket; compare the items with a restore to a minute before, or with what the application holds",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if !isManualWrite(e) {
		return ""
	}
	return fmt.Sprintf("%s wrote to %s by hand%s", whoDid(e), tableLabel(e), viaConsole(e))
})

// isManualWrite is what DDB-CHG-002 looks for.
func isManualWrite(e *Event) bool {
	return (e.Op == schema.OpWriteItem || e.Op == schema.OpDeleteItem) && e.OK() && byHand(e)
}

// byHand reports whether a person did it: the identity says so, or else the console does.
func byHand(e *Event) bool {
	return e.ActorKind == schema.ActorHuman || e.ActorKind == schema.ActorRoot || e.Console == schema.True
}

var manualRead = event(Detection{
	ID: "DDB-CHG-003", Version: 1, Title: "Sensitive data read by hand", Severity: schema.SeverityMedium,
	Needs: []Need{NeedData, NeedClasses}, Attack: []string{"T1213.006"},
	Looks:       "items of a table of class confidential or restricted read by a person or root, that no rule of the policy allows",
	FalseAlarms: "analysts and support: list them in the policy, with the reason and the tables",
	Advice:      "ask what it was for; \"keytrail who\" shows the items",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if !isRead(e.Op) || !e.OK() || e.ActorKind != schema.ActorHuman && e.ActorKind != schema.ActorRoot || !e.Table.AtLeast("confidential") {
		return ""
	}
	return fmt.Sprintf("%s read from %s, a table of class %s", whoDid(e), tableLabel(e), e.Table.Class)
})

func isRead(op string) bool {
	switch op {
	case schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream:
		return true
	}
	return false
}

var exceptionExpired = event(Detection{
	ID: "DDB-CHG-005", Version: 1, Title: "Expired exception used", Severity: schema.SeverityMedium,
	Needs:       []Need{NeedPolicy},
	Looks:       "a call that a rule of the policy allowed until it ended, within the days of grace",
	FalseAlarms: "an owner who forgot to renew the rule",
	Advice:      "ask the rule's owner: renew it with a new end, or take the access away",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if e.Verdict.Effect != policy.Expired {
		return ""
	}
	return fmt.Sprintf("%s did what rule %s allowed until %s", whoDid(e), e.Verdict.RuleID(), e.Verdict.Rule.Expires)
})

var pipelineAstray = define(Detection{
	ID: "DDB-CHG-006", Version: 1, Title: "Pipeline's identity used outside of the pipeline", Severity: schema.SeverityCritical,
	// A rule that allows what the role does says nothing of a role in wrong hands.
	Always: true, Kind: schema.FindingEvent,
	Needs: []Need{NeedPipelines}, Attack: []string{"T1078.004", "T1550.001"},
	Looks: "a call by a role that the policy has as a pipeline's, from another network, in a session with another name, or by " +
		"another program than the pipeline uses. A rule that allows the role does not silence it",
	FalseAlarms: "runners that moved to other addresses: change the pipeline's entry first",
	Advice:      "take it as stolen credentials until the pipeline's log shows the same call: revoke the role's sessions, look where they were given",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return watch(func(e *Event) {
		// What a service does for the role comes from that service; the call that had it do so
		// is in the log itself.
		line := r.Policy.PipelineOf(e.Touch)
		if line == nil || strings.HasSuffix(e.InvokedBy, ".amazonaws.com") {
			return
		}
		if why := line.InBounds(e.Touch); why != "" {
			r.Found(Hit{Event: e, About: []string{"pipeline"}, Explain: fmt.Sprintf("%s of %s by the pipeline's role %s", e.EventName, tableLabel(e), why)})
		}
	})
})

// whoDid is what a person would call the one who called.
func whoDid(e *Event) string {
	switch {
	case e.ActorName != "":
		return e.ActorName
	case e.Principal != "":
		return e.Principal
	}
	return "somebody unknown"
}

// tableLabel is the table's name, or what to say where the call has none.
func tableLabel(e *Event) string {
	if e.TableName == "" || e.TableName == schema.NoTable {
		return "no table"
	}
	return e.TableName
}

func viaConsole(e *Event) string {
	if e.Console == schema.True {
		return " in the console"
	}
	return ""
}
