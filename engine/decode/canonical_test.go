package decode

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestCanonicalAgreesWithSchema(t *testing.T) {
	many := make([]string, 40)
	for i := range many {
		many[i] = fmt.Sprintf(`"m%d":%d`, i*17%40, i)
	}
	for _, raw := range []string{
		`1.50E+3`, `"x"`, `true`, `[]`, `{}`, `[ ]`, `{ "b" : 1 , "a" : [ { } , null ] }`, `{"a":1,"a":2,"b":3,"a":{"a":1,"a":"x"}}`,
		`"\u0041\/\u00e9\n\u0007\u001f\"\\\ud83d\ude00\ud800"`, `{"\u0062":1,"a":"\t","b":2}`, `{"a" : "x","b": "y","c":"\u0078"}`, "{\"é\":\"\u2028<>&\"}",
		`{` + strings.Join(many, ",") + `}`, `{` + strings.Join(many, ",") + `,"m7":"again","m7":"last"}`,
		strings.Repeat(`{"z":1,"a":[`, 100) + strings.Repeat(`]}`, 100),
	} {
		want, err := schema.CanonicalJSON([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		k, _ := mustDecode(t, recordOf("GetItem", `"additionalEventData":`+raw))
		if got := k.touches[0].AdditionalEventData; got != string(want) {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
	k, _ := mustDecode(t, recordOf("GetItem", `"additionalEventData":null`))
	if got := k.touches[0].AdditionalEventData; got != "" {
		t.Errorf("null became %q", got)
	}
}

// Two trails may write the members of one record in different orders.
func TestMemberOrderDoesNotMatter(t *testing.T) {
	members := []string{
		`"eventSource":"dynamodb.amazonaws.com"`, `"eventName":"UpdateTable"`, `"eventTime":"2026-01-05T08:01:02Z"`, `"eventID":"1"`,
		`"requestParameters":{"A":{"y":1,"x":2}, "B":[3]}`, `"responseElements":{"p":"arn:aws:dynamodb:eu-west-1:1:table/b","o":"arn:aws:dynamodb:eu-west-1:1:table/a"}`,
		`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/u"}`,
	}
	swapped := strings.NewReplacer(`"y":1,"x":2`, `"x":2,"y":1`, `"A":{`, `"B":[3],"A":{`, `, "B":[3]`, ``)
	rng := rand.New(rand.NewPCG(3, 4))
	first, _ := mustDecode(t, "{"+strings.Join(members, ",")+"}")
	for range 50 {
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		k, _ := mustDecode(t, swapped.Replace("{"+strings.Join(members, " ,\n")+"}"))
		if got, want := fmt.Sprintf("%+v", k.touches), fmt.Sprintf("%+v", first.touches); got != want {
			t.Fatalf("%s\ngives %s\nwant %s", members, got, want)
		}
	}
}
