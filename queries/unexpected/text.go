package unexpected

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// text is an answer for people, being written.
type text struct {
	strings.Builder
	answer *Answer
	view   View
}

func newText(a *Answer, v View) *text { return &text{answer: a, view: v} }

// line writes a text from the log or about it, wrapped below its indent.
func (t *text) line(indent int, s string, paint func(string) string) {
	pad := strings.Repeat(" ", indent)
	width := t.view.Look.Width
	if width > 0 {
		width = max(20, width-indent)
	}
	for part := range strings.SplitSeq(queries.Wrap(s, width), "\n") {
		if paint != nil {
			part = paint(part)
		}
		t.WriteString(pad + part + "\n")
	}
}

var headings = map[section]string{
	forbidden:         "FORBIDDEN BY A RULE",
	peopleOnProtected: "PEOPLE, OR WHO MAY BE PEOPLE, ON PROTECTED TABLES",
	nobodys:           "EXPECTED BY NOBODY",
}

func (t *text) whole(groups []*Group) string {
	a, look := t.answer, t.view.Look
	when := "Nothing"
	if a.Reach.First != "" {
		when = a.Span.String()
	}
	t.line(0, fmt.Sprintf("%s, judged by %s: %s, SHA-256 %.12s", when, queries.Clean(t.view.Policy), count(int64(len(a.Question.Policy.Rules)), "rule"), a.Question.Policy.SHA256), nil)
	listed := groups
	if t.view.Limit > 0 && len(listed) > t.view.Limit {
		listed = listed[:t.view.Limit]
	}
	at := section(-1)
	for _, g := range listed {
		if s := g.section(); s != at {
			at = s
			t.WriteString("\n" + look.Heading(headings[s]) + "\n")
		}
		t.group(g)
	}
	t.WriteString("\n")
	t.closing(len(groups), len(listed))
	t.rules()
	for _, line := range a.Gaps.Lines(look) {
		t.WriteString(line + "\n")
	}
	return t.String()
}

func (t *text) group(g *Group) {
	paint := t.view.Look.Warning
	if g.Severity >= schema.SeverityHigh {
		paint = t.view.Look.Alarm
	}
	if g.AttemptsOnly() {
		paint = nil
	}
	t.line(2, fmt.Sprintf("%s  %s  %s  %s  %s", g.Severity, g.who(), tableLabel(g.TableARN, g.TableName), queries.Clean(g.Op), g.howOften()), paint)
	if why := g.why(); why != "" {
		t.line(6, why, nil)
	}
	t.line(6, g.seen(), nil)
}

// who is a name, the role behind it and the kind.
func (g *Group) who() string {
	label, name := queries.ActorLabel(g.Actor), queries.Short(g.ActorName)
	s := label
	if g.ActorKind == schema.ActorHuman && name != "" && name != label {
		s = name + " as " + label
	}
	return s + " (" + queries.Clean(g.ActorKind) + ")"
}

func (g *Group) howOften() string {
	var parts []string
	if g.Calls > 0 {
		parts = append(parts, count(g.Calls, "call"))
		if g.Touches != g.Calls {
			parts = append(parts, words(g.Touches, "touch", "touches"))
		}
	}
	if g.Denied > 0 {
		parts = append(parts, humanize.Comma(g.Denied)+" denied")
	}
	if g.Failed > 0 {
		parts = append(parts, humanize.Comma(g.Failed)+" failed")
	}
	return strings.Join(parts, ", ")
}

// why is what the policy says, where it says anything.
func (g *Group) why() string {
	switch r := g.Verdict.Rule; {
	case g.Verdict.Effect == policy.Denied:
		return "forbidden by " + ruleText(r)
	case g.Verdict.Effect == policy.Expired:
		return fmt.Sprintf("%s expected it until its last day, %s; owner %s", ruleText(r), r.Expires, queries.Clean(orElse(r.Owner, "unknown")))
	case g.Lapsed != nil:
		return fmt.Sprintf("%s would allow it, and ended on %s", ruleText(g.Lapsed), g.Lapsed.Expires)
	}
	return queries.Clean(g.Table.Care())
}

func ruleText(r *policy.Rule) string {
	if r.Reason == "" {
		return r.ID
	}
	return fmt.Sprintf("%s (%s)", r.ID, queries.Short(r.Reason))
}

// seen is when, from where and by what, and an event to look up.
func (g *Group) seen() string {
	s := queries.Clock(g.First)
	if g.Last != g.First {
		s += " to " + queries.Clock(g.Last)
	}
	if len(g.Networks) > 0 {
		s += ", from " + someOf(g.Networks)
	}
	if len(g.Agents) > 0 {
		s += ", by " + someOf(g.Agents)
	}
	if g.Console {
		s += ", in the console"
	}
	if len(g.Events) > 0 {
		s += ", such as event " + queries.Short(g.Events[0])
	}
	return s
}

// closing sums the groups up.
func (t *text) closing(all, listed int) {
	a := t.answer
	calls, attempts, vain := a.totals()
	switch {
	case a.Judged == 0:
		t.line(0, "The lake has no touch of that time: nothing was judged.", nil)
		return
	case calls == 0:
		t.line(0, fmt.Sprintf("Everything was expected: %s that changed something, or read a table that needs care.", words(a.Concerned, "touch", "touches")), nil)
	default:
		t.line(0, fmt.Sprintf("Nobody expected %s: %s that succeeded, out of %s that changed something or read a table that needs care; %s expected.",
			count(int64(len(a.shown(false))), "thing"), count(calls, "call"), words(a.Concerned, "touch", "touches"), humanize.Comma(a.Expected)), nil)
	}
	if listed < all {
		t.line(0, fmt.Sprintf("%s more not shown; --limit 0 shows all.", humanize.Comma(int64(all-listed))), nil)
	}
	if listed > 0 {
		t.line(0, "What each rule has to say of one event tells", nil)
		t.WriteString("  keytrail unexpected --explain EVENT-ID --policy " + quoted(t.view.Policy) + " --lake " + quoted(t.view.Lake) + "\n") // whole, to be pasted
	}
	if attempts > 0 {
		s := fmt.Sprintf("%s that nobody expected did not succeed.", count(attempts, "call"))
		if vain > 0 && !t.view.Attempts {
			s += fmt.Sprintf(" --attempts lists %s more, of which nothing did.", humanize.Comma(int64(vain)))
		}
		t.line(0, s, nil)
	}
	if len(a.Services) > 0 {
		t.line(0, "AWS services did what they are there for, which no rule has to say: "+servicesText(a.Services)+".", nil)
	}
	if a.Copies > 0 {
		t.line(0, fmt.Sprintf("%s of calls across accounts were left out: the caller's own record counts.", words(a.Copies, "copy", "copies")), nil)
	}
	if a.Inexact {
		t.line(0, "There were so many calls of many items, or across accounts, within a day that some may be counted twice.", t.view.Look.Warning)
	}
	t.ruleless()
}

func servicesText(services []ServiceWork) string {
	var parts []string
	for _, s := range services {
		parts = append(parts, queries.Clean(s.Service)+" "+words(s.Touches, "touch", "touches"))
	}
	return someOf(parts)
}

func (t *text) ruleless() {
	all := t.answer.Ruleless
	if len(all) == 0 {
		return
	}
	var names []string
	for _, p := range all {
		names = append(names, fmt.Sprintf("%s (%s, %s)", queries.Short(p.Key), queries.Clean(p.ActorKind), count(p.Calls, "call")))
	}
	t.line(0, fmt.Sprintf("No rule speaks of %s: %s.", words(int64(len(all)), "principal", "principals"), someOf(names)), nil)
}
