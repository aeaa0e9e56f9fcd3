package queries

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// climb is a session being followed to whom it was given, and further up.
type climb struct {
	rows      []*Row
	who       schema.Touch  // who acts at this link: the columns that say who
	at        int64         // the session existed then
	proof     *schema.Touch // gave the session
	signIn    *schema.Touch // opened a console with it
	byARN     bool          // proof is of a session of this name, not of this very key
	links     []Link        // from the touch upwards
	certainty Certainty     // of the links so far
	notes     []string
	names     []string // persons that sessions along the way name
	source    string   // source identity, set once in a chain
	sourceIs  Certainty
	rivals    int // callers who opened sessions of that name, where it is not by key
	ended     bool
	linked    bool // who is in links
	seen      map[string]bool
}

// wantsProof reports whether there may be an event that gave this session.
func (c *climb) wantsProof() bool {
	w := &c.who
	switch {
	case c.ended:
		return false
	case w.InScopeOf != "", serviceLinked(w):
		return false
	case w.PrincipalType == "AssumedRole", w.PrincipalType == "FederatedUser":
		return true
	}
	return strings.HasPrefix(w.AccessKeyID, "ASIA") || w.PrincipalType == "IAMUser" && w.Console == schema.True
}

// wantsName reports whether to look for events by the session's name, too. A program
// has thousands of sessions of one name, which would prove nothing.
func (c *climb) wantsName() bool {
	return c.who.Console == schema.True || c.proof == nil && (c.who.ActorKind != schema.ActorService || endOf(&c.who).final)
}

// byKey picks, of the events that gave this access key, the one that says most of
// who it was given to.
func (c *climb) byKey(events []*schema.Touch) *schema.Touch {
	c.byARN = false
	var best *schema.Touch
	for _, t := range events {
		if !c.seen[t.EventID] && (best == nil || compareProofs(t, best) < 0) {
			best = t
		}
	}
	return best
}

// byName looks at the events that opened sessions of this name before the touch. Of
// sign-ins the last one is noted; of the others it is the proof, where no event gave
// the very key. That is how console sessions are found, and those of Identity Center:
// their calls are signed with other keys than the one that STS gave.
func (c *climb) byName(events []*schema.Touch) {
	var opened *schema.Touch
	callers := map[string]bool{}
	for _, t := range events {
		switch {
		case c.seen[t.EventID] || t.EventTime > c.at || t.EventTime < c.at-lifetime:
		case signsIn(t):
			c.signIn = later(c.signIn, t)
		default:
			opened = later(opened, t)
			if by := callerOf(t).Actor; by != c.who.Actor { // else it took itself to the console
				callers[by] = true
			}
		}
	}
	if c.proof == nil {
		c.proof, c.byARN, c.rivals = opened, true, len(callers)
	}
}

// up takes the climb over its proof to the caller who was given the session, or
// ends it: where this identity says itself who is behind it, or nothing was found.
func (c *climb) up() {
	c.observe()
	end := endOf(&c.who)
	c.link()
	p := c.proof
	if c.ended = p == nil; c.ended {
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[p.EventID] = true
	if c.byARN && !end.final {
		c.certainty = min(c.certainty, nameProof(&c.who, p))
		if c.rivals > 1 {
			c.note("%d callers opened sessions named %s within 36 hours", c.rivals, quoted(c.who.SessionName))
			c.certainty = min(c.certainty, Claim)
		}
	}
	caller := callerOf(p)
	if end.final && p.EventName != "AssumeRoot" { // whose session is a root user's
		if caller.PrincipalType == "SAMLUser" {
			c.names = append(c.names, caller.UserName)
		}
		c.ended = true
		return
	}
	c.who, c.at, c.proof, c.signIn, c.linked = caller, p.EventTime, nil, nil, false
}

// observe notes whom the identity names.
func (c *climb) observe() {
	if c.source == "" {
		c.source, c.sourceIs = c.who.SourceIdentity, min(Strong, c.certainty)
	}
	if schema.PersonShaped(c.who.SessionName) {
		c.names = append(c.names, c.who.SessionName)
	}
}

// link adds the identity to the chain, with what proves it.
func (c *climb) link() {
	c.links = append(c.links, Link{Who: label(&c.who), ID: c.who.Actor, Kind: c.who.ActorKind, Given: proofOf(c.proof), SignIn: proofOf(c.signIn)})
	c.linked = true
}

func (c *climb) note(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(c.notes, s) {
		c.notes = append(c.notes, s)
	}
}

// settle says who is at the beginning of the chain.
func (c *climb) settle() *Lineage {
	c.observe()
	if !c.linked {
		c.link()
	}
	end := endOf(&c.who)
	l := &Lineage{Person: end.person, Program: end.program, Certainty: min(end.certainty, c.certainty), Why: end.why}
	switch {
	case c.source != "" && (!end.final || c.sourceIs > l.Certainty):
		if end.final && end.person != "" && !samePerson(end.person, c.source) {
			c.note("a session of the same name was given to %s", quoted(end.person))
		}
		l.Person, l.Program, l.Certainty, l.Why = c.source, "", c.sourceIs, "source identity"
	case end.final && c.certainty < end.certainty:
		l.Why += ", by the name of a session and not by its key"
	}
	if !end.final {
		l.Missing = c.missing()
	}
	c.contradictions(l)
	slices.Reverse(c.links)
	l.Chain, l.Notes = c.links, c.notes
	return l
}

// missing says what the lake would need to say more.
func (c *climb) missing() string {
	switch w := &c.who; {
	case w.PrincipalType == "AWSAccount":
		return fmt.Sprintf("the caller belongs to account %s, and that account's record of the call is not in the lake", quoted(w.PrincipalAccountID))
	case c.wantsProof(): // and the last scan was made
		return fmt.Sprintf("the chain is longer than %d sessions", maxDepth)
	default:
		account := cmp.Or(w.PrincipalAccountID, w.RecipientAccountID, "unknown")
		return fmt.Sprintf("the event that gave %s its session is not in the lake: management events of account %s may not be logged, or not those of %s",
			label(w), quoted(account), schema.DayString(schema.DayOf(c.at)))
	}
}

// contradictions notes who else is named along the chain.
func (c *climb) contradictions(l *Lineage) {
	if l.Person+l.Program != "" && c.source != "" && !samePerson(l.Person, c.source) {
		c.note("the session's source identity says %s", quoted(c.source))
	}
	for _, name := range c.names {
		if l.Person+l.Program != "" && !samePerson(l.Person, name) && !samePerson(c.source, name) {
			c.note("a session name says %s", quoted(name))
		}
	}
}

// samePerson takes ann and Ann@example.com for one, but not two addresses.
func samePerson(a, b string) bool {
	if strings.Contains(a, "@") != strings.Contains(b, "@") {
		a, _, _ = strings.Cut(a, "@")
		b, _, _ = strings.Cut(b, "@")
	}
	return strings.EqualFold(a, b)
}
