package detect

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// regionParams are of wrongRegion.
type regionParams struct {
	Regions []string `yaml:"regions"` // where tables may be: eu-central-1
}

var wrongRegion = define(Detection{
	ID: "DDB-IAM-008", Version: 1, Title: "DynamoDB used in a Region that is not ours", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl, NeedParams}, Attack: []string{"T1535"},
	Looks:       "any call of DynamoDB but on metadata in a Region that is not listed under regions: what nobody watches is a good place to restore a copy",
	FalseAlarms: "scanners that take stock of all Regions, as far as they do more than describe",
	Advice:      "look what there is in that Region and who made it; deny Regions that are not used by a service control policy",
}, regionParams{}, func(r *Run, p *regionParams) Watcher {
	if len(p.Regions) == 0 {
		return notToday(r, "the setting regions lists none")
	}
	return watch(func(e *Event) {
		switch {
		case e.TouchIndex > 0 || e.Service() != "dynamodb" || e.Op == schema.OpMetaRead || slices.Contains(p.Regions, e.AWSRegion):
		case e.AWSRegion == "":
			r.NotEvaluated("the record does not say which Region")
		default:
			r.Found(Hit{Event: e, Explain: e.what() + " in " + shown(e.AWSRegion) + ", which is none of your Regions", About: []string{e.AWSRegion}})
		}
	})
})

var fromStrangers = event(Detection{
	ID: "DDB-IAM-009", Version: 1, Title: "Table reached from a foreign account", Severity: schema.SeverityHigh,
	Needs: []Need{NeedAccounts}, Attack: []string{"T1199", "T1078.004"},
	Looks:       "a call on a table, allowed or denied, by an account that is neither the table's, nor one of ours, nor a partner's whose time is not over",
	FalseAlarms: "a central security account that is not listed under org_accounts yet",
	Advice:      "if the call succeeded, a resource policy or a role lets them in: find it and close it. If it was denied, see what they tried",
}, plain{}, func(r *Run, _ *plain, e *Event) string {
	account := e.PrincipalAccountID
	switch {
	case e.TableAccountID == "" || account == e.TableAccountID || e.ActorKind == schema.ActorAWS:
		return ""
	case account == "":
		r.NotEvaluated("the record does not say which account called")
		return ""
	}
	stranger, known := r.stranger(account)
	switch {
	case !known:
		r.NotEvaluated(unknownAccounts)
	case stranger:
		return "account " + shown(account) + " did " + e.what()
	}
	return ""
})

// offHostParams are of offHost.
type offHostParams struct {
	EgressCIDRs  []string `yaml:"egress_cidrs"`  // public addresses of ours: NAT gateways, proxies, offices
	NetworksFile string   `yaml:"networks_file"` // CSV of cidr,asn,country,latitude,longitude; tells AWS's own addresses
}

var offHost = define(Detection{
	ID: "DDB-IAM-012", Version: 1, Title: "Workload's credentials used elsewhere", Severity: schema.SeverityCritical, Kind: schema.FindingEvent,
	Needs: []Need{NeedParams}, Attack: []string{"T1552.005", "T1078.004"},
	Looks: "a call with the credentials of an EC2 instance, a Lambda function or an ECS task, known by the record's inScopeOf or by the instance's session name, from a public " +
		"address that is neither listed under egress_cidrs nor, by networks_file, one of AWS. Without the file functions and tasks, which may have any address of AWS, are not judged",
	FalseAlarms: "a NAT gateway or proxy that is not listed; run it in dry_run first",
	Advice:      "take it for theft: stop or isolate the host, revoke the role's sessions (AWSRevokeOlderSessions), and see with `keytrail who --actor` all that was done with the role",
}, offHostParams{}, func(r *Run, p *offHostParams) Watcher {
	if len(p.EgressCIDRs) == 0 {
		return notToday(r, "the setting egress_cidrs lists none")
	}
	egress, err := parsePrefixes("egress_cidrs", p.EgressCIDRs)
	if err != nil {
		return notToday(r, err.Error())
	}
	h := &hostCheck{run: r, egress: egress}
	if p.NetworksFile != "" {
		if h.networks, err = readNetworks(p.NetworksFile); err != nil {
			return notToday(r, err.Error())
		}
	}
	return watch(h.touch)
})

type hostCheck struct {
	run      *Run
	egress   []netip.Prefix
	networks *networks // nil: none given
}

func (h *hostCheck) touch(e *Event) {
	host := issuedTo(e)
	if host == "" {
		return
	}
	addr, public := e.public()
	if !public || within(h.egress, addr) {
		return
	}
	if h.networks == nil && host != "an instance" {
		h.run.NotEvaluated("without networks_file AWS's own addresses are not known")
		return
	}
	if h.networks != nil {
		if p, ok := h.networks.find(addr); ok && slices.Contains(amazonASNs, p.asn) {
			return
		}
	}
	h.run.Found(Hit{Event: e, Explain: "credentials of " + host + " were used from " + addr.String() + ": " + e.what()})
}

// issuedTo is the kind of host that credentials were issued to; empty where they are
// not known to be a host's.
func issuedTo(e *Event) string {
	switch {
	case strings.Contains(e.InScopeOf, ":lambda:"):
		return "a function"
	case strings.Contains(e.InScopeOf, ":ecs:"):
		return "a task"
	case strings.Contains(e.InScopeOf, ":ec2:"), e.PrincipalType == "AssumedRole" && schema.SessionShape(e.SessionName) == schema.SessionOfInstance:
		return "an instance"
	}
	return ""
}
