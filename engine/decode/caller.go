package decode

import (
	"strings"
	"sync/atomic"

	"github.com/keytrail/keytrail/schema"
)

// caller is who acted, as userIdentity says it.
type caller struct {
	identity  schema.Identity
	mfa       schema.Tri
	principal schema.Principal

	// Only of a caller that is remembered:
	met          bool   // principal is resolved
	number       uint64 // of all that is said but the access key; the next is its in a Lambda function
	kindInLambda string // the principal's kind in a Lambda function, if it is another there
	keyBlank     int    // which blank the access key stands in; -1 for none
}

// caller reads a userIdentity, in a record with the columns of touch.
func (t *tape) caller(node int, touch *schema.Touch) caller {
	var (
		who     [idCount]place
		session [sessionCount]place
	)
	c := t.readCaller(node, &who, &session)
	id := &c.identity
	id.UserAgent, id.SourceIP = touch.UserAgent, touch.SourceIP
	id.RecipientAccountID, id.Console = touch.RecipientAccountID, touch.Console
	c.principal = schema.ResolvePrincipal(id)
	return c
}

// readCaller reads a userIdentity's members, which it also finds for others.
func (t *tape) readCaller(node int, who *[idCount]place, session *[sessionCount]place) caller {
	var issuer [idCount]place
	t.fill(node, idNames, who[:])
	t.fill(who[idSessionContext].at(), sessionNames, session[:])
	t.fill(session[sessionIssuer].at(), idNames, issuer[:])

	c := caller{identity: schema.Identity{
		Type:         t.text(who[idType].at()),
		PrincipalID:  t.text(who[idPrincipalID].at()),
		ARN:          t.text(who[idARN].at()),
		AccountID:    t.text(who[idAccountID].at()),
		AccessKeyID:  t.text(who[idAccessKeyID].at()),
		UserName:     t.text(who[idUserName].at()),
		InvokedBy:    t.text(who[idInvokedBy].at()),
		CredentialID: t.text(who[idCredentialID].at()),

		IssuerType:        t.text(issuer[idType].at()),
		IssuerARN:         t.text(issuer[idARN].at()),
		IssuerUserName:    t.text(issuer[idUserName].at()),
		IssuerAccountID:   t.text(issuer[idAccountID].at()),
		IssuerPrincipalID: t.text(issuer[idPrincipalID].at()),

		SourceIdentity:    t.text(session[sessionSourceIdentity].at()),
		OnBehalfOf:        t.memberText(who[idOnBehalfOf].at(), "userId"),
		IdentityStore:     t.memberText(who[idOnBehalfOf].at(), "identityStoreArn"),
		InScopeOfType:     t.memberText(who[idInScopeOf].at(), "issuerType"),
		InScopeOf:         t.memberText(who[idInScopeOf].at(), "credentialsIssuedTo"),
		IdentityProvider:  t.text(who[idIdentityProvider].at()),
		FederatedProvider: t.memberText(session[sessionFederation].at(), "federatedProvider"),
	}}
	if c.identity.InScopeOf == "" {
		c.identity.InScopeOf = t.memberText(who[idInScopeOf].at(), "sourceArn")
	}
	c.mfa = t.tri(t.member(session[sessionAttributes].at(), "mfaAuthenticated"))
	return c
}

// recurringCaller reads the copy of a userIdentity. A session's access key and
// the time of its beginning are left blank: they change often, and neither says
// who it is.
func recurringCaller(t *tape) (caller, []string) {
	var (
		who     [idCount]place
		session [sessionCount]place
	)
	c := t.readCaller(1, &who, &session)
	c.keyBlank = -1
	key := who[idAccessKeyID].at()
	created := t.member(session[sessionAttributes].at(), "creationDate")
	var parts []string
	from := uint32(0)
	for _, at := range [maxBlanks]int{min(key, created), max(key, created)} {
		if t.kind(at) != kindString {
			continue
		}
		if at == key {
			c.keyBlank = len(parts)
		}
		parts = append(parts, t.src[from:t.toks[at].start])
		from = t.toks[at].end
	}
	return c, append(parts, t.src[from:])
}

// accessKey is that of a caller remembered, found with these blanks.
func (c *caller) accessKey(t *tape, blanks *[maxBlanks]blank) string {
	if c.keyBlank < 0 {
		return c.identity.AccessKeyID
	}
	at := blanks[c.keyBlank]
	return t.src[at.from:at.to]
}

// callers counts the callers met, of all decoders: their numbers are for good.
var callers atomic.Uint64

// meet resolves a caller remembered, unless what else counts is as it was before.
// That seldom changes, but for the user agent, which makes a difference to few.
func (c *caller) meet(touch *schema.Touch) {
	id := &c.identity
	if c.met && id.RecipientAccountID == touch.RecipientAccountID && id.Console == touch.Console {
		return
	}
	c.met = true
	c.number = callers.Add(2)
	id.RecipientAccountID, id.Console = strings.Clone(touch.RecipientAccountID), touch.Console
	c.kindInLambda = ""
	id.UserAgent = ""
	c.principal = schema.ResolvePrincipal(id)
	id.UserAgent = schema.LambdaAgent
	if kind := schema.ResolvePrincipal(id).Kind; kind != c.principal.Kind {
		c.kindInLambda = kind
	}
}
