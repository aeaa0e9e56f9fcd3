package unexpected

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries"
)

// rules tells what to tidy up in the policy.
func (t *text) rules() {
	a := t.answer
	if a.Judged == 0 { // which says nothing about any rule
		return
	}
	var used, idle, never, narrow []string
	for i := range a.Rules {
		u := &a.Rules[i]
		switch {
		case u.Over && u.Late > 0:
			used = append(used, fmt.Sprintf("%s (last day %s, %s since, the last at %s)", u.Rule.ID, u.Rule.Expires, words(u.Late, "touch", "touches"), queries.Clock(u.LastUse)))
		case u.Over:
			idle = append(idle, fmt.Sprintf("%s (last day %s)", u.Rule.ID, u.Rule.Expires))
		case u.Unused():
			never = append(never, u.Rule.ID)
		case u.wide() && u.OnlyWho != "":
			narrow = append(narrow, u.Rule.ID+" (by "+queries.Short(u.OnlyWho)+")")
		}
	}
	if len(used)+len(idle)+len(never)+len(narrow) == 0 {
		return
	}
	t.WriteString("\n" + t.view.Look.Heading("RULES") + "\n")
	if len(used) > 0 {
		t.line(2, "Over and still used, to be renewed or the access taken away: "+strings.Join(used, ", ")+".", nil)
	}
	if len(idle) > 0 {
		t.line(2, "Over and not used since, to be removed: "+strings.Join(idle, ", ")+".", nil)
	}
	if len(never) > 0 {
		t.line(2, fmt.Sprintf("Decided nothing in %s (the lake has %s to %s): %s.", a.Span, a.Reach.First, a.Reach.Last, strings.Join(never, ", ")), nil)
	}
	if len(narrow) > 0 {
		t.line(2, "About many, and used by one alone: "+strings.Join(narrow, ", ")+".", nil)
	}
}

// wide reports whether a rule is about more than one role or person.
func (u *RuleUse) wide() bool {
	w := &u.Rule.Who
	exact := func(s string) bool { return s != "" && !strings.ContainsAny(s, "*?") }
	return u.Rule.Effect == "allow" && !exact(w.Role) && !exact(w.User) && !exact(w.Service) && w.RoleID == "" &&
		!(len(w.Persons) == 1 && exact(w.Persons[0])) && !(w.SSO != nil && len(w.SSO.Persons) == 1 && exact(w.SSO.Persons[0]))
}

// someOf lists a few texts, made clean, and counts the rest.
func someOf(texts []string) string {
	const most = 5
	shown := make([]string, 0, most)
	for _, s := range texts[:min(len(texts), most)] {
		shown = append(shown, queries.Short(s))
	}
	s := strings.Join(shown, ", ")
	if more := len(texts) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func count(n int64, thing string) string { return words(n, thing, thing+"s") }

func words(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return humanize.Comma(n) + " " + many
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// shellSafe reports whether a text from the log may stand in a command to paste.
func shellSafe(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_./:=@%+,", r)
	})
}

// quoted is an argument for a shell.
func quoted(s string) string {
	if shellSafe(s) {
		return s
	}
	return "'" + strings.ReplaceAll(queries.Clean(s), "'", `'\''`) + "'"
}
