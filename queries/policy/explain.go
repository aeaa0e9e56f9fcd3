package policy

import (
	"fmt"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Explanation is what one rule has to say of a touch.
type Explanation struct {
	Rule *Rule
	// Speaks reports whether all its conditions hold.
	Speaks bool
	// Effect is what it makes of the touch, [None] when it does not speak of it or its time
	// is over. The verdict is a deny, else the first by id.
	Effect Effect
	// Why names the conditions that do not hold; of a rule that speaks those that
	// do, and its end where that is over.
	Why []string
}

// Explain says for each rule, by id, why it speaks of a touch or does not. Texts from the
// log in it are quoted, and may be hostile to a terminal nonetheless.
func (p *Policy) Explain(t *schema.Touch) (all []Explanation) {
	if p == nil {
		return nil
	}
	for _, r := range p.compiled.rules {
		all = append(all, p.explainRule(r, t))
	}
	return all
}

func (p *Policy) explainRule(r *compiledRule, t *schema.Touch) Explanation {
	e := Explanation{Rule: r.Rule, Effect: None}
	var holds, fails []string
	for _, conditions := range [][]condition{r.standing, r.passing} {
		for i := range conditions {
			c := &conditions[i]
			if c.is(t) {
				holds = append(holds, fmt.Sprintf("%s %s", c.key, c.want))
			} else {
				fails = append(fails, fmt.Sprintf("%s is %q, not %s", c.key, c.got(t), c.want))
			}
		}
	}
	if len(fails) > 0 {
		e.Why = fails
		return e
	}
	e.Speaks, e.Why = true, holds
	over := r.over(t)
	switch {
	case over >= 0 && (over >= p.compiled.grace || r.Effect == "deny"):
		e.Why = append(e.Why, "but its last day was "+r.Expires)
	case over >= 0:
		e.Effect = Expired
		e.Why = append(e.Why, fmt.Sprintf("but its last day was %s, %s ago", r.Expires, days(over)))
	case r.Effect == "deny":
		e.Effect = Denied
	default:
		e.Effect = Allowed
	}
	return e
}

// days is a length of time in microseconds as a person would say it.
func days(micros int64) string {
	if n := time.Duration(micros) * time.Microsecond / (24 * time.Hour); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}
