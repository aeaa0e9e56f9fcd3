package unexpected

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// manyTables is how many tables whose names begin alike become a pattern.
const manyTables = 5

// doer is who does something.
type doer struct{ actor, person, kind string }

// use is what somebody does to one table, in all Regions that it is in.
type use struct {
	arns, ops []string
	access    // of all of them
}

// proposals makes rules: one for each principal and set of operation classes.
func (l *learner) proposals(created time.Time) *Learned {
	learned := &Learned{}
	for d, uses := range l.byDoer() {
		for _, same := range alikeUses(uses) {
			learned.Proposals = append(learned.Proposals, l.propose(d, same, created))
		}
	}
	slices.SortFunc(learned.Proposals, func(a, b Proposal) int { return strings.Compare(a.Rule.ID, b.Rule.ID) })
	for why, n := range l.left {
		learned.Left = append(learned.Left, LeftOut{why, n})
	}
	slices.SortFunc(learned.Left, func(a, b LeftOut) int {
		return cmp.Or(cmp.Compare(b.Touches, a.Touches), strings.Compare(a.Why, b.Why))
	})
	return learned
}

// byDoer gathers what each does, by table.
func (l *learner) byDoer() map[doer]map[string]*use {
	all := map[doer]map[string]*use{}
	for k, a := range l.access {
		d := doer{k.actor, k.person, k.kind}
		if all[d] == nil {
			all[d] = map[string]*use{}
		}
		name := k.arn
		if arn, ok := schema.ParseTableARN(k.arn); ok {
			name = arn.Account + " " + arn.Table
		}
		u := all[d][name]
		if u == nil {
			u = &use{}
			all[d][name] = u
		}
		u.arns, u.ops = with(u.arns, k.arn), with(u.ops, k.op)
		u.join(a)
	}
	return all
}

// with adds a text to a sorted list, once.
func with(list []string, s string) []string {
	at, found := slices.BinarySearch(list, s)
	if found {
		return list
	}
	return slices.Insert(list, at, s)
}

func (a *access) join(b *access) {
	if a.days == nil {
		a.days, a.networks = map[int32]struct{}{}, map[string]struct{}{}
	}
	a.touches += b.touches
	a.many = a.many || b.many
	maps.Copy(a.days, b.days)
	maps.Copy(a.networks, b.networks)
}

// alikeUses are uses by their operation classes.
func alikeUses(uses map[string]*use) map[string][]*use {
	same := map[string][]*use{}
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		key := strings.Join(uses[name].ops, " ")
		same[key] = append(same[key], uses[name])
	}
	return same
}

func (l *learner) propose(d doer, uses []*use, created time.Time) Proposal {
	var all access
	var tables []string
	for _, u := range uses {
		all.join(&u.access)
		tables = append(tables, u.arns...)
	}
	slices.Sort(tables)
	if d.kind == schema.ActorService || d.kind == schema.ActorAWS {
		if patterns := generalise(tables); !slices.ContainsFunc(patterns, l.mayNeedCare) {
			tables = patterns
		}
	}
	p := Proposal{Touches: all.touches, Days: len(all.days), ManyNetworks: all.many || len(all.networks) > maxSeen}
	p.Rule = policy.Rule{
		Effect: "allow", Who: whoOf(d), Tables: tables, Ops: uses[0].ops,
		Reason: fmt.Sprintf("seen %s on %s", times(all.touches), days(len(all.days))), Owner: "?",
		Created: created.Format(time.DateOnly), Expires: created.Add(l.policy.MaxLifetime()).Format(time.DateOnly),
	}
	if !p.ManyNetworks {
		p.Rule.Where.Networks = slices.Sorted(maps.Keys(all.networks))
	}
	if slices.ContainsFunc(p.Rule.Where.Networks, func(n string) bool { return strings.ContainsAny(n, "*?!") }) {
		p.Rule.Where.Networks, p.ManyNetworks = nil, true
	}
	p.Rule.ID = l.free(idOf(d, uses))
	return p
}

// free is the id, with a number behind it where a rule of the policy has it: one that was
// accepted earlier, and does not allow what was seen since.
func (l *learner) free(id string) string {
	taken := func(id string) bool {
		return l.policy != nil && slices.ContainsFunc(l.policy.Rules, func(r policy.Rule) bool { return r.ID == id })
	}
	free := id
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s-%d", id, n)
	}
	return free
}

func times(n int64) string { return words(n, "time", "times") }
func days(n int) string    { return words(int64(n), "day", "days") }

// whoOf names somebody as narrowly as a rule can.
func whoOf(d doer) (w policy.Who) {
	key := schema.PrincipalKey(&schema.Touch{Actor: d.actor, ActorName: d.person, ActorKind: d.kind})
	if rest, ok := strings.CutPrefix(key, "sso/"); ok {
		parts := strings.SplitN(rest, "/", 3)
		w.SSO = &policy.SSO{Account: parts[0], PermissionSet: parts[1], Persons: []string{d.person}}
		return w
	}
	w.Kind = []string{d.kind}
	switch {
	case strings.Contains(d.actor, ":user/"):
		w.User = d.actor
	case strings.Contains(d.actor, ":role/"):
		w.Role = d.actor
		if d.kind == schema.ActorHuman {
			w.Persons = []string{d.person}
		}
	default:
		w.Service = d.actor
	}
	return w
}

// idOf is a name that is the same whenever the same is learned, and another for others.
func idOf(d doer, uses []*use) string {
	h := sha256.New()
	for _, s := range append([]string{d.actor, d.person, d.kind}, uses[0].ops...) {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	label := d.actor[strings.LastIndexAny(d.actor, "/:")+1:]
	if d.person != "" {
		label, _, _ = strings.Cut(d.person, "@")
	}
	parts := strings.FieldsFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
	label = strings.Join(parts, "-")
	return "L-" + label[:min(len(label), 40)] + "-" + hex.EncodeToString(h.Sum(nil))[:6]
}

// mayNeedCare reports whether a pattern of [generalise] may hold for tables that need care:
// what a rule expects of those is what was seen of them, table by table.
func (l *learner) mayNeedCare(pattern string) bool {
	prefix, many := strings.CutSuffix(pattern, "*")
	if !many || l.policy == nil {
		return false
	}
	_, name, _ := strings.Cut(prefix, ":table/")
	return slices.ContainsFunc(l.policy.Tables, func(t policy.Table) bool {
		_, match, _ := strings.Cut(t.Match, ":table/")
		start, _, _ := strings.Cut(strings.ReplaceAll(match, "?", "*"), "*")
		return (t.Protected || t.AtLeast("confidential")) && (strings.HasPrefix(start, name) || strings.HasPrefix(name, start))
	})
}

// generalise makes one pattern of many tables whose names begin with the same word.
func generalise(arns []string) (patterns []string) {
	alike := map[string][]string{}
	for _, arn := range arns {
		start := strings.Index(arn, ":table/") + len(":table/")
		if at := strings.IndexAny(arn[start:], "-_."); at > 0 {
			prefix := arn[:start+at+1]
			alike[prefix] = append(alike[prefix], arn)
		} else {
			patterns = append(patterns, arn)
		}
	}
	for prefix, same := range alike {
		if len(same) > manyTables {
			same = []string{prefix + "*"}
		}
		patterns = append(patterns, same...)
	}
	slices.Sort(patterns)
	return patterns
}
