package detect

import (
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

var roleMisused = define(Detection{
	ID: "DDB-IAM-017", Version: 1, Title: "Workload's role used by somebody else", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedHistory}, Attack: []string{"T1078.004", "T1550.001"},
	Looks: "a role whose sessions were, for 30 days, all named as a workload's are, in a session named like a person or as SDKs and the command line name theirs; " +
		"or a role used on tables that was assumed by a service and by a person on one day",
	FalseAlarms: "an application's role taken in an emergency",
	Advice:      "see who assumed the role (`keytrail who` shows the chain); if nobody should, narrow the role's trust policy to the service",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &roles{run: r, asked: map[session]bool{}, used: map[string]bool{}, by: map[string]*assumed{}}
})

// roles follows in what sessions roles were used, and who assumed them.
type roles struct {
	run   *Run
	asked map[session]bool // strange for the role?
	used  map[string]bool  // ARNs of roles that touched tables
	by    map[string]*assumed
}

type session struct{ role, principal, table, shape string }

// assumed is who assumed a role.
type assumed struct{ service, person *Event }

func (o *roles) Touch(e *Event) {
	if e.Plane == schema.PlaneSTS {
		o.assumed(e)
		return
	}
	if !onTable(e) || e.PrincipalType != "AssumedRole" || !strings.Contains(e.Actor, ":role/") || strings.Contains(e.Actor, ":role/aws-") {
		return
	}
	if !o.used[e.Actor] && len(o.used) < shelfRoom {
		o.used[strings.Clone(e.Actor)] = true
	}
	shape := schema.SessionShape(e.SessionName)
	if shape != schema.SessionOfPerson && shape != schema.SessionGeneric {
		return
	}
	s := session{e.Actor, e.Principal, e.TableARN, shape}
	strange, known := o.asked[s]
	if !known {
		strange = o.strange(&s)
		for _, text := range []*string{&s.role, &s.principal, &s.table} {
			*text = strings.Clone(*text)
		}
		if len(o.asked) >= unseenRoom {
			clear(o.asked)
		}
		o.asked[s] = strange
	}
	if strange {
		o.run.Found(Hit{Event: e, About: []string{shape}, Explain: "role " + shown(e.Actor) + ", a workload's for 30 days, was used in session " + shown(e.SessionName)})
	}
}

// workloadShapes are those of sessions that no person opens by hand. Lambda names
// sessions after the function, so that they look like anything.
var workloadShapes = []string{schema.SessionOfInstance, schema.SessionOfTask, schema.SessionOfPod, schema.SessionOfWorkload, schema.SessionCustom}

// strange reports whether a session is unlike all that its role had for a month.
func (o *roles) strange(s *session) bool {
	if !o.run.learnt(s.table, newNeeds) {
		return false
	}
	had := func(shape string) bool { return o.run.sawLately(BySession, "", s.role, shape) }
	if o.run.sawLately(BySession, "", s.principal, s.shape) || had(schema.SessionGeneric) {
		return false
	}
	if slices.ContainsFunc(workloadShapes, had) {
		return true
	}
	if o.run.sawLately(ByTable, "", s.role, "") {
		o.run.NotEvaluated("the history does not tell what the role's sessions were like")
	}
	return false
}

// assumed notes that somebody assumed a role.
func (o *roles) assumed(e *Event) {
	if !e.OK() || !e.Is("sts", "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity") {
		return
	}
	service := e.ActorKind == schema.ActorAWS
	if !service && e.ActorKind != schema.ActorHuman && e.ActorKind != schema.ActorRoot {
		return
	}
	role := e.Request().At("roleArn").Text()
	if role == "" {
		o.run.NotEvaluated("the record does not say which role")
		return
	}
	a := o.by[role]
	if a == nil {
		if len(o.by) >= shelfRoom {
			o.run.NotEvaluated("more roles were assumed in a day than are followed")
			return
		}
		a = &assumed{}
		o.by[strings.Clone(role)] = a
	}
	by := &a.person
	if service {
		by = &a.service
	}
	if *by == nil || e.before(*by) {
		*by = e.cloneBare()
	}
}

func (o *roles) End() {
	for _, role := range slices.Sorted(maps.Keys(o.by)) {
		a := o.by[role]
		if !o.used[role] || a.service == nil || a.person == nil {
			continue
		}
		o.run.Found(Hit{
			Event: a.person, About: []string{role}, Evidence: []schema.Evidence{a.service.Evidence(), a.person.Evidence()},
			Explain: "role " + shown(role) + " was assumed by " + shown(a.service.Principal) + " and by " + shown(a.person.Principal) + " on one day",
		})
	}
}
