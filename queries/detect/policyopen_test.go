package detect

import (
	"strings"
	"testing"
)

// ourTrust knows two accounts of ours; where the policy says nothing, blind knows none.
var (
	ourTrust = trust{
		own: "111122223333", organizations: []string{"o-ours"}, endpoints: []string{"vpce-ours"},
		stranger: func(account string) (bool, bool) { return account != "444455556666", true },
	}
	blind = trust{own: "111122223333", stranger: func(string) (bool, bool) { return false, false }}
)

const (
	openTo = `"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"`
	toAll  = openTo + `,"Principal":"*"`
)

func TestPolicyOpens(t *testing.T) {
	tests := []struct {
		name, policy string
		open, unsure string // begin so; empty: is empty
	}{
		{"one statement that is no list", `{"Statement":{` + toAll + `}}`, "anybody", ""},
		{"a list", `{"Version":"2012-10-17","Statement":[{` + toAll + `}]}`, "anybody", ""},
		{"names in another case", `{"statement":[{"effect":"allow","principal":{"AWS":"*"},"action":"DYNAMODB:getitem"}]}`, "anybody", ""},
		{"percent-encoded", `%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22*%22%7D%5D%7D`, "anybody", ""},
		{"denied", `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*"}]}`, "", ""},
		{"own account", `{"Statement":[{` + openTo + `,"Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:root"]}}]}`, "", ""},
		{"own account, other partition", `{"Statement":[{` + openTo + `,"Principal":{"AWS":"arn:aws-cn:iam::111122223333:role/x"}}]}`, "", ""},
		{"ours", `{"Statement":[{` + openTo + `,"Principal":{"AWS":"444455556666"}}]}`, "", ""},
		{"stranger's user", `{"Statement":[{` + openTo + `,"Principal":{"AWS":"arn:aws:iam::999988887777:user/x"}}]}`, "account 999988887777", ""},
		{"stranger among ours", `{"Statement":[{` + openTo + `,"Principal":{"AWS":["111122223333","999988887777"]}}]}`, "account 999988887777", ""},
		{"deleted principal", `{"Statement":[{` + openTo + `,"Principal":{"AWS":"AROAEXAMPLE"}}]}`, "", "a principal"},
		{"service", `{"Statement":[{` + openTo + `,"Principal":{"Service":"dax.amazonaws.com"}}]}`, "", ""},
		{"foreign identity provider", `{"Statement":[{` + openTo + `,"Principal":{"Federated":"arn:aws:iam::999988887777:saml-provider/x"}}]}`, "account", ""},
		{"public identity provider", `{"Statement":[{` + openTo + `,"Principal":{"Federated":"accounts.google.com"}}]}`, "whoever", ""},
		{"canonical user", `{"Statement":[{` + openTo + `,"Principal":{"CanonicalUser":"79a5"}}]}`, "", "a principal of a kind"},
		{"no principal", `{"Statement":[{` + openTo + `}]}`, "", ""},
		{"all but one", `{"Statement":[{` + openTo + `,"NotPrincipal":{"AWS":"111122223333"}}]}`, "everybody", ""},

		{"wildcard in action", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:*Item"}]}`, "anybody", ""},
		{"one character", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":["dynamodb:Describe*","dynamodb:Sca?"]}]}`, "anybody", ""},
		{"streams", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetRecords"}]}`, "anybody", ""},
		{"the policy itself", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:PutResourcePolicy"}]}`, "anybody", ""},
		{"the table itself", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:DeleteTable"}]}`, "anybody", ""},
		{"a stream of its changes", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:EnableKinesisStreamingDestination"}]}`, "anybody", ""},
		{"metadata", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:Describe*"}]}`, "", ""},
		{"another service", `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*"}]}`, "", ""},
		{"not some actions", `{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"dynamodb:Get*"}]}`, "anybody", ""},
		{"not all actions", `{"Statement":[{"Effect":"Allow","Principal":"*","NotAction":"dynamodb:*"}]}`, "", ""},

		{"our organization", conditional(`"StringEquals":{"aws:PrincipalOrgID":"o-ours"}`), "", ""},
		{"key in another case", conditional(`"StringEquals":{"AWS:principalorgid":["o-ours"]}`), "", ""},
		{"foreign organization", conditional(`"StringEquals":{"aws:PrincipalOrgID":"o-theirs"}`), "anybody", ""},
		{"a path of our organization", conditional(`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-ours/r-1/*"}`), "", ""},
		{"any organization", conditional(`"StringLike":{"aws:PrincipalOrgID":"o-*"}`), "anybody", ""},
		{"our account", conditional(`"StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}`), "", ""},
		{"our account, as a number", conditional(`"StringEquals":{"aws:PrincipalAccount":111122223333}`), "", ""},
		{"a foreign account among ours", conditional(`"StringEquals":{"aws:SourceAccount":["111122223333","999988887777"]}`), "anybody", ""},
		{"our roles", conditional(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`), "", ""},
		{"roles of any account", conditional(`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}`), "anybody", ""},
		{"our endpoint", conditional(`"StringEquals":{"aws:SourceVpce":"vpce-ours"}`), "", ""},
		{"a foreign endpoint", conditional(`"StringEquals":{"aws:SourceVpce":"vpce-theirs"}`), "anybody", ""},
		{"addresses", conditional(`"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}`), "anybody", ""},
		{"if it exists", conditional(`"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-ours"}`), "anybody", ""},
		{"for all values", conditional(`"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-ours"}`), "anybody", ""},
		{"no values", conditional(`"StringEquals":{"aws:PrincipalOrgID":[]}`), "anybody", ""},
		{"not ours", conditional(`"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"}`), "anybody", ""},
		{"one of two conditions", conditional(`"Bool":{"aws:SecureTransport":true},"StringEquals":{"aws:PrincipalOrgID":"o-ours"}`), "", ""},

		{"denied to others", withDenial(`"Principal":"*","Action":"dynamodb:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"}}`), "", ""},
		{"denied to others but services", withDenial(`"Principal":{"AWS":"*"},"Action":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalAccount":"111122223333"},"Bool":{"aws:PrincipalIsAWSService":"false"}}`), "", ""},
		{"denied to others that no service calls for", withDenial(`"Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"},"Bool":{"aws:ViaAWSService":"false"}}`), "anybody", ""},
		{"denied to all but ours", withDenial(`"NotPrincipal":{"AWS":"111122223333"},"Action":"dynamodb:GetItem"`), "", ""},
		{"denied to all", withDenial(`"Principal":"*","Action":"*"`), "", ""},
		{"denied to all but strangers", withDenial(`"NotPrincipal":{"AWS":"999988887777"},"Action":"*"`), "anybody", ""},
		{"denied something else", withDenial(`"Principal":"*","Action":"dynamodb:PutItem","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"}}`), "anybody", ""},
		{"denied elsewhere", withDenial(`"Principal":"*","Action":"*","Resource":"arn:aws:dynamodb:*:*:table/x","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"}}`), "anybody", ""},
		{"denied to some", withDenial(`"Principal":{"AWS":"999988887777"},"Action":"*"`), "anybody", ""},
		{"denied to others at times", withDenial(`"Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-ours"},"Bool":{"aws:SecureTransport":"false"}}`), "anybody", ""},
		{"denied to other organizations' friends", withDenial(`"Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-theirs"}}`), "anybody", ""},
		{"second statement", `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"*"},{` + toAll + `}]}`, "anybody", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := parsePolicy(tt.policy)
			if err != nil {
				t.Fatal(err)
			}
			open, unsure := ourTrust.opens(d)
			if !begins(open, tt.open) || !begins(unsure, tt.unsure) {
				t.Errorf("opens to %q, unsure %q; want %q and %q", open, unsure, tt.open, tt.unsure)
			}
		})
	}
}

func begins(text, want string) bool {
	return (text == "") == (want == "") && strings.HasPrefix(text, want)
}

func conditional(condition string) string {
	return `{"Statement":[{` + toAll + `,"Condition":{` + condition + `}}]}`
}

func withDenial(rest string) string {
	return `{"Statement":[{` + toAll + `},{"Effect":"Deny",` + rest + `}]}`
}

// What cannot be known is said, and is not taken for closed.
func TestPolicyOpensUnknown(t *testing.T) {
	for name, policy := range map[string]string{
		"account":      `{"Statement":[{` + openTo + `,"Principal":{"AWS":"999988887777"}}]}`,
		"organization": conditional(`"StringEquals":{"aws:PrincipalOrgID":"o-any"}`),
		"endpoint":     conditional(`"StringEquals":{"aws:SourceVpce":"vpce-any"}`),
		"denial":       withDenial(`"Principal":"*","Action":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-any"}}`),
	} {
		d, err := parsePolicy(policy)
		if err != nil {
			t.Fatal(err)
		}
		if open, unsure := blind.opens(d); open != "" || unsure == "" {
			t.Errorf("%s: opens to %q, unsure %q", name, open, unsure)
		}
	}
}

func TestParsePolicyErrors(t *testing.T) {
	for _, text := range []string{
		"", "x", "[]", "null", "{}", `{"Statement":[]}`, `{"Statement":"x"}`, `{"Statement":[{}]}`,
		`{"Statement":{"Effect":"Maybe","Action":"*"}}`, `{"Statement":{"Effect":"Allow"}}`,
		`{"Statement":{"Effect":"Allow","Action":{"a":1}}}`, `{"Statement":{"Effect":"Allow","Action":[["a"]]}}`,
		`{"Statement":{"Effect":"Allow","Action":null}}`, `{"Statement":{"Effect":"Allow","Action":"*"}} x`,
		`{"Statement":{"Effect":"Allow","Action":"*","Condition":[]}}`,
	} {
		if d, err := parsePolicy(text); err == nil {
			t.Errorf("%s is taken for %+v", text, d)
		}
	}
}

func TestCovers(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"*", "", true}, {"*", "*", true}, {"**", "x", true}, {"", "", true}, {"", "x", false},
		{"dynamodb:*", "dynamodb:GetItem", true}, {"DynamoDB:get*", "dynamodb:GetItem", true}, {"dynamodb:Get", "dynamodb:GetItem", false},
		{"a*b*c", "a1b2b3c", true}, {"a*b*c", "a1b2b3", false}, {"?", "x", true}, {"?", "", false}, {"?", "xy", false},
		{"dynamodb:?*", "dynamodb:*", false}, {"dynamo*", "dynamodb:*", true}, {"dynamodb:*", "dynamo*", false},
		{"arn:aws:dynamodb:*", "arn:aws:dynamodb:*:*:table/*", true}, {"arn:*:table/orders", "arn:aws:dynamodb:*:*:table/*", false},
	}
	for _, tt := range tests {
		if got := covers(tt.pattern, tt.s); got != tt.want {
			t.Errorf("covers(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
}

// Policies are written by whoever is looked for: none may bring the judge down, and
// taking statements that allow away never opens one.
func FuzzPolicy(f *testing.F) {
	f.Add(`{"Statement":[{` + toAll + `}]}`)
	f.Add(conditional(`"StringEquals":{"aws:PrincipalOrgID":["o-ours"]}`))
	f.Add(withDenial(`"NotPrincipal":{"AWS":"111122223333"},"Action":"dynamodb:GetItem"`))
	f.Add(`%7B%22Statement%22%3A%7B%7D%7D`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := parsePolicy(text)
		if err != nil {
			return
		}
		d.broad("111122223333")
		open, unsure := ourTrust.opens(d)
		if _, blindly := blind.opens(d); unsure != "" && blindly == "" {
			t.Errorf("knowing nothing is surer than knowing much: %q", unsure)
		}
		for i := range d.Statement {
			if !d.Statement[i].allows() {
				continue
			}
			less := policyDocument{Statement: append(append(statements{}, d.Statement[:i]...), d.Statement[i+1:]...)}
			if fewer, _ := ourTrust.opens(&less); fewer != "" && open == "" {
				t.Errorf("opens to %q without statement %d only", fewer, i)
			}
		}
	})
}
