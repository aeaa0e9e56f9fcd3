package policy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var idShaped = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (c *checker) rule(at string, r *Rule) {
	if r.ID != "" && !idShaped.MatchString(r.ID) {
		c.at(at+".id", Fault, fmt.Sprintf("%q is no id: letters, digits and . _ - only, 64 at most", r.ID))
	}
	c.oneOf(at+".effect", r.Effect, "effect", effects)
	c.missing(at, r)
	c.who(at+".who", r)
	for i, g := range r.Tables {
		c.tables(fmt.Sprintf("%s.tables[%d]", at, i), strings.TrimPrefix(g, "!"))
	}
	for i, op := range r.Ops {
		c.op(fmt.Sprintf("%s.ops[%d]", at, i), strings.TrimPrefix(op, "!"))
	}
	c.networks(at+".where.networks", r.Where.Networks)
	for i, region := range r.Where.Regions {
		c.region(fmt.Sprintf("%s.where.regions[%d]", at, i), strings.TrimPrefix(region, "!"))
	}
	for i, day := range r.When.Days {
		c.oneOf(fmt.Sprintf("%s.when.days[%d]", at, i), cmp.Or(day, "?"), "day", weekdays)
	}
	if _, _, ok := parseHours(r.When.Hours); !ok && r.When.Hours != "" {
		c.at(at+".when.hours", Fault, fmt.Sprintf("%q is no time of day: write 08:00-18:00, or 22:00-06:00 for over midnight", r.When.Hours))
	}
	if limit := at + ".limits.distinct_keys_per_hour"; r.Limits.DistinctKeysPerHour < 1 && c.marks[limit] != nil {
		c.at(limit, Fault, "a limit is 1 or more; leave it out for none")
	}
	c.oneOf(at+".cadence", r.Cadence, "cadence", cadences)
	c.lifetime(at, r)
}

// missing notes what a rule has to have. An allow rule that nobody answers for, or that
// never ends, is how lists of exceptions rot; a deny rule opens nothing.
func (c *checker) missing(at string, r *Rule) {
	allow := r.Effect != "deny"
	for _, m := range []struct {
		key    string
		lacks  bool
		level  Level
		advice string
	}{
		{"id", r.ID == "", Fault, "a name that stays, such as AL-001"},
		{"effect", r.Effect == "", Fault, "allow or deny"},
		{"who", c.marks[at+".who"] == nil, Fault, "whom it is about"},
		{"ops", len(r.Ops) == 0, Lack, "operation classes such as WRITE_ITEM, or names of calls; without any it is about all"},
		{"expires", r.Expires == "" && allow, Fault, "its last day, or never with approved_by"},
		{"reason", strings.TrimSpace(r.Reason) == "", Lack, "why this is right"},
		{"owner", strings.Trim(r.Owner, " ?") == "" && allow, Lack, "who answers for it"},
	} {
		if m.lacks {
			c.at(at+"."+m.key, m.level, fmt.Sprintf("rule %s lacks %s: %s", cmp.Or(r.ID, "without an id"), m.key, m.advice))
		}
	}
}

func (c *checker) lifetime(at string, r *Rule) {
	c.day(at+".created", r.Created)
	if r.Expires == "never" {
		if r.ApprovedBy == "" {
			c.at(at+".expires", Lack, "a rule that never expires needs approved_by: who said so")
		}
		return
	}
	c.day(at+".expires", r.Expires)
	last, err := time.Parse(time.DateOnly, r.Expires)
	longest, bounded := parseLength(c.policy.Defaults.MaxLifetime)
	if err != nil {
		return
	}
	created, err := time.Parse(time.DateOnly, r.Created)
	switch {
	case err != nil && bounded && r.Created == "" && r.Effect == "allow":
		c.at(at, Warning, fmt.Sprintf("rule %s has no created day, so nobody can tell whether it lasts longer than max_lifetime %s", r.ID, c.policy.Defaults.MaxLifetime))
	case err != nil:
	case last.Before(created):
		c.at(at+".expires", Fault, fmt.Sprintf("expires %s is before created %s", r.Expires, r.Created))
	case bounded && last.Sub(created) > longest:
		c.at(at+".expires", Lack, fmt.Sprintf("%d days from created to expires are more than max_lifetime %s: %s is the latest",
			int(last.Sub(created).Hours()/24), c.policy.Defaults.MaxLifetime, created.Add(longest).Format(time.DateOnly)))
	}
}

// op wants an operation class or the name of a call.
func (c *checker) op(path, op string) {
	names := slices.Concat(opClasses, calls)
	switch {
	case slices.Contains(opClasses, op), knownCall(op):
	case callShaped(op) && nearest(op, names) == "":
		c.at(path, Warning, fmt.Sprintf("keytrail knows no call %q: as long as none has that name, this says nothing", op))
	case callShaped(op):
		c.at(path, Fault, fmt.Sprintf("unknown call %q (%s)", op, meant(op, calls)))
	default:
		c.at(path, Fault, fmt.Sprintf("unknown operation class %q (%s)", op, meant(op, names)))
	}
}

func (c *checker) who(at string, r *Rule) {
	w := &r.Who
	if w.Group != "" && len(c.policy.Groups[w.Group]) == 0 && c.marks["groups."+w.Group] == nil {
		c.at(at+".group", Fault, fmt.Sprintf("there is no group %q (%s)", w.Group, c.groupsMeant(w.Group)))
	}
	c.actor(at+".role", w.Role)
	c.actor(at+".user", w.User)
	if strings.HasPrefix(w.Service, "!") {
		c.at(at+".service", Fault, "only lists can leave something out with \"!\", and service is none")
	}
	if w.Account != "" {
		c.accountID(at+".account", w.Account)
		c.known(at+".account", w.Account)
	}
	for i, kind := range w.Kind {
		c.oneOf(fmt.Sprintf("%s.kind[%d]", at, i), cmp.Or(kind, "?"), "kind", kinds)
	}
	if w.RoleID != "" && (!strings.HasPrefix(w.RoleID, "AROA") || !narrow(w.RoleID)) {
		c.at(at+".role_id", Fault, fmt.Sprintf("%q is no id of a role: those begin with AROA, and are no patterns", w.RoleID))
	}
	if w.SSO != nil {
		c.glob(at+".sso.permission_set", w.SSO.PermissionSet)
	}
	if w.SSO != nil && w.SSO.Account != "" {
		c.accountID(at+".sso.account", w.SSO.Account)
		c.known(at+".sso.account", w.SSO.Account)
	}
	c.howWide(at, r)
}

func (c *checker) groupsMeant(name string) string {
	var names []string
	for group := range c.policy.Groups {
		names = append(names, group)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "the file has no groups"
	}
	return meant(name, names)
}

// howWide refuses rules that are about everybody. To deny everybody is fine, if that is
// what the file says.
func (c *checker) howWide(at string, r *Rule) {
	w := &r.Who
	conditions := c.policy.whoConditions(w)
	switch {
	case c.marks[at] == nil:
	case w.Any && (len(conditions) > 0):
		c.at(at+".any", Fault, "any: true is everybody: leave it out where there are other conditions")
	case w.Any && r.Effect == "allow":
		c.at(at+".any", Fault, "a rule that allows everybody expects everything: name a role, a group, an account or a kind")
	case !w.Any && len(conditions) == 0:
		c.at(at, Fault, "who is empty: name a role, user, group, sso, service, account or kind (to deny everybody write any: true)")
	case r.Effect == "allow":
		c.wildcards(at, w)
		c.nameAlone(at, w)
	}
}

// wildcards refuses patterns in an allow rule that everybody matches.
func (c *checker) wildcards(at string, w *Who) {
	refuse := func(path, pattern string) {
		if pattern != "" && strings.Trim(pattern, "*:/") == "" {
			c.at(path, Fault, fmt.Sprintf("%q is everybody: name an account and a path at least", pattern))
		}
	}
	if s := w.SSO; s != nil && s.Account == "" && strings.Trim(s.PermissionSet, "*") == "" && len(s.Persons) == 0 {
		c.at(at+".sso", Fault, "that is everybody who comes through Identity Center: name a permission_set or persons")
	}
	refuse(at+".role", w.Role)
	refuse(at+".user", w.User)
	refuse(at+".service", w.Service)
	for i, g := range c.policy.Groups[w.Group] {
		refuse(fmt.Sprintf("groups.%s[%d]", w.Group, i), g)
	}
}

// nameAlone warns of rules that hold for whoever takes a name: session names are their
// callers' to choose, and so are the names of people where they come from those.
func (c *checker) nameAlone(at string, w *Who) {
	told := w.Group != "" || w.Role != "" || w.RoleID != "" || w.User != "" || w.Service != "" || w.Account != "" || w.SSO != nil
	if !told && len(w.Persons)+len(w.Session) > 0 {
		c.at(at, Warning, "a name alone tells nobody: who assumes a role can choose it. Add the role, sso or account it comes with")
	}
}
