package compliance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// maxCallers bounds the principals that are told apart.
const maxCallers = 50_000

// caller is a principal that made calls.
type caller struct {
	callerKey
	name         string
	severalNames bool // name is the least of them
	breakGlass   bool
	touches      int64
	calls        int64
	first, last  int64
	hours        [24]int64 // touches by hour of the day, UTC
	console      int64     // touches
	mfa          [3]int64  // touches by [schema.Tri], of sessions that tell
	how          attested
	networks     labels
	programs     labels
}

// callerKey tells principals apart: a role that people and programs use is two.
type callerKey struct{ principal, kind string }

// callerIndex gives principals numbers. Those that are not told apart are one for each kind.
type callerIndex struct {
	list   []*caller
	of     map[callerKey]int32
	policy *policy.Policy
	full   bool
}

func newCallerIndex(p *policy.Policy) callerIndex {
	return callerIndex{of: map[callerKey]int32{}, policy: p}
}

func (x *callerIndex) number(e *detect.Event) int32 {
	key := callerKey{e.Principal, e.ActorKind}
	if n, known := x.of[key]; known {
		return n
	}
	if len(x.list) >= maxCallers {
		return x.others(e.ActorKind)
	}
	key = callerKey{strings.Clone(key.principal), strings.Clone(key.kind)}
	x.of[key] = int32(len(x.list))
	x.list = append(x.list, &caller{callerKey: key, breakGlass: x.policy.IsBreakGlass(e.Touch)})
	return x.of[key]
}

// others stands for principals of a kind that are not told apart.
func (x *callerIndex) others(kind string) int32 {
	x.full = true
	key := callerKey{"", kind}
	n, known := x.of[key]
	if !known {
		n = int32(len(x.list))
		key.kind = strings.Clone(kind)
		x.of[key] = n
		x.list = append(x.list, &caller{callerKey: key, name: others})
	}
	return n
}

const hourMicros = 3600 * 1_000_000

func (c *caller) add(e *detect.Event, newCall bool) {
	if c.touches == 0 || e.EventTime < c.first {
		c.first = e.EventTime
	}
	c.last = max(c.last, e.EventTime)
	c.touches++
	if newCall {
		c.calls++
	}
	c.hours[uint64(e.EventTime)/hourMicros%24]++
	if e.Console == schema.True {
		c.console++
	}
	if e.MFA == schema.True || tellsMFA(e.Touch) {
		c.mfa[e.MFA]++
	}
	c.call(e.ActorName)
	c.how |= attestedBy(e.Touch)
	c.networks.add(e.VPCEndpointID, e.SourceIP, queries.Network)
	c.programs.add("", e.UserAgent, program)
}

func program(_, agent string) string { return queries.Program(agent) }

// tellsMFA reports whether a session without a second factor says so. Others say no whatever
// their identity provider asked for.
func tellsMFA(t *schema.Touch) bool { return t.PrincipalType == "IAMUser" || t.PrincipalType == "Root" }

// call notes a name: of several the least stays.
func (c *caller) call(name string) {
	if name == c.name || c.name == others {
		return
	}
	if c.touches > 1 {
		c.severalNames = true
	}
	if c.touches == 1 || name < c.name {
		c.name = strings.Clone(name)
	}
}

// label is what a person would call the principal.
func (c *caller) label() string {
	name := cmp.Or(c.name, c.principal, "unknown")
	if c.severalNames {
		name += " and others"
	}
	return name
}

// person reports whether it is a human, root, or somebody who may be either.
func (c *caller) person() bool { return isPersonal(c.kind) }

func isPersonal(kind string) bool {
	return kind == schema.ActorHuman || kind == schema.ActorRoot || kind == schema.ActorUnknown
}

// kinds are the kinds of principals, people and those who may be people first.
var kinds = []string{schema.ActorRoot, schema.ActorHuman, schema.ActorUnknown, schema.ActorExternal, schema.ActorService, schema.ActorAWS}

// sorted are the numbers of the principals that made calls: people first, then those of
// other kinds, of each the busiest first.
func (x *callerIndex) sorted() (numbers []int32) {
	for n, c := range x.list {
		if c.touches > 0 {
			numbers = append(numbers, int32(n))
		}
	}
	slices.SortFunc(numbers, x.compare)
	return numbers
}

func (x *callerIndex) compare(a, b int32) int {
	c, d := x.list[a], x.list[b]
	return cmp.Or(cmp.Compare(slices.Index(kinds, c.kind), slices.Index(kinds, d.kind)), cmp.Compare(d.touches, c.touches),
		cmp.Compare(c.principal, d.principal), cmp.Compare(c.kind, d.kind))
}

// mfaText says whether the sessions were opened with a second factor.
func (c *caller) mfaText() string {
	yes, no := c.mfa[schema.True], c.mfa[schema.False]
	switch {
	case yes > 0 && no > 0:
		return "some"
	case yes > 0:
		return "yes"
	case no > 0:
		return "no"
	}
	return "not told"
}
