package unexpected

import (
	"fmt"
	"io"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

// RenderExplained tells what a policy says of an event, rule by rule: those that speak of
// it first.
func RenderExplained(w io.Writer, all []Explained, v View) error {
	t := newText(nil, v)
	for i := range all {
		if i > 0 {
			t.WriteString("\n")
		}
		t.explained(&all[i])
	}
	_, err := io.WriteString(w, t.String())
	return err
}

func (t *text) explained(e *Explained) {
	touch := e.Touch
	g := newGroup(touch, e.Verdict, policy.Table{})
	what := queries.Clean(touch.EventName + " " + touch.Op)
	if touch.ErrorCode != "" {
		what += " " + queries.Clean(touch.Outcome+" "+touch.ErrorCode)
	}
	t.line(0, fmt.Sprintf("%s  %s  %s  %s  %s", queries.Clock(touch.EventTime), g.who(), what, tableLabel(touch.TableARN, touch.TableName), words(int64(e.Touches), "touch", "touches")), t.view.Look.Heading)
	t.line(2, e.verdict(), nil)
	for _, speaks := range []bool{true, false} {
		for _, x := range e.Rules {
			if x.Speaks == speaks {
				t.rule(&x)
			}
		}
	}
}

func (e *Explained) verdict() string {
	switch e.Verdict.Effect {
	case policy.Allowed:
		return "Expected: " + ruleText(e.Verdict.Rule)
	case policy.Denied:
		return "Forbidden: " + ruleText(e.Verdict.Rule)
	case policy.Expired:
		return "Not expected any more: " + ruleText(e.Verdict.Rule) + ", last day " + e.Verdict.Rule.Expires
	}
	switch {
	case e.Service != "":
		return "Expected without a rule: that is what " + queries.Clean(e.Service) + " is there for"
	case e.Lapsed != nil:
		return "Nobody expects it: " + ruleText(e.Lapsed) + " did until " + e.Lapsed.Expires
	}
	return "Nobody expects it: no rule speaks of it"
}

func (t *text) rule(x *policy.Explanation) {
	does := "does not speak of it"
	if x.Speaks {
		does = map[policy.Effect]string{policy.Allowed: "allows it", policy.Denied: "forbids it", policy.Expired: "is over", policy.None: "is over"}[x.Effect]
	}
	var why []string
	for _, s := range x.Why {
		why = append(why, queries.Short(s))
	}
	t.line(4, fmt.Sprintf("%s %s: %s", x.Rule.ID, does, orElse(strings.Join(why, "; "), "it is about everybody and everything")), nil)
}
