package schema

import "testing"

func TestWithoutSecrets(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"sessionToken":"x","accessKeyId":"ASIA1"}`, `{"accessKeyId":"ASIA1"}`},
		{`{"a":[{"SECRETACCESSKEY":{"b":1},"c":null}]}`, `{"a":[{"c":null}]}`},
		{`{"sessionTokens":"x","token":"y","to\u212aenCode":"z"}`, "{\"sessionTokens\":\"x\",\"token\":\"y\",\"to\u212aenCode\":\"z\"}"},
		{`{"s\u0065ssionToken":"x","sessiontoken":"y"}`, `{}`},
		{`"sessionToken"`, `"sessionToken"`},
		{`null`, `null`},
	} {
		got, err := WithoutSecrets([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", c.in, got, err, c.want)
		}
	}
	if _, err := WithoutSecrets([]byte(`{"a":`)); err == nil {
		t.Error("half a document was taken")
	}
}

// Whoever signs in is given a session; not every session is a sign-in.
func TestSignInsGiveSessions(t *testing.T) {
	for _, name := range []string{"ConsoleLogin", "SwitchRole", "RenewRole", "GetSigninToken"} {
		if !SignsIn(name) || !GivesSession(name) {
			t.Errorf("%s is no sign-in", name)
		}
	}
	for _, name := range []string{"AssumeRole", "AssumeRoot", "GetSessionToken", "GetRoleCredentials"} {
		if SignsIn(name) || !GivesSession(name) {
			t.Errorf("%s is a sign-in", name)
		}
	}
	for _, name := range []string{"GetCallerIdentity", "CheckMfa", "assumerole", ""} {
		if GivesSession(name) {
			t.Errorf("%s gives a session", name)
		}
	}
}
