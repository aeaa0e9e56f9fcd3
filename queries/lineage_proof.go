package queries

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Proof is an event of the lake.
type Proof struct {
	How     string // AssumeRole, ConsoleLogin and their like
	At      int64  // microseconds since 1970
	From    string // address
	EventID string
}

func proofOf(t *schema.Touch) Proof {
	if t == nil {
		return Proof{}
	}
	return Proof{t.EventName, t.EventTime, t.SourceIP, t.EventID}
}

// compareProofs puts first what says most of who was given a session.
func compareProofs(a, b *schema.Touch) int {
	says := func(t *schema.Touch) int {
		switch {
		case t.PrincipalType == "AWSAccount":
			return 2
		case t.AccessKeyID == "":
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(says(a), says(b)), cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID))
}

// later is the later of two events, either of which may be nil.
func later(a, b *schema.Touch) *schema.Touch {
	if a == nil || b != nil && cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID)) < 0 {
		return b
	}
	return a
}

// signsIn reports an event whose caller is the session itself.
func signsIn(t *schema.Touch) bool {
	return t.EventName == "ConsoleLogin" || t.EventName == "RenewRole"
}

// nameProof is how far an event proves a session whose key is another one. In the
// console keys always are others, and who switches roles there, or comes from an
// identity provider, cannot choose the name. Elsewhere a key that nobody is seen to
// have been given is of a session that somebody else may have named so.
func nameProof(who, proof *schema.Touch) Certainty {
	switch proof.EventName {
	case "SwitchRole", "GetSigninToken", "AssumeRoleWithSAML":
		if who.Console == schema.True {
			return Strong
		}
	}
	return Claim
}

// callerOf is who made the call that gave a session. A switch of roles in the
// console is logged as the new session; the old one is in its additional data.
func callerOf(t *schema.Touch) schema.Touch {
	if t.EventName != "SwitchRole" {
		return *t
	}
	var data struct{ SwitchFrom string }
	if json.Unmarshal([]byte(t.AdditionalEventData), &data) != nil || data.SwitchFrom == "" {
		return *t
	}
	id := schema.Identity{ARN: data.SwitchFrom, Type: "AssumedRole", Console: schema.True}
	parts := strings.SplitN(data.SwitchFrom, ":", 6)
	if len(parts) == 6 {
		id.AccountID = parts[4]
		if name, ok := strings.CutPrefix(parts[5], "user/"); ok {
			id.Type, id.UserName = "IAMUser", name[strings.LastIndexByte(name, '/')+1:]
		}
	}
	p := schema.ResolvePrincipal(&id)
	return schema.Touch{PrincipalType: id.Type, PrincipalARN: id.ARN, PrincipalAccountID: id.AccountID, UserName: id.UserName, Console: schema.True,
		Actor: p.Actor, ActorName: p.Name, ActorKind: p.Kind, SessionName: p.SessionName, RecipientAccountID: id.AccountID}
}
