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
	t, touch := d.rec.t, &d.touch
	var (
		who     [idCount]place
		session [sessionCount]place
		issuer  [idCount]place
	)
	t.fill(d.rec.at(envUserIdentity), idNames, who[:])
	t.fill(who[idSessionContext].at(), sessionNames, session[:])
	t.fill(session[sessionIssuer].at(), idNames, issuer[:])

	id := schema.Identity{
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

		UserAgent:          touch.UserAgent,
		SourceIP:           touch.SourceIP,
		RecipientAccountID: touch.RecipientAccountID,
		Console:            touch.Console,
	}
	if id.InScopeOf == "" {
		id.InScopeOf = t.memberText(who[idInScopeOf].at(), "sourceArn")
	}

	touch.PrincipalType = id.Type
	touch.PrincipalID = id.PrincipalID
	touch.PrincipalARN = id.ARN
	touch.PrincipalAccountID = id.AccountID
	touch.IssuerARN = id.IssuerARN
	touch.UserName = id.UserName
	touch.AccessKeyID = id.AccessKeyID
	touch.SourceIdentity = id.SourceIdentity
	touch.InvokedBy = id.InvokedBy
	touch.OnBehalfOf = id.OnBehalfOf
	touch.InScopeOf = id.InScopeOf
	touch.MFA = t.tri(t.member(session[sessionAttributes].at(), "mfaAuthenticated"))

	p := schema.ResolvePrincipal(&id)
	touch.Actor, touch.ActorName, touch.ActorKind, touch.SessionName = p.Actor, p.Name, p.Kind, p.SessionName
}
