package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// permissionParams are of broadPermission.
type permissionParams struct {
	ManagedPolicies []string `yaml:"managed_policies"` // names of AWS's policies that give all of DynamoDB
}

var broadPermission = define(Detection{
	ID: "DDB-SEC-008", Version: 1, Title: "All of DynamoDB permitted", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedIAM}, Attack: []string{"T1098.003"},
	Looks: "a policy of a role, user or group that allows all actions of DynamoDB on all tables, or one of AWS's policies that do; " +
		"low where the statement has conditions, which may narrow it",
	FalseAlarms: "platform roles while an account is set up",
	Advice:      "narrow the policy to the tables and actions that are needed; see what its holder did since it was given",
}, permissionParams{ManagedPolicies: []string{
	"AmazonDynamoDBFullAccess", "AmazonDynamoDBFullAccess_v2", "AdministratorAccess", "PowerUserAccess", "DatabaseAdministrator",
}}, func(r *Run, p *permissionParams) Watcher {
	return watch(func(e *Event) {
		var why string
		var how schema.Severity
		switch {
		case !e.OK():
		case e.Is("iam", "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"):
			why = managedBroad(r, p, e)
		case e.Is("iam", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion"):
			why, how = documentBroad(r, e)
		}
		if why != "" {
			r.Found(Hit{Event: e, Explain: why, Severity: how, About: []string{grantee(e.Request())}})
		}
	})
})

func managedBroad(r *Run, p *permissionParams, e *Event) string {
	arn := e.Request().At("policyArn").Text()
	if arn == "" {
		r.NotEvaluated("the record does not say which policy")
		return ""
	}
	// Only policies of AWS itself: what is called the same in an account may allow anything.
	if accountIn(arn) != "" || !slices.Contains(p.ManagedPolicies, arn[strings.LastIndexByte(arn, '/')+1:]) {
		return ""
	}
	return grantee(e.Request()) + " was given " + shown(arn)
}

func documentBroad(r *Run, e *Event) (string, schema.Severity) {
	d, err := parsePolicy(e.Request().At("policyDocument").document())
	if err != nil {
		r.NotEvaluated("the policy in the record cannot be read")
		return "", 0
	}
	why, conditional := d.broad(e.RecipientAccountID)
	switch {
	case why == "":
		return "", 0
	case conditional:
		return grantee(e.Request()) + " may do " + shown(why) + " on all tables, under conditions", schema.SeverityLow
	}
	return grantee(e.Request()) + " may do " + shown(why) + " on all tables", 0
}

// grantee is whom a call of IAM gives a policy.
func grantee(request Value) string {
	for _, kind := range []string{"role", "user", "group"} {
		if name := request.At(kind + "Name").Text(); name != "" {
			return kind + " " + shown(name)
		}
	}
	if name := request.At("policyArn").Text(); name != "" {
		return "whoever has policy " + shown(name)
	}
	return "whoever has policy " + shown(request.At("policyName").Text())
}
