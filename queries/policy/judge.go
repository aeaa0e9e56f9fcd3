package policy

import (
	"slices"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// Judge says what the rules have to say of a touch: a deny rule that speaks of it, else an
// allow rule, else one that did until lately ([Defaults] Grace). Safe for concurrent
// use; it keeps nothing of the touch.
func (p *Policy) Judge(t *schema.Touch) Verdict {
	v := Verdict{Effect: None}
	if p == nil {
		return v
	}
	for _, r := range p.compiled.cache.rules(t) {
		over := r.over(t)
		if over >= p.compiled.grace || !r.holds(r.passing, t) {
			continue
		}
		switch {
		case r.Effect == "deny" && over < 0:
			return Verdict{Denied, r.Rule}
		case r.Effect != "allow":
		case over < 0 && v.Effect != Allowed:
			v = Verdict{Allowed, r.Rule}
		case over >= 0 && v.Effect == None:
			v = Verdict{Expired, r.Rule}
		}
	}
	return v
}

// Lapsed is the allow rule that would still expect a touch, had its time not been over
// for longer than the grace; nil when there is none.
func (p *Policy) Lapsed(t *schema.Touch) *Rule {
	if p == nil {
		return nil
	}
	for _, r := range p.compiled.cache.rules(t) {
		if r.Effect == "allow" && r.over(t) >= p.compiled.grace && r.holds(r.passing, t) {
			return r.Rule
		}
	}
	return nil
}

// over is how long a rule had been over at the time of a touch, in microseconds; less than
// 0 while it was not.
func (r *compiledRule) over(t *schema.Touch) int64 {
	if t.EventTime < r.ends {
		return -1
	}
	return t.EventTime - r.ends
}

func (*compiledRule) holds(conditions []condition, t *schema.Touch) bool {
	for i := range conditions {
		if !conditions[i].is(t) {
			return false
		}
	}
	return true
}

// Ends is the first moment in which a rule is over, microseconds since 1970; it is
// math.MaxInt64 for one without an end.
func (p *Policy) Ends(r *Rule) int64 { return endOf(r.Expires, p.compiled.zone) }

// columns that a verdict can depend on.
var columns = []string{
	"event_time", "event_name", "op", "table_arn", "aws_region",
	"actor", "actor_name", "actor_kind", "principal_id", "principal_account_id", "session_name", "invoked_by",
	"source_ip", "vpc_endpoint_id",
}

// Columns are the names of the columns that [Policy.Judge] and [Policy.Explain] look at.
func (p *Policy) Columns() []string {
	if p == nil {
		return nil
	}
	if slices.ContainsFunc(p.Rules, func(r Rule) bool { return len(r.Where.ExportBuckets) > 0 }) {
		return append(slices.Clone(columns), "request_parameters")
	}
	return columns
}

// MaxLifetime is how long a rule may last: 365 days unless the policy says otherwise.
func (p *Policy) MaxLifetime() time.Duration {
	if p != nil {
		if longest, ok := parseLength(p.Defaults.MaxLifetime); ok {
			return longest
		}
	}
	return 365 * 24 * time.Hour
}
