package schema

import "testing"

const (
	acct  = "111122223333"
	other = "444455556666"
	sts   = "arn:aws:sts::111122223333:assumed-role/"
	iam   = "arn:aws:iam::111122223333:"
)

// role is an assumed-role identity whose issuer is known.
func role(path, name, session string) Identity {
	return Identity{
		Type: "AssumedRole", PrincipalID: "AROAEXAMPLE1:" + session, ARN: sts + name + "/" + session, AccountID: acct,
		IssuerType: "Role", IssuerARN: iam + "role/" + path + name, IssuerUserName: name, RecipientAccountID: acct,
	}
}

func with(id Identity, change func(*Identity)) Identity {
	change(&id)
	return id
}

func TestResolvePrincipal(t *testing.T) {
	const (
		hex32  = "0123456789abcdef0123456789abcdef"
		lambda = "Boto3/1.34 md/x exec-env/AWS_Lambda_python3.12"
		ssoSet = "AWSReservedSSO_Admin_0123456789abcdef"
		ssoARN = iam + "role/aws-reserved/sso.amazonaws.com/eu-west-1/" + ssoSet
		slr    = "AWSServiceRoleForDynamoDBReplication"
		slrARN = iam + "role/aws-service-role/replication.dynamodb.amazonaws.com/" + slr
		pod    = "eks-shop-orders-7d9f-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
		appARN = iam + "role/app"
	)
	tests := []struct {
		name string
		id   Identity
		want Principal // actor, name, kind, session
	}{
		// Identity types.
		{"root", Identity{Type: "Root", ARN: iam + "root", AccountID: acct, PrincipalID: acct},
			Principal{iam + "root", "root of " + acct, ActorRoot, ""}},
		{"root without arn", Identity{Type: "Root", AccountID: acct},
			Principal{iam + "root", "root of " + acct, ActorRoot, ""}},
		{"root with principal id only", Identity{Type: "Root", PrincipalID: acct},
			Principal{iam + "root", "root of " + acct, ActorRoot, ""}},
		{"root of another account is root", Identity{Type: "Root", ARN: "arn:aws:iam::444455556666:root", AccountID: other, RecipientAccountID: acct},
			Principal{"arn:aws:iam::444455556666:root", "root of " + other, ActorRoot, ""}},
		{"root and nothing else", Identity{Type: "Root"}, Principal{"unknown", "unknown", ActorRoot, ""}},
		{"user", Identity{Type: "IAMUser", ARN: iam + "user/ops/ann", UserName: "ann", AccountID: acct, RecipientAccountID: acct},
			Principal{iam + "user/ops/ann", "ann", ActorHuman, ""}},
		{"user without name", Identity{Type: "IAMUser", ARN: iam + "user/ops/ann"},
			Principal{iam + "user/ops/ann", "ann", ActorHuman, ""}},
		{"user without arn", Identity{Type: "IAMUser", PrincipalID: "AIDAEXAMPLE1", UserName: "ann"},
			Principal{"AIDAEXAMPLE1", "ann", ActorHuman, ""}},
		{"user of another account", Identity{Type: "IAMUser", ARN: "arn:aws:iam::444455556666:user/eve", UserName: "eve", AccountID: other, RecipientAccountID: acct},
			Principal{"arn:aws:iam::444455556666:user/eve", "eve", ActorExternal, ""}},
		{"user whose keys belong to a workload", Identity{Type: "IAMUser", ARN: iam + "user/ci", UserName: "ci", InScopeOfType: "AWS::EC2::Instance"},
			Principal{iam + "user/ci", "ci", ActorService, ""}},
		{"role", with(role("", "app", "main"), func(id *Identity) { id.Type = "Role"; id.ARN = iam + "role/app"; id.PrincipalID = "AROAEXAMPLE1" }),
			Principal{appARN, "app", ActorUnknown, ""}},
		{"role without issuer", Identity{Type: "Role", ARN: iam + "role/batch/app"},
			Principal{iam + "role/batch/app", "app", ActorUnknown, ""}},
		{"federated", Identity{Type: "FederatedUser", ARN: "arn:aws:sts::111122223333:federated-user/bob", PrincipalID: acct + ":bob", AccountID: acct, IssuerType: "IAMUser", IssuerARN: iam + "user/broker"},
			Principal{"arn:aws:sts::111122223333:federated-user/bob", "bob", ActorUnknown, ""}},
		{"federated person", Identity{Type: "FederatedUser", ARN: "arn:aws:sts::111122223333:federated-user/bob@example.com"},
			Principal{"arn:aws:sts::111122223333:federated-user/bob@example.com", "bob@example.com", ActorHuman, ""}},
		{"other account", Identity{Type: "AWSAccount", PrincipalID: "AROAEXAMPLE9:GlueJobRunnerSession", AccountID: other, RecipientAccountID: acct},
			Principal{other + ":AROAEXAMPLE9", "GlueJobRunnerSession", ActorExternal, "GlueJobRunnerSession"}},
		{"other account without session", Identity{Type: "AWSAccount", PrincipalID: "AIDAEXAMPLE9", AccountID: other},
			Principal{other + ":AIDAEXAMPLE9", other, ActorExternal, ""}},
		{"other account, number only", Identity{Type: "AWSAccount", AccountID: other}, Principal{other, other, ActorExternal, ""}},
		{"other account, principal only", Identity{Type: "AWSAccount", PrincipalID: "AROAEXAMPLE9:s"}, Principal{"AROAEXAMPLE9", "s", ActorExternal, "s"}},
		{"other account, nothing", Identity{Type: "AWSAccount"}, Principal{"unknown", "unknown", ActorExternal, ""}},
		{"service", Identity{Type: "AWSService", InvokedBy: "dynamodb.amazonaws.com"},
			Principal{"dynamodb.amazonaws.com", "dynamodb.amazonaws.com", ActorAWS, ""}},
		{"service by principal", Identity{Type: "AWSService", PrincipalID: "backup.amazonaws.com"},
			Principal{"backup.amazonaws.com", "backup.amazonaws.com", ActorAWS, ""}},
		{"identity center", Identity{Type: "IdentityCenterUser", AccountID: acct, OnBehalfOf: "544894e8-80c1-707f-60e3-3ba6510dfac1", CredentialID: "EXAMPLEVHULjJd"},
			Principal{"544894e8-80c1-707f-60e3-3ba6510dfac1", "544894e8-80c1-707f-60e3-3ba6510dfac1", ActorHuman, ""}},
		{"identity center by credential", Identity{Type: "IdentityCenterUser", CredentialID: "EXAMPLEVHULjJd", PrincipalID: "p"},
			Principal{"EXAMPLEVHULjJd", "EXAMPLEVHULjJd", ActorHuman, ""}},
		{"saml", Identity{Type: "SAMLUser", PrincipalID: "tenant:ann", UserName: "ann@example.com", IdentityProvider: "idp"},
			Principal{"tenant:ann", "ann@example.com", ActorHuman, ""}},
		{"web identity", Identity{Type: "WebIdentityUser", PrincipalID: "accounts.google.com:aud:sub", UserName: "sub"},
			Principal{"accounts.google.com:aud:sub", "sub", ActorService, ""}},
		{"directory", Identity{Type: "Directory", UserName: "corp\\ann"}, Principal{"corp\\ann", "corp\\ann", ActorHuman, ""}},
		{"unknown type", Identity{Type: "Unknown", UserName: "someone", PrincipalID: "P1"}, Principal{"P1", "someone", ActorUnknown, ""}},
		{"no type, service", Identity{AccountID: acct, InvokedBy: "AWS Internal"}, Principal{"AWS Internal", "AWS Internal", ActorAWS, ""}},
		{"no type, user arn", Identity{ARN: iam + "user/ann"}, Principal{iam + "user/ann", "ann", ActorUnknown, ""}},
		{"no type, session arn", Identity{ARN: sts + "app/main"}, Principal{sts + "app/main", "main", ActorUnknown, "main"}},
		{"no type, account", Identity{AccountID: acct}, Principal{acct, acct, ActorUnknown, ""}},
		{"nothing", Identity{}, Principal{"unknown", "unknown", ActorUnknown, ""}},
		{"type of the future", Identity{Type: "Robot", PrincipalID: "R2"}, Principal{"R2", "R2", ActorUnknown, ""}},

		// Role sessions: who the actor is.
		{"issuer keeps the path", role("svc/", "app", "main"), Principal{iam + "role/svc/app", "main", ActorUnknown, "main"}},
		{"no issuer", Identity{Type: "AssumedRole", ARN: sts + "app/main"}, Principal{appARN, "main", ActorUnknown, "main"}},
		{"no issuer, china", Identity{Type: "AssumedRole", ARN: "arn:aws-cn:sts::111122223333:assumed-role/app/main"},
			Principal{"arn:aws-cn:iam::111122223333:role/app", "main", ActorUnknown, "main"}},
		{"session in principal id", Identity{Type: "AssumedRole", PrincipalID: "AROAEXAMPLE1:main", IssuerARN: appARN},
			Principal{appARN, "main", ActorUnknown, "main"}},
		{"principal id only", Identity{Type: "AssumedRole", PrincipalID: "AROAEXAMPLE1:main"},
			Principal{"AROAEXAMPLE1:main", "main", ActorUnknown, "main"}},
		{"arn without session", Identity{Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-role/app"},
			Principal{appARN, "app", ActorUnknown, ""}},
		{"role of another account", with(role("", "app", "main"), func(id *Identity) { id.RecipientAccountID = other }),
			Principal{appARN, "main", ActorExternal, "main"}},
		{"person of another account", with(role("", "app", "ann@example.com"), func(id *Identity) { id.RecipientAccountID = other }),
			Principal{appARN, "ann@example.com", ActorExternal, "ann@example.com"}},

		// Role sessions: persons.
		{"sso", role("aws-reserved/sso.amazonaws.com/eu-west-1/", ssoSet, "ann@example.com"),
			Principal{ssoARN, "ann@example.com", ActorHuman, "ann@example.com"}},
		{"sso, plain name", role("aws-reserved/sso.amazonaws.com/eu-west-1/", ssoSet, "ann"), Principal{ssoARN, "ann", ActorHuman, "ann"}},
		{"named like sso", role("team/", ssoSet, "ann"), Principal{iam + "role/team/" + ssoSet, "ann", ActorUnknown, "ann"}},
		{"named like a service's", role("", "AWSServiceRoleForBatch", "ann"), Principal{iam + "role/AWSServiceRoleForBatch", "ann", ActorUnknown, "ann"}},
		{"sso without issuer", Identity{Type: "AssumedRole", ARN: sts + ssoSet + "/ann"}, Principal{iam + "role/" + ssoSet, "ann", ActorHuman, "ann"}},
		{"source identity", with(role("", "app", "botocore-session-1767600000"), func(id *Identity) { id.SourceIdentity = "alice" }),
			Principal{appARN, "alice", ActorHuman, "botocore-session-1767600000"}},
		{"source identity beats function", with(role("", "app", "fn"), func(id *Identity) {
			id.SourceIdentity, id.InScopeOf = "alice", "arn:aws:lambda:eu-west-1:111122223333:function:fn"
		}), Principal{appARN, "alice", ActorHuman, "fn"}},
		{"e-mail session", role("", "app", "ann.o@mail.example.com"), Principal{appARN, "ann.o@mail.example.com", ActorHuman, "ann.o@mail.example.com"}},
		{"nearly an e-mail", role("", "app", "ann@localhost"), Principal{appARN, "ann@localhost", ActorUnknown, "ann@localhost"}},
		{"console", with(role("", "app", "ann"), func(id *Identity) { id.Console = True }), Principal{appARN, "ann", ActorHuman, "ann"}},
		{"console said false", with(role("", "app", "ann"), func(id *Identity) { id.Console = False }), Principal{appARN, "ann", ActorUnknown, "ann"}},
		{"console beaten by function", with(role("", "app", "fn"), func(id *Identity) {
			id.Console, id.InScopeOf = True, "arn:aws:lambda:eu-west-1:111122223333:function:fn"
		}), Principal{appARN, "fn", ActorService, "fn"}},
		{"console beats instance name", with(role("", "app", "i-0123456789abcdef0"), func(id *Identity) { id.Console = True }),
			Principal{appARN, "i-0123456789abcdef0", ActorHuman, "i-0123456789abcdef0"}},
		{"on behalf of", with(role("", "app", "main"), func(id *Identity) { id.OnBehalfOf = "5448-user" }), Principal{appARN, "main", ActorHuman, "main"}},

		// Role sessions: workloads.
		{"lambda in scope", with(role("", "app", "fn"), func(id *Identity) { id.InScopeOf = "arn:aws:lambda:eu-west-1:111122223333:function:shop-checkout" }),
			Principal{appARN, "shop-checkout", ActorService, "fn"}},
		{"lambda version in scope", with(role("", "app", "fn"), func(id *Identity) { id.InScopeOf = "arn:aws:lambda:eu-west-1:111122223333:function:fn:live" }),
			Principal{appARN, "fn", ActorService, "fn"}},
		{"task in scope", with(role("", "app", hex32), func(id *Identity) { id.InScopeOf = "arn:aws:ecs:eu-west-1:111122223333:task/shop/" + hex32 }),
			Principal{appARN, hex32, ActorService, hex32}},
		{"instance in scope", with(role("", "app", "i-0123456789abcdef0"), func(id *Identity) {
			id.InScopeOf, id.InScopeOfType = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0", "AWS::EC2::Instance"
		}), Principal{appARN, "i-0123456789abcdef0", ActorService, "i-0123456789abcdef0"}},
		{"instance", role("", "app", "i-0123abcd"), Principal{appARN, "i-0123abcd", ActorService, "i-0123abcd"}},
		{"no instance", role("", "app", "i-xyz"), Principal{appARN, "i-xyz", ActorUnknown, "i-xyz"}},
		{"lambda by agent", with(role("", "fn-role", "fn"), func(id *Identity) { id.UserAgent = lambda }),
			Principal{iam + "role/fn-role", "fn", ActorService, "fn"}},
		{"lambda agent, generic session", with(role("", "app", "botocore-session-1767600000"), func(id *Identity) { id.UserAgent = lambda }),
			Principal{appARN, "app", ActorUnknown, "botocore-session-1767600000"}},
		{"ecs task", role("", "app", hex32), Principal{appARN, "app", ActorService, hex32}},
		{"eks pod", role("", "app", pod), Principal{appARN, pod, ActorService, pod}},
		{"irsa", with(role("", "app", "botocore-session-1767600000"), func(id *Identity) {
			id.FederatedProvider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
		}), Principal{appARN, "app", ActorService, "botocore-session-1767600000"}},
		{"github", with(role("", "deploy", "release-42"), func(id *Identity) {
			id.FederatedProvider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
		}), Principal{iam + "role/deploy", "release-42", ActorService, "release-42"}},
		{"github default session", role("", "deploy", "GitHubActions"), Principal{iam + "role/deploy", "deploy", ActorService, "GitHubActions"}},
		{"glue", role("", "etl", "GlueJobRunnerSession"), Principal{iam + "role/etl", "etl", ActorService, "GlueJobRunnerSession"}},
		{"codebuild", role("", "build", "AWSCodeBuild-0a1b"), Principal{iam + "role/build", "AWSCodeBuild-0a1b", ActorService, "AWSCodeBuild-0a1b"}},
		{"auto scaling", role("", "app", "AutoScaling-UpdateTable"), Principal{appARN, "app", ActorService, "AutoScaling-UpdateTable"}},
		{"appsync", role("", "api", "APPSYNC_ASSUME_ROLE"), Principal{iam + "role/api", "api", ActorService, "APPSYNC_ASSUME_ROLE"}},
		{"api gateway", role("", "api", "BackplaneAssumeRoleSession"), Principal{iam + "role/api", "api", ActorService, "BackplaneAssumeRoleSession"}},
		{"step functions", role("", "flow", "abcdefghijklmnopqrstuvwxyzABCDEF"), Principal{iam + "role/flow", "flow", ActorUnknown, "abcdefghijklmnopqrstuvwxyzABCDEF"}},
		{"botocore", role("", "app", "botocore-session-1767600000"), Principal{appARN, "app", ActorUnknown, "botocore-session-1767600000"}},
		{"js", role("", "app", "aws-sdk-js-session-1767600000000"), Principal{appARN, "app", ActorUnknown, "aws-sdk-js-session-1767600000000"}},
		{"java", role("", "app", "aws-sdk-java-1767600000000"), Principal{appARN, "app", ActorUnknown, "aws-sdk-java-1767600000000"}},
		{"cli", role("", "app", "AWS-CLI-session-1767600000"), Principal{appARN, "app", ActorUnknown, "AWS-CLI-session-1767600000"}},
		{"go", role("", "app", "aws-go-sdk-1767600000000000000"), Principal{appARN, "app", ActorUnknown, "aws-go-sdk-1767600000000000000"}},
		{"digits", role("", "app", "1767600000000000000"), Principal{appARN, "app", ActorUnknown, "1767600000000000000"}},
		{"few digits", role("", "app", "176760000000000"), Principal{appARN, "176760000000000", ActorUnknown, "176760000000000"}},
		{"botocore with a word", role("", "app", "botocore-session-ann"), Principal{appARN, "botocore-session-ann", ActorUnknown, "botocore-session-ann"}},

		// Services.
		{"service-linked", role("aws-service-role/replication.dynamodb.amazonaws.com/", slr, "ddb"),
			Principal{slrARN, "replication.dynamodb.amazonaws.com", ActorAWS, "ddb"}},
		{"service-linked without issuer", Identity{Type: "AssumedRole", ARN: sts + slr + "/ddb", InvokedBy: "replication.dynamodb.amazonaws.com"},
			Principal{iam + "role/" + slr, "replication.dynamodb.amazonaws.com", ActorAWS, "ddb"}},
		{"service-linked, service not named", Identity{Type: "AssumedRole", ARN: sts + slr + "/ddb"},
			Principal{iam + "role/" + slr, slr, ActorAWS, "ddb"}},
		{"forwarded session", with(role("", "app", "main"), func(id *Identity) { id.InvokedBy = "dynamodb.amazonaws.com" }),
			Principal{appARN, "main", ActorAWS, "main"}},
		{"forwarded session in china", with(role("", "app", "main"), func(id *Identity) { id.InvokedBy = "dynamodb.amazonaws.com.cn" }),
			Principal{appARN, "main", ActorAWS, "main"}},
		{"forwarded person", with(role("", "app", "ann@example.com"), func(id *Identity) { id.InvokedBy = "athena.amazonaws.com" }),
			Principal{appARN, "ann@example.com", ActorHuman, "ann@example.com"}},
		{"forwarded workload", with(role("", "app", "i-0123abcd"), func(id *Identity) { id.InvokedBy = "athena.amazonaws.com" }),
			Principal{appARN, "i-0123abcd", ActorService, "i-0123abcd"}},
		{"browser agent makes nobody human", with(role("", "app", "main"), func(id *Identity) { id.UserAgent = "Mozilla/5.0" }),
			Principal{appARN, "main", ActorUnknown, "main"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ResolvePrincipal(&tt.id); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestResolvePrincipalAllocatesNothing(t *testing.T) {
	ids := []Identity{
		role("svc/", "app", "main"),
		role("aws-reserved/sso.amazonaws.com/eu-west-1/", "AWSReservedSSO_Admin_0123456789abcdef", "ann@example.com"),
		{Type: "IAMUser", ARN: iam + "user/ann", UserName: "ann"},
		{Type: "AWSService", InvokedBy: "dynamodb.amazonaws.com"},
	}
	for i := range ids {
		if n := testing.AllocsPerRun(100, func() { ResolvePrincipal(&ids[i]) }); n != 0 {
			t.Errorf("%s: %v allocations", ids[i].ARN, n)
		}
	}
}
