package detect

import (
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Exposure: tables opened to strangers, encryption weakened (SEC).
var exposure = []Detection{
	tableOpened, tablePolicyChanged,
	keyReplaced, keyWidened, rotationOff,
	controlTagChanged, configWeakened, broadPermission,
}

// openedParams are of tableOpened.
type openedParams struct {
	OrgIDs       []string `yaml:"org_ids"`       // of the organizations that are ours: o-...
	VPCEndpoints []string `yaml:"vpc_endpoints"` // and the VPC endpoints and VPCs
}

var tableOpened = graded(Detection{
	ID: "DDB-SEC-001", Version: 1, Title: "Table opened to strangers by its policy", Severity: schema.SeverityCritical,
	Always: true, Needs: []Need{NeedControl}, Attack: []string{"T1098", "T1530", "T1537"},
	Looks: "a resource policy, put on a table or stream or given when the table is made, that lets anybody, or an account that is neither ours nor a partner's, " +
		"read or change items, the table or the policy, and has no condition that lets in only our accounts, organizations or VPC endpoints",
	FalseAlarms: "a partner's account that was agreed on and does not stand under partners yet",
	Advice: "take the policy off or close it now, then ask; look with `keytrail who` for calls from accounts that are not yours since it was put there. " +
		"If the account is a partner's, enter it under partners with the day it ends",
}, openedParams{}, func(r *Run, p *openedParams, e *Event) (string, schema.Severity) {
	if !e.Is("dynamodb", "PutResourcePolicy", "CreateTable") || !e.OK() {
		return "", 0
	}
	text := e.Request().At("policy").document()
	if e.EventName == "CreateTable" {
		text = e.Request().At("resourcePolicy").document()
	}
	if text == "" {
		if e.EventName == "PutResourcePolicy" || e.omitted() {
			r.NotEvaluated("the record does not hold the policy")
		}
		return "", 0
	}
	d, err := parsePolicy(text)
	if err != nil {
		return "the policy of " + e.table() + " was changed to one that cannot be read (reason=unparsed)", schema.SeverityHigh
	}
	t := trust{own: e.TableAccountID, stranger: r.stranger, organizations: p.OrgIDs, endpoints: p.VPCEndpoints}
	open, unsure := t.opens(d)
	if open == "" {
		if unsure != "" {
			r.NotEvaluated(unsure)
		}
		return "", 0
	}
	return "the policy of " + e.table() + " lets in " + queries.Clean(open), 0
})

var tablePolicyChanged = event(Detection{
	ID: "DDB-SEC-002", Version: 1, Title: "Table's resource policy changed", Severity: schema.SeverityMedium,
	Needs: []Need{NeedControl}, Attack: []string{"T1098"},
	Looks:       "a resource policy that is put on a table or stream, or taken off, by somebody whom no rule of the policy expects to",
	FalseAlarms: "infrastructure as code whose role has no rule yet",
	Advice:      "compare the policy in the call with the one before; if the change was meant, add a rule for whoever deploys",
}, plain{}, func(_ *Run, _ *plain, e *Event) string {
	switch {
	case !e.OK():
	case e.Is("dynamodb", "PutResourcePolicy"):
		return "the resource policy of " + e.table() + " was replaced"
	case e.Is("dynamodb", "DeleteResourcePolicy"):
		return "the resource policy of " + e.table() + " was removed"
	}
	return ""
})
