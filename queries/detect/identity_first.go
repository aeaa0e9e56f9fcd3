package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// atTable reports whether an event is a call of DynamoDB about a table, however it ended.
func atTable(e *Event) bool {
	return (e.Plane == schema.PlaneData || e.Plane == schema.PlaneControl) && e.TableARN != ""
}

// onTable reports whether an event is a call of DynamoDB that reached a table, of those
// whose firsts are looked for.
func onTable(e *Event) bool {
	return atTable(e) && e.OK()
}

var firstOnTable = define(Detection{
	ID: "DDB-IAM-005", Version: 1, Title: "Principal's first touch of a table", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedHistory}, Attack: []string{"T1078.004"},
	Looks: "a successful call on a table by a principal that was not seen on it for 30 days, or ever; low for workloads and services. " +
		"The table must be known for two weeks, and the lake have 25 of the last 28 days",
	FalseAlarms: "new services, and people who take over a duty",
	Advice:      "ask the table's owner whether the principal should be there; if so, add a rule. How surprising it is, `keytrail anomalies` weighs",
}, plain{}, func(r *Run, _ *plain) Watcher {
	u := newUnseen(r)
	return watch(func(e *Event) {
		if !onTable(e) || !u.is(e, ByTable, e.TableARN, "") {
			return
		}
		how := schema.SeverityMedium
		if e.ActorKind == schema.ActorService || e.ActorKind == schema.ActorAWS {
			how = schema.SeverityLow
		}
		r.Found(Hit{Event: e, Severity: how, Explain: shown(e.Principal) + " was not seen on " + e.table() + " in the 30 days before"})
	})
})

var firstNetwork = define(Detection{
	ID: "DDB-IAM-006", Version: 1, Title: "Principal from a network never seen", Severity: schema.SeverityLow, Kind: schema.FindingEvent,
	Needs: []Need{NeedHistory}, Attack: []string{"T1078.004"},
	Looks: "a call, denied ones too, from a public address in a network (/24, or /48 of IPv6) that the principal did not use for 30 days, or ever; medium for people. " +
		"Functions and tasks, which may have any address of AWS, are left to DDB-IAM-012; networks of other workloads are one finding, by table, since they often change. " +
		"Principals that are new on the table themselves, and got in, are told by DDB-IAM-005 alone",
	FalseAlarms: "home and mobile networks, whose addresses change",
	Advice:      "ask the person, or compare with where the workload runs; a stolen key shows as a network that nobody can explain",
}, plain{}, func(r *Run, _ *plain) Watcher {
	u := newUnseen(r)
	networks := newMemo(publicNetwork)
	return watch(func(e *Event) {
		if !atTable(e) || e.VPCEndpointID != "" {
			return
		}
		if host := issuedTo(e); host == "a function" || host == "a task" {
			return
		}
		network := networks.get(e.SourceIP)
		if network == "" || !u.is(e, ByNetwork, "", network) || e.OK() && u.is(e, ByTable, e.TableARN, "") {
			return
		}
		hit := Hit{Event: e, Explain: shown(e.Principal) + " called from " + shown(network) + ", a network not seen with it in the 30 days before"}
		if e.ActorKind == schema.ActorHuman {
			hit.Severity, hit.About = schema.SeverityMedium, []string{network}
		}
		r.Found(hit)
	})
})

// publicNetwork is the network of an address of the Internet, empty for others.
func publicNetwork(ip string) string {
	if _, ok := publicAddr(ip); !ok {
		return ""
	}
	return queries.Network("", ip)
}

// programParams are of firstProgram.
type programParams struct {
	AttackTools []string `yaml:"attack_tools"` // words in user agents, in any case
}

// handPrograms are what people work with, by [queries.Program].
var handPrograms = []string{"aws-cli", "curl", "Wget", "PostmanRuntime", "python-requests", "browser", "Edge", "Firefox", "Chrome", "Safari", "AWSPowerShell"}

var firstProgram = define(Detection{
	ID: "DDB-IAM-007", Version: 1, Title: "Principal with a program never seen", Severity: schema.SeverityLow, Kind: schema.FindingEvent,
	Needs: []Need{NeedHistory}, Attack: []string{"T1078.004", "T1550.001"},
	Looks: "a call, denied ones too, with a user agent whose program, whatever its version, the principal did not use for 30 days, or ever; high if a workload suddenly shows " +
		"a browser, a command line or an attack tool. Principals that are new on the table themselves, and got in, are told by DDB-IAM-005 alone",
	FalseAlarms: "services rewritten in another language",
	Advice:      "a workload does not use a command line by itself: find out who has its credentials, and where from",
}, programParams{AttackTools: []string{"pacu", "kali", "parrot", "pentoo", "scoutsuite", "cloudfox", "enumerate-iam", "weirdaal", "stratus-red-team"}}, func(r *Run, p *programParams) Watcher {
	u := newUnseen(r)
	programs := newMemo(queries.Program)
	return watch(func(e *Event) {
		if !atTable(e) {
			return
		}
		if e.UserAgent == "" {
			r.NotEvaluated("the record has no user agent")
			return
		}
		program := programs.get(e.UserAgent)
		if !u.is(e, ByAgent, "", program) || e.OK() && u.is(e, ByTable, e.TableARN, "") {
			return
		}
		how := schema.SeverityLow
		if e.ActorKind == schema.ActorService && (slices.Contains(handPrograms, program) || p.attacks(e.UserAgent)) {
			how = schema.SeverityHigh
		}
		r.Found(Hit{
			Event: e, Severity: how, About: []string{program},
			Explain: shown(e.Principal) + " called with " + shown(program) + ", a program not seen with it in the 30 days before",
		})
	})
})

func (p *programParams) attacks(agent string) bool {
	agent = strings.ToLower(agent)
	return slices.ContainsFunc(p.AttackTools, func(tool string) bool { return tool != "" && strings.Contains(agent, strings.ToLower(tool)) })
}
