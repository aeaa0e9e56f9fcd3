package queries

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// Certainty says how far an attribution can be relied on.
type Certainty uint8

// From worst to best. A chain is as certain as its weakest link.
const (
	Unknown Certainty = iota
	Claim             // a name that the caller chose, or another session of the same name
	Strong            // a user's own credentials, a source identity, an identity provider's word
	Certain           // AWS says so, link by link
)

func (c Certainty) String() string { return [...]string{"unknown", "claim", "strong", "certain"}[c] }

// Lineage is who is behind a session, as far as the lake shows.
type Lineage struct {
	Person    string // empty: nobody known, or no person at all
	Program   string // the service, pipeline or pod at the beginning, where it is no person; quoted where its name needs it
	Certainty Certainty
	Why       string   // in words, for Certainty
	Chain     []Link   // from the beginning to the session that touched
	Notes     []string // what contradicts or weakens it
	Missing   string   // what the lake would need to say more; empty when the chain is whole
}

// Link is one identity of a chain, and what in the lake proves its session.
type Link struct {
	Who    string // role/Deploy, sso/Admin, user/ann
	ID     string // the actor's stable id
	Kind   string // one of the actor kinds
	Given  Proof  // how the session was given; zero: not in the lake, or no session
	SignIn Proof  // how its user signed in to the console, if that is in the lake
}

// maxDepth is how many sessions are followed up a chain.
const maxDepth = 5

// Follow finds who is behind the session of each row of an answer, and notes it in
// the rows. The answer must have the columns ([Columns]) of a question with
// FollowRole set.
//
// It reads the lake's rows about sessions and nothing else: a scan or two for each
// link of the longest chain, whatever the number of rows.
func Follow(ctx context.Context, l reader.Lake, a *Answer) error {
	climbs := climbsOf(a)
	if err := joinCallers(ctx, l, climbs); err != nil {
		return err
	}
	for range maxDepth {
		var open []*climb
		for _, c := range climbs {
			if c.wantsProof() {
				open = append(open, c)
			}
		}
		if len(open) == 0 {
			break
		}
		if err := climbOnce(ctx, l, open); err != nil {
			return err
		}
	}
	for _, c := range climbs {
		lineage := c.settle()
		for _, r := range c.rows {
			r.Lineage = lineage
		}
	}
	return nil
}

// climbOnce takes each climb one link up, or to its end. The keys are looked for
// first; names only of sessions whose key nobody is seen to have been given, and of
// those in the console, for the sign-in.
func climbOnce(ctx context.Context, l reader.Lake, open []*climb) error {
	given, err := sessionsGiven(ctx, l, open, func(c *climb) string { return c.who.AccessKeyID })
	if err != nil {
		return err
	}
	var named []*climb
	for _, c := range open {
		if c.proof = c.byKey(given[c.who.AccessKeyID]); c.wantsName() {
			named = append(named, c)
		}
	}
	given, err = sessionsGiven(ctx, l, named, func(c *climb) string { return c.who.PrincipalARN })
	if err != nil {
		return err
	}
	for _, c := range named {
		c.byName(given[c.who.PrincipalARN])
	}
	if err := joinCopies(ctx, l, open); err != nil {
		return err
	}
	for _, c := range open {
		c.up()
	}
	return nil
}

// climbsOf groups an answer's rows by session.
func climbsOf(a *Answer) []*climb {
	climbs, known := []*climb{}, map[sessionID]*climb{}
	for _, rows := range a.groups() {
		for i := range rows {
			r := &rows[i]
			id := sessionOf(r)
			c := known[id]
			if c == nil {
				c = &climb{who: r.Touch, at: r.EventTime, certainty: Certain}
				known[id] = c
				climbs = append(climbs, c)
			}
			c.at = min(c.at, r.EventTime)
			c.rows = append(c.rows, r)
		}
	}
	return climbs
}

// sessionID tells sessions apart.
type sessionID struct {
	account, kind, id, arn, issuer, key, source, user, scope, service, shared string
	console                                                                   schema.Tri
}

func sessionOf(r *Row) sessionID {
	id := sessionID{r.RecipientAccountID, r.PrincipalType, r.PrincipalID, r.PrincipalARN, r.IssuerARN, r.AccessKeyID,
		r.SourceIdentity, r.OnBehalfOf, r.InScopeOf, r.InvokedBy, "", r.Console}
	if r.PrincipalType == "AWSAccount" {
		id.shared = r.SharedEventID // each call has its own copy
	}
	return id
}

// HasSessions reports whether a lake has any event that gave a session.
func HasSessions(ctx context.Context, l reader.Lake) (bool, error) {
	found := errors.New("found")
	q := sessionQuery(0, 0)
	q.Columns = []int{}
	_, err := reader.Scan(ctx, l, q, func(arrow.Record, schema.Partition) error { return found })
	if errors.Is(err, found) {
		return true, nil
	}
	return false, err
}

// Followed counts the lineages of an answer that rest on an event of the lake, and
// those that lack one.
func (a *Answer) Followed() (proven, open int) {
	for _, l := range a.lineages() {
		if slices.ContainsFunc(l.Chain, func(link Link) bool { return link.Given != Proof{} || link.SignIn != Proof{} }) {
			proven++
		}
		if l.Missing != "" {
			open++
		}
	}
	return proven, open
}
