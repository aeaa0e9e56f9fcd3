package queries

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// caller is who calls, resolved as the decoder does it.
func caller(id schema.Identity) schema.Touch {
	p := schema.ResolvePrincipal(&id)
	return schema.Touch{PrincipalType: id.Type, PrincipalID: id.PrincipalID, PrincipalARN: id.ARN, PrincipalAccountID: id.AccountID, IssuerARN: id.IssuerARN,
		UserName: id.UserName, AccessKeyID: id.AccessKeyID, SourceIdentity: id.SourceIdentity, OnBehalfOf: id.OnBehalfOf, InScopeOf: id.InScopeOf, InvokedBy: id.InvokedBy,
		Console: id.Console, Actor: p.Actor, ActorName: p.Name, ActorKind: p.Kind, SessionName: p.SessionName}
}

const home = "111122223333"

// session is a role session, signing with key.
func session(role, name, key string) schema.Identity {
	return schema.Identity{Type: "AssumedRole", PrincipalID: "AROA1:" + name, ARN: "arn:aws:sts::" + home + ":assumed-role/" + role + "/" + name, AccountID: home,
		AccessKeyID: key, IssuerARN: "arn:aws:iam::" + home + ":role/" + role, IssuerType: "Role", RecipientAccountID: home}
}

func with(id schema.Identity, change func(*schema.Identity)) schema.Identity {
	change(&id)
	return id
}

var (
	annUser = schema.Identity{Type: "IAMUser", ARN: "arn:aws:iam::" + home + ":user/ann", AccountID: home, UserName: "ann", AccessKeyID: "AKIA1", RecipientAccountID: home}
	alice   = with(session("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com", "ASIASSO"), func(id *schema.Identity) {
		id.IssuerARN = "arn:aws:iam::" + home + ":role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef"
	})
	saml     = schema.Identity{Type: "SAMLUser", PrincipalID: "x=:alice@example.com", UserName: "alice@example.com"}
	prod     = session("Prod", "deploy-42", "ASIAPROD")
	anothers = schema.Identity{Type: "AWSAccount", PrincipalID: "AIDA9", AccountID: "444455556666", RecipientAccountID: home}
)

// trailOf builds touches of a lineage, numbering its events.
type trailOf struct {
	t       testing.TB
	touches []schema.Touch
}

// gave adds an event by which a caller was given a session.
func (tr *trailOf) gave(by schema.Identity, name, at string, to schema.Identity, change func(*schema.Touch)) {
	v := caller(by)
	v.EventID, v.EventName, v.Op, v.Plane, v.Outcome = fmt.Sprintf("e%d", len(tr.touches)+1), name, schema.OpSession, schema.PlaneSTS, schema.OutcomeOK
	v.EventTime, v.KeyScope, v.SourceIP, v.RecipientAccountID, v.TouchCount = micros(tr.t, at), schema.ScopeNone, "203.0.113.7", home, 1
	for _, value := range []string{to.AccessKeyID, to.ARN} {
		if value != "" {
			v.KeyValues = append(v.KeyValues, value)
		}
	}
	if change != nil {
		change(&v)
	}
	tr.touches = append(tr.touches, v)
}

// read adds a touch of an item, at noon.
func (tr *trailOf) read(by schema.Identity, change func(*schema.Touch)) {
	v := caller(by)
	v.EventID, v.EventName, v.Op, v.Outcome = fmt.Sprintf("t%d", len(tr.touches)+1), "GetItem", schema.OpReadPoint, schema.OutcomeOK
	v.EventTime, v.TableName, v.TableARN, v.RecipientAccountID, v.TouchCount = micros(tr.t, "2026-03-03T12:00:00Z"), "customers", arnPrefix+"customers", home, 1
	v.ItemKey, v.KeyValues = key(tr.t, `{"pk":"1"}`)
	v.KeyScope = schema.ScopeItem
	if change != nil {
		change(&v)
	}
	tr.touches = append(tr.touches, v)
}

// followed asks for the touches of customers with the columns a table needs, and
// returns what they say of who is behind them.
func followed(t *testing.T, l *lake.Lake) *Answer {
	t.Helper()
	w := Who{Table: "customers", FollowRole: true}
	a, err := Ask(context.Background(), l, w, Columns(w, Table))
	if err == nil {
		err = Follow(context.Background(), l, a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFollow(t *testing.T) {
	const notThere = "the event that gave role/Prod its session is not in the lake: management events of account 111122223333 may not be logged, or not those of 2026-03-03"
	for _, c := range []struct {
		name string
		make func(*trailOf)
		want string
	}{
		{"a chain of roles from Identity Center", func(tr *trailOf) {
			deploy := session("Deploy", "alice", "ASIADEPLOY")
			tr.gave(saml, "AssumeRoleWithSAML", "2026-03-03T08:00:00Z", alice, nil)
			tr.gave(alice, "AssumeRole", "2026-03-03T11:00:00Z", deploy, nil)
			tr.gave(deploy, "AssumeRole", "2026-03-03T11:05:00Z", prod, nil)
			tr.read(prod, nil)
		}, "alice@example.com (certain: Identity Center) -> sso/Admin [AssumeRoleWithSAML 2026-03-03 08:00:00Z from 203.0.113.7, event e1]" +
			" -> role/Deploy [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e2] -> role/Prod [AssumeRole 2026-03-03 11:05:00Z from 203.0.113.7, event e3]"},
		{"an IAM user", func(tr *trailOf) {
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a key of Identity Center's own making", func(tr *trailOf) {
			tr.gave(saml, "AssumeRoleWithSAML", "2026-03-03T08:00:00Z", with(alice, func(id *schema.Identity) { id.AccessKeyID = "ASIAOTHER" }), nil)
			tr.read(alice, nil)
		}, "alice@example.com (certain: Identity Center) -> sso/Admin [AssumeRoleWithSAML 2026-03-03 08:00:00Z from 203.0.113.7, event e1]"},
		{"another account, whose copy has the caller", func(tr *trailOf) {
			tr.gave(anothers, "AssumeRole", "2026-03-03T11:00:00Z", prod, func(v *schema.Touch) { v.SharedEventID = "s1" })
			bob := schema.Identity{Type: "IAMUser", ARN: "arn:aws:iam::444455556666:user/bob", AccountID: "444455556666", UserName: "bob", AccessKeyID: "AKIA9", RecipientAccountID: "444455556666"}
			tr.gave(bob, "AssumeRole", "2026-03-03T11:00:01Z", schema.Identity{}, func(v *schema.Touch) { v.SharedEventID, v.RecipientAccountID = "s1", "444455556666" })
			tr.read(prod, nil)
		}, "bob (strong: IAM user) -> user/bob -> role/Prod [AssumeRole 2026-03-03 11:00:01Z from 203.0.113.7, event e2]"},
		{"another account, alone", func(tr *trailOf) {
			tr.gave(anothers, "AssumeRole", "2026-03-03T11:00:00Z", prod, func(v *schema.Touch) { v.SharedEventID = "s1" })
			tr.read(prod, nil)
		}, "nobody known (unknown: nothing in the session says who) -> account/444455556666 -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]" +
			"; the caller belongs to account 444455556666, and that account's record of the call is not in the lake"},
		{"a call of another account, whose copy has the caller", func(tr *trailOf) {
			tr.read(anothers, func(v *schema.Touch) { v.SharedEventID = "s1" })
			tr.read(annUser, func(v *schema.Touch) { v.SharedEventID = "s1" })
		}, "ann (strong: IAM user) -> user/ann"},
		{"source identity without its AssumeRole", func(tr *trailOf) {
			tr.read(with(prod, func(id *schema.Identity) { id.SourceIdentity = "ann" }), nil)
		}, "ann (strong: source identity) -> role/Prod; " + notThere},
		{"source identity that somebody else set", func(tr *trailOf) {
			as := with(prod, func(id *schema.Identity) { id.SourceIdentity = "bob" })
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", as, nil)
			tr.read(as, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]; but the session's source identity says bob"},
		{"source identity against another session of the name", func(tr *trailOf) {
			as := with(prod, func(id *schema.Identity) { id.SourceIdentity = "bob" })
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", with(as, func(id *schema.Identity) { id.AccessKeyID = "ASIAOTHER" }), nil)
			tr.read(as, nil)
		}, "bob (strong: source identity) -> user/ann -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]; but a session of the same name was given to ann"},
		{"a session name that lies", func(tr *trailOf) {
			as := session("Prod", "boss@example.com", "ASIAPROD")
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", as, nil)
			tr.read(as, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]; but a session name says boss@example.com"},
		{"a session name of another company", func(tr *trailOf) {
			as := session("Prod", "alice@example.org", "ASIAPROD")
			tr.gave(alice, "AssumeRole", "2026-03-03T12:00:01Z", as, nil) // clocks differ
			tr.read(as, nil)
		}, "alice@example.com (certain: Identity Center) -> sso/Admin -> role/Prod [AssumeRole 2026-03-03 12:00:01Z from 203.0.113.7, event e1]; but a session name says alice@example.org"},
		{"a session name alone", func(tr *trailOf) { tr.read(session("Prod", "ann@example.com", "ASIAPROD"), nil) },
			"ann@example.com (claim: session name, which the caller chose) -> role/Prod; " + notThere},
		{"nothing at all", func(tr *trailOf) { tr.read(prod, nil) }, "nobody known (unknown: nothing in the session says who) -> role/Prod; " + notThere},
		{"a denied AssumeRole gives nothing", func(tr *trailOf) {
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", prod, func(v *schema.Touch) { v.Outcome = schema.OutcomeDenied })
			tr.read(prod, nil)
		}, "nobody known (unknown: nothing in the session says who) -> role/Prod; " + notThere},
		{"GitHub Actions", func(tr *trailOf) {
			tr.gave(schema.Identity{Type: "WebIdentityUser", PrincipalID: "arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:repo:example/shop:ref:refs/heads/main",
				UserName: "repo:example/shop:ref:refs/heads/main"}, "AssumeRoleWithWebIdentity", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "no person: GitHub Actions repo:example/shop:ref:refs/heads/main (certain: GitHub's identity provider) -> oidc/repo:example/shop:ref:refs/heads/main" +
			" -> role/Prod [AssumeRoleWithWebIdentity 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a pod", func(tr *trailOf) {
			tr.gave(schema.Identity{Type: "WebIdentityUser", PrincipalID: "arn:aws:iam::1:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/X:sts.amazonaws.com:system:serviceaccount:shop:orders",
				UserName: "system:serviceaccount:shop:orders"}, "AssumeRoleWithWebIdentity", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "no person: EKS system:serviceaccount:shop:orders (certain: the cluster's identity provider) -> oidc/system:serviceaccount:shop:orders" +
			" -> role/Prod [AssumeRoleWithWebIdentity 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a service", func(tr *trailOf) {
			tr.gave(schema.Identity{Type: "AWSService", InvokedBy: "lambda.amazonaws.com"}, "AssumeRole", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "no person: lambda.amazonaws.com (certain: AWS service) -> service/lambda.amazonaws.com -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"the holder of a certificate", func(tr *trailOf) {
			tr.gave(schema.Identity{Type: "AWSService", InvokedBy: "rolesanywhere.amazonaws.com"}, "AssumeRole", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "nobody known (unknown: IAM Roles Anywhere: whoever holds a certificate's key) -> service/rolesanywhere.amazonaws.com -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a function", func(tr *trailOf) {
			tr.read(with(prod, func(id *schema.Identity) { id.InScopeOf = "arn:aws:lambda:eu-west-1:1:function:fn" }), nil)
		}, "no person: arn:aws:lambda:eu-west-1:1:function:fn (certain: AWS issued the credentials to it) -> role/Prod"},
		{"a role switched to in the console", func(tr *trailOf) {
			as := with(session("Ops", "ann", "ASIACONSOLE"), func(id *schema.Identity) { id.Console = schema.True })
			tr.gave(annUser, "ConsoleLogin", "2026-03-03T10:00:00Z", schema.Identity{ARN: annUser.ARN}, nil)
			tr.gave(as, "SwitchRole", "2026-03-03T11:00:00Z", schema.Identity{ARN: as.ARN}, func(v *schema.Touch) {
				v.AdditionalEventData = `{"RedirectTo":"x","SwitchFrom":"arn:aws:iam::111122223333:user/ops/ann"}`
			})
			tr.gave(as, "ConsoleLogin", "2026-03-03T11:30:00Z", schema.Identity{ARN: as.ARN}, nil)
			tr.read(as, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/Ops [SwitchRole 2026-03-03 11:00:00Z from 203.0.113.7, event e2] [ConsoleLogin 2026-03-03 11:30:00Z from 203.0.113.7, event e3]"},
		{"a role taken to the console", func(tr *trailOf) {
			ops := session("Ops", "ann", "ASIAOPS")
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", ops, nil)
			tr.gave(ops, "GetSigninToken", "2026-03-03T11:01:00Z", schema.Identity{ARN: ops.ARN}, nil)
			tr.read(with(ops, func(id *schema.Identity) { id.AccessKeyID, id.Console = "ASIACONSOLE", schema.True }), nil)
		}, "ann (strong: IAM user) -> user/ann -> role/Ops [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]" +
			" -> role/Ops [GetSigninToken 2026-03-03 11:01:00Z from 203.0.113.7, event e2]"},
		{"a root user of the organisation's making", func(tr *trailOf) {
			root := schema.Identity{Type: "Root", ARN: "arn:aws:iam::111122223333:root", AccountID: home, AccessKeyID: "ASIAROOT", RecipientAccountID: home}
			tr.gave(annUser, "AssumeRoot", "2026-03-03T11:50:00Z", schema.Identity{AccessKeyID: "ASIAROOT"}, nil)
			tr.read(root, nil)
		}, "ann (strong: IAM user) -> user/ann -> root/111122223333 [AssumeRoot 2026-03-03 11:50:00Z from 203.0.113.7, event e1]"},
		{"an IAM user in the console", func(tr *trailOf) {
			tr.gave(annUser, "ConsoleLogin", "2026-03-03T10:00:00Z", schema.Identity{ARN: annUser.ARN}, nil)
			tr.read(with(annUser, func(id *schema.Identity) { id.AccessKeyID, id.Console = "ASIACONSOLE", schema.True }), nil)
		}, "ann (strong: IAM user) -> user/ann [ConsoleLogin 2026-03-03 10:00:00Z from 203.0.113.7, event e1]"},
		{"Identity Center's user in the console", func(tr *trailOf) {
			as := with(alice, func(id *schema.Identity) { id.Console = schema.True })
			tr.gave(saml, "AssumeRoleWithSAML", "2026-03-03T08:00:00Z", as, nil)
			tr.gave(as, "ConsoleLogin", "2026-03-03T08:00:03Z", schema.Identity{ARN: as.ARN}, func(v *schema.Touch) { v.SourceIP = "203.0.113.77" })
			tr.gave(as, "ConsoleLogin", "2026-03-03T12:00:03Z", schema.Identity{ARN: as.ARN}, nil)
			tr.read(as, nil)
		}, "alice@example.com (certain: Identity Center) -> sso/Admin [AssumeRoleWithSAML 2026-03-03 08:00:00Z from 203.0.113.7, event e1]" +
			" [ConsoleLogin 2026-03-03 08:00:03Z from 203.0.113.77, event e2]"},
		{"sessions of one name, given to two", func(tr *trailOf) {
			tr.gave(annUser, "AssumeRole", "2026-03-03T10:00:00Z", with(prod, func(id *schema.Identity) { id.AccessKeyID = "ASIA1" }), nil)
			tr.gave(alice, "AssumeRole", "2026-03-03T11:00:00Z", with(prod, func(id *schema.Identity) { id.AccessKeyID = "ASIA2" }), nil)
			tr.read(prod, nil)
		}, "alice@example.com (claim: Identity Center, by the name of a session and not by its key) -> sso/Admin -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e2]" +
			"; but 2 callers opened sessions named deploy-42 within 36 hours"},
		{"a name used too early or too late", func(tr *trailOf) {
			other := with(prod, func(id *schema.Identity) { id.AccessKeyID = "ASIA1" })
			tr.gave(annUser, "AssumeRole", "2026-03-01T23:59:59Z", other, nil)
			tr.gave(annUser, "AssumeRole", "2026-03-03T12:00:01Z", other, nil)
			tr.read(prod, nil)
		}, "nobody known (unknown: nothing in the session says who) -> role/Prod; " + notThere},
		{"a federated user", func(tr *trailOf) {
			bi := schema.Identity{Type: "FederatedUser", ARN: "arn:aws:sts::111122223333:federated-user/bi", AccountID: home, AccessKeyID: "ASIAFED", IssuerARN: annUser.ARN, RecipientAccountID: home}
			tr.gave(annUser, "GetFederationToken", "2026-03-02T01:00:00Z", bi, nil)
			tr.read(bi, nil)
		}, "ann (strong: IAM user) -> user/ann -> federated/bi [GetFederationToken 2026-03-02 01:00:00Z from 203.0.113.7, event e1]"},
		{"a session that gave itself its key", func(tr *trailOf) {
			tr.gave(prod, "AssumeRole", "2026-03-03T11:00:00Z", prod, nil)
			tr.read(prod, nil)
		}, "nobody known (unknown: nothing in the session says who) -> role/Prod -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]; " + notThere},
		{"a chain without end", func(tr *trailOf) {
			for i := range 9 {
				tr.gave(session("R", fmt.Sprint(i), fmt.Sprint("ASIA", i)), "AssumeRole", "2026-03-03T11:00:00Z", session("R", fmt.Sprint(i+1), fmt.Sprint("ASIA", i+1)), nil)
			}
			tr.read(session("R", "9", "ASIA9"), nil)
		}, "the chain is longer than 5 sessions"},
		{"text that would move the cursor", func(tr *trailOf) {
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", prod, func(v *schema.Touch) { v.SourceIP, v.ActorName = "\x1b[2J", "ann\u202e" })
			tr.read(prod, nil)
		}, `ann\u202e (strong: IAM user) -> user/ann\u202e -> role/Prod [AssumeRole 2026-03-03 11:00:00Z from "\u001b[2J", event e1]`},
		{"another session of the name that an identity provider gave", func(tr *trailOf) {
			ops := session("Ops", "ann@example.com", "ASIAOPS")
			tr.gave(schema.Identity{Type: "SAMLUser", PrincipalID: "x=:ann@example.com", UserName: "ann@example.com"}, "AssumeRoleWithSAML", "2026-03-03T11:00:00Z", ops, nil)
			tr.read(with(ops, func(id *schema.Identity) { id.AccessKeyID = "ASIAOTHER" }), nil)
		}, "ann@example.com (claim: SAML identity provider, by the name of a session and not by its key) -> saml/ann@example.com -> role/Ops [AssumeRoleWithSAML 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a role named as those of Identity Center", func(tr *trailOf) {
			as := session("AWSReservedSSO_Admin_0123456789abcdef", "boss@example.com", "ASIAFAKE")
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", as, nil)
			tr.read(as, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/AWSReservedSSO_Admin_0123456789abcdef [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]; but a session name says boss@example.com"},
		{"a role named as those that are linked to a service", func(tr *trailOf) {
			as := session("AWSServiceRoleForBackup", "backup", "ASIAFAKE")
			tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", as, nil)
			tr.read(as, nil)
		}, "ann (strong: IAM user) -> user/ann -> role/AWSServiceRoleForBackup [AssumeRole 2026-03-03 11:00:00Z from 203.0.113.7, event e1]"},
		{"a name that writes a chain", func(tr *trailOf) {
			forged := "boss (certain: Identity Center) -> sso/Admin [AssumeRole"
			tr.read(with(prod, func(id *schema.Identity) { id.SourceIdentity = forged }), nil)
		}, `"boss (certain: Identity Center) -> sso/Admin [AssumeRole" (strong: source identity) -> role/Prod; ` + notThere},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := &trailOf{t: t}
			c.make(tr)
			a := followed(t, lakeOf(t, tr.touches))
			got := a.Touches[0].Lineage.String()
			if got != c.want && !(c.name == "a chain without end" && strings.HasSuffix(got, c.want)) {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}
