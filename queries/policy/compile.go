package policy

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// condition is one key of a rule, made ready to be asked of touches.
type condition struct {
	key  string // as in the file: who.role
	want string // as in the file
	is   func(*schema.Touch) bool
	got  func(*schema.Touch) string
}

// compiledRule is a rule made ready.
type compiledRule struct {
	*Rule
	// standing look at who, the table and the operation: what is the same for many calls.
	// passing look at the rest.
	standing, passing []condition
	// ends is the first microsecond in which it is over.
	ends int64
}

// compiled is what a policy is judged by, worked out once.
type compiled struct {
	zone   *time.Location
	grace  int64           // microseconds
	rules  []*compiledRule // by id
	cache  *cache
	tables *tableCache
	// catalogue is what [Policy.WithCatalogue] was given, and listed its entries; nil without.
	catalogue *Catalogue
	listed    *tableCache
	// Whether tags or the catalogue give any table a class, or protect it.
	classes, protects bool
}

// compile makes a policy ready that was checked.
func (p *Policy) compile() {
	c := &p.compiled
	c.zone = zoneOf(p.Defaults.Timezone)
	c.grace = graceOf(p.Defaults.Grace).Microseconds()
	for i := range p.Rules {
		c.rules = append(c.rules, p.compileRule(&p.Rules[i], c.zone))
	}
	slices.SortStableFunc(c.rules, func(a, b *compiledRule) int { return cmp.Compare(a.ID, b.ID) })
	c.cache = newCache(p)
	c.tables = newTableCache(p.Tables)
}

func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		return zone
	}
	return time.UTC
}

func graceOf(text string) time.Duration {
	if grace, ok := parseLength(text); ok {
		return grace
	}
	return 7 * 24 * time.Hour
}

func (p *Policy) compileRule(r *Rule, zone *time.Location) *compiledRule {
	c := &compiledRule{Rule: r, ends: endOf(r.Expires, zone)}
	c.standing = p.whoConditions(&r.Who)
	if len(r.Tables) > 0 {
		c.standing = append(c.standing, texts("tables", r.Tables, func(t *schema.Touch) string { return t.TableARN }))
	}
	if len(r.Ops) > 0 {
		c.standing = append(c.standing, condition{"ops", listText(r.Ops), opMatcher(r.Ops),
			func(t *schema.Touch) string { return t.EventName + " (" + t.Op + ")" }})
	}
	c.passing = append(whereConditions(&r.Where), whenConditions(&r.When, zone)...)
	return c
}

// endOf is the first microsecond after a rule's last day. A rule without one has none.
func endOf(expires string, zone *time.Location) int64 {
	last, err := time.Parse(time.DateOnly, expires)
	if err != nil {
		return math.MaxInt64
	}
	end := time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, zone)
	if end.Day() == last.Day() { // a midnight that the clocks leave out may be told as the hour before
		end = end.Add(time.Hour)
	}
	return end.UnixMicro()
}

// whoConditions are those of a rule's who; none when it is about anybody.
func (p *Policy) whoConditions(w *Who) (all []condition) {
	add := func(key string, globs []string, got func(*schema.Touch) string) {
		if len(globs) > 0 && globs[0] != "" {
			all = append(all, texts("who."+key, globs, got))
		}
	}
	actor := func(t *schema.Touch) string { return t.Actor }
	if w.Group != "" {
		all = append(all, texts("who.group", p.Groups[w.Group], actor))
		all[len(all)-1].want = w.Group + ": " + all[len(all)-1].want
	}
	add("role", []string{w.Role}, actor)
	add("user", []string{w.User}, actor)
	add("role_id", []string{w.RoleID}, roleID)
	if w.Service != "" {
		is := globMatcher(w.Service)
		all = append(all, condition{"who.service", w.Service,
			func(t *schema.Touch) bool { return is(t.Actor) || t.ActorKind == schema.ActorAWS && is(t.InvokedBy) },
			func(t *schema.Touch) string { return cmp.Or(t.InvokedBy, t.Actor) }})
	}
	add("account", []string{w.Account}, func(t *schema.Touch) string { return t.PrincipalAccountID })
	add("kind", w.Kind, func(t *schema.Touch) string { return t.ActorKind })
	add("persons", w.Persons, func(t *schema.Touch) string { return t.ActorName })
	add("session", w.Session, func(t *schema.Touch) string { return t.SessionName })
	if w.SSO != nil {
		all = append(all, ssoCondition(w.SSO))
	}
	return all
}

// roleID is the unchanging id of the role behind a session.
func roleID(t *schema.Touch) string {
	id, _, _ := strings.Cut(t.PrincipalID, ":")
	return id
}

func ssoCondition(s *SSO) condition {
	set, persons := globMatcher(cmp.Or(s.PermissionSet, "**")), listMatcher(s.Persons)
	want := "permission_set " + cmp.Or(s.PermissionSet, "any") + " in account " + cmp.Or(s.Account, "any")
	if len(s.Persons) > 0 {
		want += ", persons " + listText(s.Persons)
	}
	return condition{"who.sso", want, func(t *schema.Touch) bool {
		if !strings.Contains(t.Actor, ":role/aws-reserved/sso.amazonaws.com/") {
			return false
		}
		rest, ok := strings.CutPrefix(schema.PrincipalKey(t), "sso/")
		account, rest, _ := strings.Cut(rest, "/")
		name, person, whole := strings.Cut(rest, "/")
		return ok && whole && (s.Account == "" || s.Account == account) && set(name) && persons(person)
	}, schema.PrincipalKey}
}

// texts is a condition on one text of a touch: a list of globs.
func texts(key string, globs []string, got func(*schema.Touch) string) condition {
	is := listMatcher(globs)
	return condition{key, listText(globs), func(t *schema.Touch) bool { return is(got(t)) }, got}
}

func listText(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return "[" + strings.Join(list, ", ") + "]"
}
