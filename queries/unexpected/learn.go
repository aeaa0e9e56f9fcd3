package unexpected

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Learned are rules that were seen to be missing, for people to review.
type Learned struct {
	Proposals []Proposal // by id
	Left      []LeftOut  // what nothing was proposed for, and why, by how much it was
	Span      queries.Span
}

// Proposal is a rule that would allow what was seen.
type Proposal struct {
	Rule    policy.Rule
	Touches int64
	Days    int // on which it was seen
	// ManyNetworks: it came from too many networks to name them.
	ManyNetworks bool
}

// LeftOut is why some access is not proposed.
type LeftOut struct {
	Why     string
	Touches int64
}

// learnable are the classes that rules are proposed for. Who stops a trail, or does what
// nobody can tell, is for people to say.
var learnable = append([]string{schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpScale}, itemWork...)

// Learn proposes rules from calls of a span that succeeded and that the policy, which may
// be nil, does not allow. Same lake, same policy and same day: the same rules. They
// are to be created on that day.
func Learn(ctx context.Context, l reader.Lake, q Question, created time.Time) (*Learned, error) {
	held, err := holdingsOf(ctx, l, q.Table)
	if err != nil {
		return nil, err
	}
	learner := &learner{policy: q.Policy, most: cmp.Or(q.MaxGroups, DefaultMaxGroups), access: map[accessKey]*access{}, left: map[string]int64{}}
	span := held.span(q.From, q.To)
	query := reader.Query{From: span.From, To: span.To, Columns: columnsOf(q.Policy, gatherColumns),
		Where: []reader.Condition{{Column: schema.ColumnIndex("outcome"), AnyOf: []string{schema.OutcomeOK}}}}
	if err := held.scan(ctx, l, query, q.Progress, learner.touch); err != nil {
		return nil, err
	}
	learned := learner.proposals(created)
	learned.Span = span
	return learned, nil
}

// LastDays is the span of the last so many days of a lake, before to where that is not 0.
func LastDays(ctx context.Context, l reader.Lake, table string, days int, to int64) (queries.Span, error) {
	if to == 0 {
		var last int32
		held, err := holdingsOf(ctx, l, table)
		if err != nil {
			return queries.Span{}, err
		}
		for day := range held.partitions {
			last = max(last, day)
		}
		to = int64(last+1) * dayMicros
	}
	return queries.Span{From: to - int64(days)*dayMicros, To: to}, nil
}

// accessKey is who does what to which table.
type accessKey struct{ actor, person, kind, arn, op string }

// access is how it was seen.
type access struct {
	touches  int64
	days     map[int32]struct{}
	networks map[string]struct{}
	many     bool // networks
}

type learner struct {
	policy *policy.Policy
	most   int
	access map[accessKey]*access
	left   map[string]int64
}

func (l *learner) touch(t *schema.Touch, p schema.Partition) error {
	if t.Plane == schema.PlaneInsight || !slices.Contains(learnable, t.Op) {
		return nil
	}
	v := l.policy.Judge(t)
	if v.Effect == policy.Allowed || v.Effect == policy.Denied || dutifulService(t) != "" {
		return nil
	}
	if why := l.unlearnable(t, v); why != "" {
		l.left[why]++
		return nil
	}
	k := accessKey{actor: t.Actor, kind: t.ActorKind, arn: t.TableARN, op: t.Op}
	if t.ActorKind == schema.ActorHuman {
		k.person = t.ActorName
	}
	a := l.access[k]
	if a == nil {
		if len(l.access) == l.most {
			return fmt.Errorf("more than %d different ways to use tables in that time: learn from fewer days, or from one TABLE", l.most)
		}
		for _, s := range []*string{&k.actor, &k.person, &k.kind, &k.arn, &k.op} {
			*s = strings.Clone(*s)
		}
		a = &access{days: map[int32]struct{}{}, networks: map[string]struct{}{}}
		l.access[k] = a
	}
	a.touches++
	a.days[p.Day] = struct{}{}
	a.network(queries.Network(t.VPCEndpointID, t.SourceIP))
	return nil
}

func (a *access) network(n string) {
	if _, known := a.networks[n]; known || a.many || n == "" {
		return
	}
	if len(a.networks) == maxSeen {
		a.many = true
		return
	}
	a.networks[strings.Clone(n)] = struct{}{}
}

// unlearnable says why no rule is proposed for a touch.
func (l *learner) unlearnable(t *schema.Touch, v policy.Verdict) string {
	mayBeHuman := t.ActorKind == schema.ActorHuman || t.ActorKind == schema.ActorUnknown
	table := l.policy.TableOf(t.TableARN)
	switch {
	case v.Effect == policy.Expired:
		return "a rule did until lately: renew that, or take the access away"
	case t.ActorKind == schema.ActorRoot:
		return "root is nobody's daily work"
	case t.ActorKind == schema.ActorExternal:
		return "another account's: name it under partners first, then write the rule"
	case t.TableARN == "":
		return "of no table that is known"
	case mayBeHuman && (table.Protected || table.AtLeast("restricted")):
		return "people on protected tables: somebody has to decide that"
	case !nameable(t):
		return "of callers that no rule can name"
	}
	return ""
}

// nameable reports whether a rule can name who made a touch, and nobody else: texts from
// the log with signs of patterns in them cannot be written as such.
func nameable(t *schema.Touch) bool {
	plain := func(s string) bool { return s != "" && !strings.ContainsAny(s, "*?!") }
	role := strings.Contains(t.Actor, ":role/") || strings.Contains(t.Actor, ":user/")
	return plain(t.TableARN) && (t.ActorKind != schema.ActorHuman || plain(t.ActorName)) &&
		(strings.HasPrefix(t.Actor, "arn:") && role && plain(t.Actor) || t.PrincipalType == "AWSService" && plain(t.Actor))
}
