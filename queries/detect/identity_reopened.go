package detect

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

var deniedThenAllowed = define(Detection{
	ID: "DDB-IAM-011", Version: 1, Title: "Denied, permissions changed, then allowed", Severity: schema.SeverityHigh, Kind: schema.FindingSequence,
	Always: true, Needs: []Need{NeedIAM}, Attack: []string{"T1098"},
	Looks: "a principal that is denied on a table; then somebody changes the table's policy, the principal's own permissions in IAM or the policy of the table's key; " +
		"then a kind of call succeeds that had not that day. Of a denial the day before it is known only that there was one: then the change must be of the last 24 hours, " +
		"and the kind of call one that the principal did not do there for 30 days",
	FalseAlarms: "somebody repairs a permission that was forgotten: then the change has a ticket and the caller is the workload it was made for",
	Advice:      "ask who made the change why; if caller and changer are the same person, ask somebody else",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &reopenings{run: r, keys: newTableKeys(r), by: map[reaching]*reached{}}
})

// reopenings follows who was denied and who got through, by principal and table.
type reopenings struct {
	run     *Run
	keys    *tableKeys
	by      map[reaching]*reached
	closed  int // of by, those that began with a denial
	kinds   int // of calls, over all
	changes shelf
}

type reaching struct{ principal, table string }

type reached struct {
	denied *Event            // the first
	ok     map[string]*Event // the first that succeeded, by name
}

// Bounds of what is followed in a day.
const (
	reachingRoom = 50_000  // principals on tables
	kindRoom     = 200_000 // and the kinds of their calls
)

func (o *reopenings) Touch(e *Event) {
	o.keys.learn(e)
	switch {
	case e.OK() && changesPermissions(e):
		o.changes.put(o.run, e)
	case e.Plane != schema.PlaneData && e.Plane != schema.PlaneControl || e.TableARN == "":
	case e.OK() || e.Denied():
		o.follow(e)
	}
}

func changesPermissions(e *Event) bool {
	return e.Is("dynamodb", "PutResourcePolicy", "DeleteResourcePolicy") || e.Is("kms", "PutKeyPolicy", "CreateGrant") && e.InvokedBy == "" ||
		e.Is("iam", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicyVersion", "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy",
			"SetDefaultPolicyVersion", "AddUserToGroup", "DetachRolePolicy", "DetachUserPolicy", "DeleteRolePolicy", "DeleteUserPolicy",
			"DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary")
}

func (o *reopenings) follow(e *Event) {
	g := o.by[reaching{e.Principal, e.TableARN}]
	if g == nil {
		// Whoever is denied may name tables that there are not, and does not drive others out.
		if len(o.by) >= reachingRoom || e.Denied() && o.closed >= reachingRoom/2 {
			o.run.NotEvaluated("more principals reached tables in a day than are followed")
			return
		}
		if e.Denied() {
			o.closed++
		}
		g = &reached{ok: map[string]*Event{}}
		o.by[reaching{strings.Clone(e.Principal), strings.Clone(e.TableARN)}] = g
	}
	if e.Denied() {
		if g.denied == nil || e.before(g.denied) {
			g.denied = e.cloneBare()
		}
		return
	}
	had := g.ok[e.EventName]
	if had == nil {
		if o.kinds++; o.kinds > kindRoom {
			o.run.NotEvaluated("more kinds of calls in a day than are followed")
			return
		}
	}
	if had == nil || e.before(had) {
		e = e.cloneBare()
		g.ok[e.EventName] = e
	}
}

func (o *reopenings) End() {
	slices.SortFunc(o.changes.events, func(a, b *Event) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	earlier := o.yesterdays()
	for at, g := range o.by {
		switch {
		case len(g.ok) == 0:
		case g.denied != nil && o.judge(g):
		case len(earlier)+len(o.changes.events) > 0 && o.deniedYesterday(at):
			o.judgeOvernight(at, g, slices.Concat(earlier, o.changes.events))
		}
	}
}

// yesterdays are the changes of permissions of the day before, in order of time.
func (o *reopenings) yesterdays() (all []*Event) {
	o.run.past(func(e *Event) bool {
		return schema.DayOf(e.EventTime) == o.run.Day-1 && e.OK() && changesPermissions(e)
	}, func(e *Event) { all = append(all, e) })
	return all
}

func (o *reopenings) deniedYesterday(at reaching) bool {
	return o.run.History.Touched(1, at.table, at.principal, "", schema.OutcomeDenied)[0] > 0
}

// judgeOvernight looks for the first change that opened something to who was denied the
// day before.
func (o *reopenings) judgeOvernight(at reaching, g *reached, changes []*Event) {
	for _, name := range slices.Sorted(maps.Keys(g.ok)) {
		ok := g.ok[name]
		for _, change := range changes {
			if change.EventTime > ok.EventTime || ok.Time().Sub(change.Time()) > 24*time.Hour || change.EventID == ok.EventID || !o.concerns(change, ok) {
				continue
			}
			if o.run.succeeded(at.table, at.principal, ok.Op) || !o.run.learnt(at.table, newNeeds) {
				break // the next change would not make it new either
			}
			o.run.Found(Hit{
				Event: ok, Count: 1, First: change.Time(), Last: ok.Time(), Evidence: []schema.Evidence{change.Evidence(), ok.Evidence()},
				Explain: shown(ok.Principal) + " was denied on " + ok.table() + " the day before; " + shown(change.Principal) + " did " +
					shown(change.EventName) + " on " + change.Time().Format("2006-01-02 15:04:05") + "; " + shown(name) + " succeeded at " + clock(ok),
			})
			return
		}
	}
}

// judge looks for the first change after the denial that opened something, and reports
// whether there is one.
func (o *reopenings) judge(g *reached) bool {
	for _, change := range o.changes.events {
		if change.EventTime < g.denied.EventTime || !o.concerns(change, g.denied) {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(g.ok)) {
			ok := g.ok[name]
			if ok.EventTime < change.EventTime || ok.EventID == change.EventID {
				continue
			}
			o.run.Found(Hit{
				Event: ok, Count: 1, First: g.denied.Time(), Last: ok.Time(),
				Evidence: []schema.Evidence{g.denied.Evidence(), change.Evidence(), ok.Evidence()},
				Explain: shown(ok.Principal) + " was denied " + g.denied.what() + " at " + clock(g.denied) + "; " + shown(change.Principal) + " did " +
					shown(change.EventName) + " at " + clock(change) + "; " + shown(name) + " succeeded at " + clock(ok),
			})
			return true
		}
	}
	return false
}

func clock(e *Event) string { return e.Time().Format("15:04:05") }

// concerns reports whether a change of permissions may be about what was denied: to
// that table or its key, or to that role or user. Groups and policies may be anybody's.
func (o *reopenings) concerns(change, denied *Event) bool {
	switch change.Service() {
	case "dynamodb":
		return change.TableARN == denied.TableARN
	case "kms":
		return slices.Contains(o.keys.tables(calledKey(change)), denied.TableARN)
	}
	request := change.Request()
	if account := denied.PrincipalAccountID; account != "" && account != change.RecipientAccountID {
		return false
	}
	for _, kind := range []string{"role", "user"} {
		if name := request.At(kind + "Name").Text(); name != "" {
			return strings.Contains(denied.Actor, ":"+kind+"/") && strings.HasSuffix(denied.Actor, "/"+name)
		}
	}
	return true
}
