package anomalies

import (
	"fmt"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// crossAccount are calls of another account that both accounts have logged: the caller's
// names the role, the owner's the account only.
func (r *trail) crossAccount(back, n int) {
	const theirs = "999988887777"
	caller := schema.Touch{Actor: "arn:aws:iam::" + theirs + ":role/partner", ActorName: "partner", ActorKind: schema.ActorExternal, PrincipalAccountID: theirs}
	owner := schema.Touch{Actor: theirs, ActorKind: schema.ActorExternal, PrincipalAccountID: theirs}
	from := len(r.touches)
	r.do(back, n, owner, customers, schema.OpReadPoint, "GetItem")
	r.do(back, n, caller, customers, schema.OpReadPoint, "GetItem")
	for i := range r.touches[from:] {
		v := &r.touches[from+i]
		v.SharedEventID = fmt.Sprintf("%d-%d", back, i%n)
		if i >= n {
			v.RecipientAccountID = theirs
		}
	}
}

// What two accounts have logged counts once today, as it does in the history: the copies
// of every day are not more keys than ever, every day.
func TestCopiesCountOnce(t *testing.T) {
	r := quiet(t)
	for back := range 4 {
		r.crossAccount(back, 1100)
	}
	l := r.lake(t)
	if got := only(ask(t, l, Question{Day: incidentDay, History: kept(l)}).Findings, Breadth); len(got) > 0 {
		t.Errorf("%s%s", brief(got), got[0].Explain)
	}
}

// Whichever copy comes first, the caller's is the one that counts.
func TestBestCopy(t *testing.T) {
	owner := schema.Touch{Actor: "owner", SharedEventID: "s", RecipientAccountID: "1", PrincipalAccountID: "2"}
	caller := schema.Touch{Actor: "caller", SharedEventID: "s", RecipientAccountID: "2", PrincipalAccountID: "2"}
	network := caller
	network.Actor, network.EventCategory = "network", "NetworkActivity"
	other := schema.Touch{Actor: "other", SharedEventID: "s", TouchIndex: 1}
	alone := schema.Touch{Actor: "alone"}
	for name, c := range map[string]struct {
		in   []schema.Touch
		want string
	}{
		"owner first": {[]schema.Touch{owner, network, caller}, "[caller]"}, "caller first": {[]schema.Touch{caller, owner, network}, "[caller]"},
		"owner alone": {[]schema.Touch{owner}, "[owner]"}, "others": {[]schema.Touch{alone, alone}, "[alone alone]"},
		"two of one call": {[]schema.Touch{owner, other}, "[other owner]"},
	} {
		for _, item := range []string{"", "k"} {
			got := map[string]int{}
			held := newCopies()
			for i := range c.in {
				v := c.in[i]
				v.ItemKey = item
				held.add(&v, schema.Partition{}, func(t *schema.Touch) { got[t.Actor]++ })
			}
			next := schema.Touch{Actor: "next", ItemKey: "l"}
			held.add(&next, schema.Partition{Day: 1}, func(t *schema.Touch) { got[t.Actor]++ })
			var all []string
			for _, a := range []string{"alone", "caller", "network", "other", "owner"} {
				for range got[a] {
					all = append(all, a)
				}
			}
			if fmt.Sprint(all) != c.want || got["next"] != 1 {
				t.Errorf("%s, item %q: %v, want %s", name, item, got, c.want)
			}
		}
	}
}
