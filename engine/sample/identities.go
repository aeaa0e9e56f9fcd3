package sample

// session is one set of credentials of an actor in use. All its ids follow from
// the actor, the number n of the session and the hour it was opened, so that the
// calls of one session agree with each other without anything being remembered.
type session struct {
	who  *actor
	acct *account
	n    int
	born int64 // seconds
	id   uint64
	via  string // service that makes the call for the session

	release int // of the program it runs: each has machines of its own

	keyless bool // it signs in, and has no access key yet
}

const hour = 3600

// sessionAt is the n-th session that actor has open at a time.
func sessionAt(acct *account, who *actor, n int, at int64) session {
	id := scramble(hash(acct.id+who.role+who.label) ^ uint64(n)<<8)
	born := at - at%(4*hour) - int64(id%5)*11*60 - int64(id>>8%97)
	return session{who: who, acct: acct, n: n, born: born, id: scramble(id ^ uint64(at/(4*hour))<<20)}
}

// place identifies the machine a session runs on; it outlives the session.
func (s *session) place() uint64 {
	place := hash(s.acct.id+s.who.role+s.who.label) ^ uint64(s.n)*0x9e37
	if s.release > 0 {
		place ^= scramble(uint64(s.release))
	}
	return place
}

// name is the role session name, appended to b.
func (s *session) name(b []byte) []byte {
	switch s.who.form {
	case lambda:
		return append(b, s.who.label...)
	case task:
		return hashed(b, hexDigits, 32, s.place())
	case instance:
		return hashed(append(b, "i-0"...), hexDigits, 16, s.place())
	case pod:
		b = append(append(b, s.who.label...), '-')
		return hashedUUID(b, s.place())
	case glue:
		return append(b, "GlueJobRunnerSession"...)
	case pipeline:
		return append(b, "GitHubActions"...)
	case script:
		return appendPadded(append(b, s.who.label...), int(s.born), 10)
	case person, chained, stranger:
		return append(b, s.person()...)
	case visitor:
		return append(b, "etl-orders"...)
	case hop:
		return append(b, s.who.label...)
	case linked:
		return append(b, "AutoScaling-ManageTables"...)
	default:
		return append(b, s.who.role...)
	}
}

// person is the human behind the session, for the forms that have one.
func (s *session) person() string {
	if len(s.who.names) == 0 {
		return s.who.role
	}
	return s.who.names[s.n%len(s.who.names)]
}

// keyID is the access key that signed.
func (s *session) keyID(b []byte) []byte {
	if s.who.form == user {
		return hashed(append(b, "AKIA"...), base32, 16, scramble(s.place()))
	}
	return hashed(append(b, "ASIA"...), base32, 16, s.id)
}

// uniqueID is the immutable id behind a role or user name.
func (s *session) uniqueID(b []byte, prefix string) []byte {
	return hashed(append(b, prefix...), base32, 17, hash(s.home()+s.who.role))
}

// home is the account the actor belongs to.
func (s *session) home() string {
	switch s.who.form {
	case outsider:
		return partner
	case visitor, stranger:
		return s.who.label
	default:
		return s.acct.id
	}
}

// path is the path of the actor's role.
func (s *session) path(region string) string {
	switch s.who.form {
	case person:
		if region == "us-east-1" {
			return "aws-reserved/sso.amazonaws.com/"
		}
		return "aws-reserved/sso.amazonaws.com/eu-west-1/"
	case linked:
		return "aws-service-role/" + s.who.label + "/"
	case glue:
		return "service-role/"
	default:
		return ""
	}
}

// identity writes the userIdentity of the session.
func (s *session) identity(w *text, region string) {
	w.open('{')
	switch s.who.form {
	case awsService:
		w.member("type", "AWSService").member("invokedBy", s.who.label)
	case typeless:
		w.member("accountId", s.acct.id).member("invokedBy", "AWS Internal")
	case root:
		w.member("type", "Root").member("principalId", s.acct.id).member("arn", "arn:aws:iam::", s.acct.id, ":root").member("accountId", s.acct.id)
		s.key(w)
		s.context(w, "", true)
	case user, consoleUser:
		w.member("type", "IAMUser").key("principalId").bytes(s.uniqueID(nil, "AIDA"))
		w.member("arn", "arn:aws:iam::", s.acct.id, ":user/", s.who.role).member("accountId", s.acct.id)
		s.key(w)
		w.member("userName", s.who.role)
		if s.who.form == consoleUser {
			s.context(w, "", true)
		}
	case federated:
		w.member("type", "FederatedUser").member("principalId", s.acct.id, ":", s.who.label)
		w.member("arn", "arn:aws:sts::", s.acct.id, ":federated-user/", s.who.label).member("accountId", s.acct.id)
		w.key("accessKeyId").bytes(s.keyID(nil))
		w.key("sessionContext").open('{').key("sessionIssuer").open('{').member("type", "IAMUser").key("principalId").bytes(s.uniqueID(nil, "AIDA"))
		w.member("arn", "arn:aws:iam::", s.acct.id, ":user/", s.who.role).member("accountId", s.acct.id).member("userName", s.who.role).close('}')
		s.attributes(w, false)
		w.close('}')
	case outsider:
		id := append(s.uniqueID(nil, "AROA"), ":partner-sync"...)
		w.member("type", "AWSAccount").key("principalId").bytes(id).member("accountId", partner)
	case stranger:
		id := append(append(s.uniqueID(nil, "AROA"), ':'), s.person()...)
		w.member("type", "AWSAccount").key("principalId").bytes(id).member("accountId", s.home())
	case identityCenter:
		w.member("type", "IdentityCenterUser").member("accountId", s.acct.id)
		w.key("onBehalfOf").open('{').member("userId", s.who.label).member("identityStoreArn", "arn:aws:identitystore::", s.acct.id, ":identitystore/d-936758a1b2").close('}')
		w.key("credentialId").bytes(hashedUUID(nil, s.id))
	case samlUser:
		w.member("type", "SAMLUser").member("principalId", "Zm9v8cXVlcnk=:", s.who.label).member("userName", s.who.label).member("identityProvider", "Zm9v8cXVlcnk=")
	case webUser:
		w.member("type", "WebIdentityUser").member("principalId", "arn:aws:iam::", s.acct.id, ":oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:", s.who.label)
		w.member("userName", s.who.label).member("identityProvider", "arn:aws:iam::", s.acct.id, ":oidc-provider/token.actions.githubusercontent.com")
	case clusterUser:
		provider := "arn:aws:iam::" + s.acct.id + ":oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/9C1B7E0A5D3F4826B1C0D9E8F7A6B5C4"
		w.member("type", "WebIdentityUser").member("principalId", provider, ":sts.amazonaws.com:", s.who.label)
		w.member("userName", s.who.label).member("identityProvider", provider)
	case directory:
		w.member("type", "Directory").member("accountId", s.acct.id).member("userName", s.who.label)
	case unknownUser:
		w.member("type", "Unknown").member("principalId", "").member("accountId", s.acct.id).member("userName", s.who.label)
	default:
		s.assumed(w, region)
	}
	if s.via != "" && s.who.form != awsService && s.who.form != linked {
		w.member("invokedBy", s.via)
	}
	w.close('}')
}

// key writes the access key that signed.
func (s *session) key(w *text) {
	if !s.keyless {
		w.key("accessKeyId").bytes(s.keyID(nil))
	}
}

// assumed writes the members of a role session.
func (s *session) assumed(w *text, region string) {
	name := s.name(nil)
	id := append(append(s.uniqueID(nil, "AROA"), ':'), name...)
	if s.who.form == plainRole {
		w.member("type", "Role").key("principalId").bytes(id).member("arn", "arn:aws:iam::", s.home(), ":role/", s.who.role)
	} else {
		w.member("type", "AssumedRole").key("principalId").bytes(id).member("arn", "arn:aws:sts::", s.home(), ":assumed-role/", s.who.role, "/", string(name))
	}
	w.member("accountId", s.home())
	s.key(w)
	s.context(w, region, false)
	switch s.who.form {
	case lambda:
		w.key("inScopeOf").open('{').member("issuerType", "AWS::Lambda::Function").member("credentialsIssuedTo", "arn:aws:lambda:", region, ":", s.acct.id, ":function:", s.who.label).close('}')
	case instance:
		w.key("inScopeOf").open('{').member("issuerType", "AWS::EC2::Instance").member("credentialsIssuedTo", "arn:aws:ec2:", region, ":", s.acct.id, ":instance/", string(name)).close('}')
	case linked:
		w.member("invokedBy", s.who.label)
	}
}

// context writes sessionContext; an issuer only for sessions of a role.
func (s *session) context(w *text, region string, mfa bool) {
	w.key("sessionContext").open('{')
	if region != "" {
		w.key("sessionIssuer").open('{').member("type", "Role").key("principalId").bytes(s.uniqueID(nil, "AROA"))
		w.member("arn", "arn:aws:iam::", s.home(), ":role/", s.path(region), s.who.role).member("accountId", s.home()).member("userName", s.who.role).close('}')
	}
	if s.who.form == pipeline {
		w.key("webIdFederationData").open('{').member("federatedProvider", "arn:aws:iam::", s.acct.id, ":oidc-provider/token.actions.githubusercontent.com")
		w.key("attributes").open('{').member("sub", s.who.label).close('}').close('}')
	}
	s.attributes(w, mfa)
	switch s.who.form {
	case chained:
		w.member("sourceIdentity", s.person())
	case instance:
		w.member("ec2RoleDelivery", "2.0")
	}
	w.close('}')
}

// attributes are strings in real records, mfaAuthenticated too.
func (s *session) attributes(w *text, mfa bool) {
	w.key("attributes").open('{').key("creationDate").bytes(appendTime(nil, s.born))
	if mfa {
		w.member("mfaAuthenticated", "true")
	} else {
		w.member("mfaAuthenticated", "false")
	}
	w.close('}')
}

// hashedUUID is the UUID that always belongs to id.
func hashedUUID(b []byte, id uint64) []byte {
	at := len(b)
	b = hashed(b, hexDigits, 36, id)
	u := b[at:]
	u[8], u[13], u[18], u[23], u[14] = '-', '-', '-', '-', '4'
	return b
}
