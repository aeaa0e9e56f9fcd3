package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var rootUsed = graded(Detection{
	ID: "DDB-IAM-001", Version: 1, Title: "Root used on a table", Severity: schema.SeverityCritical,
	Always: true, Needs: []Need{NeedControl}, Attack: []string{"T1078.004"},
	Looks: "any call of DynamoDB or DAX by an account's root itself; high for calls of KMS, AWS Backup and AWS Config on what belongs to tables. " +
		"Calls that a service makes for root are not meant",
	FalseAlarms: "recovery of an account whose other identities are locked out",
	Advice:      "ask the holders of root's credentials at once; if none of them did it, the account is taken over: change the password, remove root's access keys, end its sessions",
}, plain{}, func(_ *Run, _ *plain, e *Event) (string, schema.Severity) {
	if e.PrincipalType != "Root" || e.InvokedBy != "" && e.InvokedBy != consoleProxy || e.EventType == "AwsServiceEvent" {
		return "", 0
	}
	switch e.Service() {
	case "dynamodb", "streams", "dax":
		return "root did " + e.what(), 0
	case "kms", "backup", "config":
		return "root did " + e.what(), schema.SeverityHigh
	}
	return "", 0
})

// consoleProxy invokes in older records what somebody does in the console.
const consoleProxy = "signin.amazonaws.com"

// what names the call for people, and the table if it has one.
func (e *Event) what() string {
	if e.TableName == "" {
		return shown(e.EventName)
	}
	return shown(e.EventName) + " on " + e.table()
}

// privileged are the operations that people should do with a second factor only.
var privileged = []string{schema.OpReadBulk, schema.OpDeleteItem, schema.OpDestroy, schema.OpShare, schema.OpProtect}

var withoutMFA = define(Detection{
	ID: "DDB-IAM-002", Version: 1, Title: "Privileged action without MFA", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl}, Attack: []string{"T1078.004"},
	Looks: "a person who reads a table as a whole, deletes items, destroys, shares or unprotects, as an IAM user without MFA, or in a console role that " +
		"such a user switched to. Sessions of Identity Center, SAML and OIDC never say MFA, which was asked for elsewhere, and are left out",
	FalseAlarms: "scripts that run with a person's access key; give them a role",
	Advice:      "ask the person; if it was not them, deactivate the access key and end the sessions. Require MFA for these actions by a policy",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &mfaCheck{run: r, users: map[string]bool{}}
})

// mfaCheck knows who opened the console sessions of the day.
type mfaCheck struct {
	run   *Run
	users map[string]bool // by session's ARN: an IAM user opened it
	shelf shelf           // calls in console sessions of roles
}

func (m *mfaCheck) Touch(e *Event) {
	if e.Plane == schema.PlaneSTS {
		m.opened(e)
		return
	}
	if !e.OK() || e.ActorKind != schema.ActorHuman || e.MFA == schema.True || !slices.Contains(privileged, e.Op) {
		return
	}
	switch {
	case e.PrincipalType == "IAMUser" && (e.MFA == schema.False || strings.HasPrefix(e.AccessKeyID, "AKIA")):
		m.found(e)
	case e.PrincipalType == "IAMUser":
		m.run.NotEvaluated("the record does not say whether the session was opened with MFA")
	case e.PrincipalType == "AssumedRole" && e.Console == schema.True && !strings.Contains(e.Actor, ":role/aws-reserved/"):
		m.shelf.put(m.run, e)
	}
}

// opened notes who opened a session: a session in the console leads to it by its ARN.
func (m *mfaCheck) opened(e *Event) {
	if !e.OK() {
		return
	}
	for _, value := range e.KeyValues {
		if strings.Contains(value, ":assumed-role/") && len(m.users) < shelfRoom {
			m.users[strings.Clone(value)] = m.users[value] || e.PrincipalType == "IAMUser" // a session of that name may be opened twice
		}
	}
}

func (m *mfaCheck) found(e *Event) {
	m.run.Found(Hit{Event: e, Explain: "without MFA: " + e.what(), About: []string{e.Op}})
}

func (m *mfaCheck) End() {
	for _, e := range m.shelf.events {
		switch byUser, known := m.users[e.PrincipalARN]; {
		case !known:
			m.run.NotEvaluated("who opened the console session is not in the day's log")
		case byUser:
			m.found(e)
		}
	}
}

var signInWithoutMFA = event(Detection{
	ID: "DDB-IAM-003", Version: 1, Title: "Console sign-in without MFA", Severity: schema.SeverityMedium,
	Needs: []Need{NeedSessions}, Attack: []string{"T1078.004"},
	Looks:       "a successful ConsoleLogin of an IAM user or of root with MFAUsed=No. Federated sign-ins say No, too, and are left out",
	FalseAlarms: "users that were just made and have not set up MFA yet",
	Advice:      "have MFA set up for the user, or root at once; look what the session did",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	if !e.Is("signin", "ConsoleLogin") || e.Response().At("ConsoleLogin").Text() != "Success" {
		return ""
	}
	if e.PrincipalType != "IAMUser" && e.PrincipalType != "Root" {
		return ""
	}
	switch e.Extra().At("MFAUsed").Text() {
	case "No":
		return shown(e.ActorName) + " signed in to the console without MFA"
	case "":
		r.NotEvaluated("the record does not say whether MFA was used")
	}
	return ""
})

var longTermKey = event(Detection{
	ID: "DDB-IAM-004", Version: 1, Title: "Long-term key used on items", Severity: schema.SeverityMedium,
	Needs: []Need{NeedData}, Attack: []string{"T1078.004"},
	Looks:       "calls on items signed with an access key of an IAM user (AKIA...), which is good until somebody takes it away",
	FalseAlarms: "old jobs outside of AWS; give them a rule with an end, and a role",
	Advice:      "find out where the key is kept; replace it by a role (IAM Roles Anywhere outside of AWS) and deactivate it",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	if e.Plane != schema.PlaneData || !strings.HasPrefix(e.AccessKeyID, "AKIA") {
		return ""
	}
	return "a long-term access key of " + shown(e.ActorName) + " was used on items of " + e.table()
})
