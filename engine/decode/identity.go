package decode

import "github.com/keytrail/keytrail/schema"

// Members of userIdentity; CloudTrail User Guide, userIdentity element.
const (
	idType = iota
	idPrincipalID
	idARN
	idAccountID
	idAccessKeyID
	idUserName
	idInvokedBy
	idCredentialID
	idIdentityProvider
	idSessionContext
	idOnBehalfOf
	idInScopeOf
	idCount
)

var idNames = newDictionary([]string{
	idType:             "type",
	idPrincipalID:      "principalId",
	idARN:              "arn",
	idAccountID:        "accountId",
	idAccessKeyID:      "accessKeyId",
	idUserName:         "userName",
	idInvokedBy:        "invokedBy",
	idCredentialID:     "credentialId",
	idIdentityProvider: "identityProvider",
	idSessionContext:   "sessionContext",
	idOnBehalfOf:       "onBehalfOf",
	idInScopeOf:        "inScopeOf",
})

const (
	sessionIssuer = iota
	sessionAttributes
	sessionSourceIdentity
	sessionFederation
	sessionCount
)

var sessionNames = newDictionary([]string{
	sessionIssuer:         "sessionIssuer",
	sessionAttributes:     "attributes",
	sessionSourceIdentity: "sourceIdentity",
	sessionFederation:     "webIdFederationData",
})

// identity fills the columns that say who acted.
func (d *Decoder) identity() {
	r, touch := &d.rec, &d.touch
	c, key := r.caller, r.accessKey
	if c == nil {
		c = &d.unknown
		*c = r.t.caller(r.at(envUserIdentity), touch)
		key = c.identity.AccessKeyID
	} else {
		c.meet(touch)
	}
	id, p := &c.identity, &c.principal
	touch.PrincipalType = id.Type
	touch.PrincipalID = id.PrincipalID
	touch.PrincipalARN = id.ARN
	touch.PrincipalAccountID = id.AccountID
	touch.IssuerARN = id.IssuerARN
	touch.UserName = id.UserName
	touch.AccessKeyID = key
	touch.SourceIdentity = id.SourceIdentity
	touch.InvokedBy = id.InvokedBy
	touch.OnBehalfOf = id.OnBehalfOf
	touch.InScopeOf = id.InScopeOf
	touch.MFA = c.mfa
	touch.Actor, touch.ActorName, touch.ActorKind, touch.SessionName = p.Actor, p.Name, p.Kind, p.SessionName
	touch.WhoNumber = c.number
	if c.kindInLambda != "" && schema.InLambda(touch.UserAgent) {
		touch.ActorKind = c.kindInLambda
		touch.WhoNumber++
	}
}
