package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// benchPolicy has so many rules, each about a role and a table of its own.
func benchPolicy(b *testing.B, rules int) *Policy {
	var text strings.Builder
	text.WriteString("version: 1\nrules:\n")
	for i := range rules {
		fmt.Fprintf(&text, "  - {id: R-%d, effect: allow, who: {role: \"arn:aws:iam::111122223333:role/app/service-%d-*\"}, tables: [\"**:table/t-%d\"], ops: [READ_POINT, WRITE_ITEM],"+
			" where: {networks: [\"10.0.0.0/8\"]}, reason: r, owner: o, expires: 2027-01-01}\n", i, i, i)
	}
	return parse(b, text.String())
}

func BenchmarkJudge(b *testing.B) {
	for _, rules := range []int{10, 100, 1000} {
		p := benchPolicy(b, rules)
		touches := make([]schema.Touch, 1000)
		for i := range touches {
			n := i % rules
			touches[i] = schema.Touch{EventTime: 1_780_000_000_000_000, EventName: "PutItem", Op: schema.OpWriteItem, SourceIP: "10.1.2.3", ActorKind: schema.ActorService,
				Actor: fmt.Sprintf("arn:aws:iam::111122223333:role/app/service-%d-x", n), TableARN: fmt.Sprintf("arn:aws:dynamodb:eu-west-1:111122223333:table/t-%d", n)}
		}
		b.Run(fmt.Sprintf("rules=%d", rules), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if v := p.Judge(&touches[i%len(touches)]); v.Effect != Allowed {
					b.Fatal(v)
				}
			}
		})
		b.Run(fmt.Sprintf("rules=%d/naive", rules), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				t := &touches[i%len(touches)]
				found := false
				for _, r := range p.compiled.rules {
					found = found || r.holds(r.standing, t) && r.holds(r.passing, t)
				}
				if !found {
					b.Fatal("none")
				}
			}
		})
	}
}
