package decode

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// A session token is good for hours: it must be in no column and in no quarantined
// record, wherever in the record it stands.
func TestSessionTokensAreNotKept(t *testing.T) {
	const token = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
	for _, c := range []struct{ at, members string }{
		{"response", `"responseElements":{"credentials":{"accessKeyId":"ASIA1","sessionToken":"` + token + `","secretAccessKey":"` + token + `"}}`},
		{"response, escaped", `"responseElements":{"credentials":{"accessKeyId":"ASIA1","session\u0054oken":"` + token + `"}}`},
		{"response, other case", `"responseElements":{"Credentials":[[{"SESSIONTOKEN":{"x":"` + token + `"}}],{"accessKeyId":"ASIA1"}]}`},
		{"request", `"requestParameters":{"webIdentityToken":"` + token + `","sAMLAssertion":"` + token + `","tokenCode":"` + token + `"}`},
		{"details", `"serviceEventDetails":{"accessToken":"` + token + `"}`},
		{"further data", `"additionalEventData":{"SigninToken":"` + token + `"}`},
	} {
		for _, at := range []string{"2026-01-05T08:01:02Z", "yesterday"} {
			k, s := mustDecode(t, `{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","eventTime":"`+at+`",`+c.members+`}`)
			if s.InScope+s.Quarantined != 1 {
				t.Fatalf("%s: %+v", c.at, s)
			}
			for i := range k.touches {
				for _, col := range schema.Columns {
					if col.Text != nil && strings.Contains(*col.Text(&k.touches[i]), token) {
						t.Errorf("%s: the token is in %s", c.at, col.Name)
					}
				}
			}
			if strings.Contains(strings.Join(k.quarantined, ""), token) {
				t.Errorf("%s: the token is in quarantine", c.at)
			}
		}
	}
}

// What other services log under such a name is theirs: a key of an item may have it.
func TestOnlySessionsLoseMembers(t *testing.T) {
	k, _ := mustDecode(t, `{"Records":[{"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","eventTime":"2026-01-05T08:01:02Z","requestParameters":{"sessionToken":"x"}},`+
		recordOf("GetItem", `"requestParameters":{"tableName":"t","key":{"sessionToken":"s#1"}}`)+`]}`)
	if got := k.touches[0].RequestParameters; got != "{}" {
		t.Errorf("a session's request: %s", got)
	}
	if got := k.touches[1]; got.ItemKey != `{"sessionToken":"s#1"}` || !strings.Contains(got.RequestParameters, "s#1") {
		t.Errorf("an item's key: %s in %s", got.ItemKey, got.RequestParameters)
	}
}
