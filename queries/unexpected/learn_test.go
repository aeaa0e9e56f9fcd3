package unexpected

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// learn is what is proposed for a story.
func (s *story) learn(text string) (*Learned, *policy.Policy) {
	s.t.Helper()
	var p *policy.Policy
	if text != "" {
		var err error
		if p, err = policy.Parse("policy.yaml", []byte(text)); err != nil {
			s.t.Fatal(err)
		}
	}
	l := &learner{policy: p, most: DefaultMaxGroups, access: map[accessKey]*access{}, left: map[string]int64{}}
	for i := range s.rows {
		if s.rows[i].Outcome != schema.OutcomeOK {
			continue
		}
		if err := l.touch(&s.rows[i], schema.PartitionOf(&s.rows[i])); err != nil {
			s.t.Fatal(err)
		}
	}
	learned := l.proposals(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	day, _ := schema.ParseDay("2026-03-03")
	learned.Span = queries.Span{From: int64(day) * dayMicros, To: int64(day+1) * dayMicros}
	return learned, p
}

// seenStory is what a lake may have.
func seenStory(t testing.TB) *story {
	s := &story{t: t}
	for i := range 7 {
		s.does(other, "PutItem", fmt.Sprintf("log-%d", i))
	}
	s.does(other, "PutItem", "orders")
	s.does(other, "PutItem", "orders", func(t *schema.Touch) {
		t.TableARN, t.AWSRegion = strings.Replace(t.TableARN, "eu-west-1", "us-east-1", 1), "us-east-1"
	})
	s.does(other, "DeleteItem", "orders")
	s.does(other, "DeleteTable", "orders", denied)
	s.does(ann, "UpdateItem", "orders")
	s.does(ann, "UpdateItem", "payments")
	s.does(api, "PutItem", "payments", func(t *schema.Touch) { t.VPCEndpointID = "vpce-0abc" })
	s.does(schema.Touch{Actor: "arn:aws:iam::111122223333:user/ops/bob", ActorName: "bob", ActorKind: schema.ActorHuman, SourceIP: "2001:db8::1"}, "UpdateTable", "orders")
	s.does(schema.Touch{Actor: "arn:aws:iam::111122223333:root", ActorKind: schema.ActorRoot}, "DeleteTable", "orders")
	s.does(schema.Touch{Actor: "999988887777:AROAX", ActorKind: schema.ActorExternal}, "PutItem", "orders")
	s.does(schema.Touch{Actor: "arn:aws:iam::111122223333:role/deploy", ActorName: "*\n- id: evil\"", ActorKind: schema.ActorHuman}, "PutItem", "orders")
	s.does(schema.Touch{Actor: "arn:aws:iam::111122223333:role/deploy", ActorName: "x\"]}\n- id: evil", ActorKind: schema.ActorHuman, SourceIP: "10.9.9.9"}, "PutItem", "orders")
	s.does(scaling, "UpdateTable", "orders")
	for i := range 12 {
		s.does(api, "GetItem", "orders", func(t *schema.Touch) { t.SourceIP = fmt.Sprintf("10.1.%d.7", i) })
	}
	return s
}

const protects = "version: 1\ntables:\n  - {match: \"**:table/payments\", protected: true}\n"

// What is proposed is a file that means nothing until a person uncomments rules, and
// that is then right for exactly what was seen.
func TestLearn(t *testing.T) {
	s := seenStory(t)
	learned, _ := s.learn(protects)
	diff, err := learned.Diff("policy.yaml", []byte(protects))
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "unexpected/learn", diff+"\n"+strings.Join(learned.Summary(), "\n")+"\n")
	again, _ := s.learn(protects)
	if other, _ := again.Diff("policy.yaml", []byte(protects)); other != diff {
		t.Error("another diff the second time")
	}
	var file strings.Builder
	file.WriteString(protects)
	for line := range strings.Lines(diff) {
		if added, ok := strings.CutPrefix(line, "+"); ok && !strings.HasPrefix(line, "+++") {
			file.WriteString(added)
		}
	}
	if p, problems := policy.Read("policy.yaml", []byte(file.String())); p == nil || len(problems.List) > 0 || len(p.Rules) != 0 {
		t.Fatalf("as proposed: %s", problems)
	}
	if again, _ := again.Diff("policy.yaml", []byte(file.String())); again != "" {
		t.Errorf("proposed twice:\n%s", again)
	}
	accepted := strings.NewReplacer("  # Prop", "  ## Prop", "  # fill", "  ## fill").Replace(file.String())
	accepted = strings.NewReplacer("\n  # ", "\n  ", `owner: "?"`, "owner: me").Replace(accepted)
	p, problems := policy.Read("policy.yaml", []byte(accepted))
	if wrong, _ := problems.Count(); p == nil || wrong > 0 || len(p.Rules) != len(learned.Proposals) {
		t.Fatalf("accepted: %s\n%s", problems, accepted)
	}
	for i := range s.rows {
		touch := &s.rows[i]
		v := p.Judge(touch)
		wanted := touch.Outcome == schema.OutcomeOK && touch.ActorKind != schema.ActorRoot && touch.ActorKind != schema.ActorExternal && touch.ActorKind != schema.ActorAWS &&
			!strings.HasPrefix(touch.ActorName, "*") && (touch.ActorKind != schema.ActorHuman || touch.TableName != "payments")
		if (v.Effect == policy.Allowed) != wanted {
			t.Errorf("%s %s by %q is %s", touch.EventName, touch.TableName, touch.ActorName, v.Effect)
		}
	}
}

// A diff is for the program patch, whether there is a file or not.
func TestLearnPatches(t *testing.T) {
	program, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no program patch here")
	}
	learned, _ := seenStory(t).learn("")
	diff, err := learned.Diff("policy.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Dir, cmd.Stdin = t.TempDir(), strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, diff)
	}
	files, err := filepath.Glob(filepath.Join(cmd.Dir, "*"))
	if err != nil || !slices.Equal(files, []string{filepath.Join(cmd.Dir, "policy.yaml")}) {
		t.Fatal(files, err)
	}
}

// What is seen after a rule was accepted is proposed as another one, once, however the
// file's lines end.
func TestLearnGoesOn(t *testing.T) {
	s := &story{t: t}
	s.does(other, "PutItem", "orders")
	learned, _ := s.learn("")
	rule := strings.NewReplacer("# ", "  ", `"?"`, "me").Replace(strings.Join(learned.Proposals[0].lines(), "\n") + "\n")
	accepted := "version: 1\nrules:\n" + rule
	s.does(other, "PutItem", "customers")
	learned, p := s.learn(accepted)
	if len(p.Rules) != 1 || len(learned.Proposals) != 1 {
		t.Fatalf("%d rules, %d proposals\n%s", len(p.Rules), len(learned.Proposals), accepted)
	}
	diff, err := learned.Diff("policy.yaml", []byte(accepted))
	if err != nil || !strings.Contains(diff, "id: "+p.Rules[0].ID+"-2\n") || !strings.Contains(diff, "customers") {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, end := range []string{"\n", "\r\n", " # mine\n", ""} {
		file := accepted + "# - id: " + learned.Proposals[0].Rule.ID + end
		if diff, err := learned.Diff("policy.yaml", []byte(file)); diff != "" || err != nil {
			t.Errorf("%q: proposed twice: %v\n%s", end, err, diff)
		}
	}
}

// A pattern that would hold for a table that needs care is not proposed, whatever that
// table's entry looks like.
func TestLearnLeavesCarefulTables(t *testing.T) {
	s := &story{t: t}
	for i := range 7 {
		s.does(other, "PutItem", fmt.Sprintf("log-%d", i))
	}
	for match, wide := range map[string]bool{
		"**:table/log-secret": false, "**:table/lo*": false, "**:table/log-?": false, "**": false, "arn:aws:dynamodb:*:*:table/log": false,
		"**:table/catalog-*": true, "**:table/orders": true,
	} {
		learned, _ := s.learn("version: 1\ntables:\n  - {match: \"" + match + "\", class: confidential}\n")
		if len(learned.Proposals) != 1 || (len(learned.Proposals[0].Rule.Tables) == 1) != wide {
			t.Errorf("%s: %+v", match, learned.Proposals)
		}
	}
}

// Under a policy that allows all that was seen there is nothing to learn.
func TestNothingToLearn(t *testing.T) {
	s := &story{t: t}
	s.does(api, "PutItem", "orders")
	learned, _ := s.learn(testPolicy)
	if diff, err := learned.Diff("policy.yaml", []byte(testPolicy)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestGeneralise(t *testing.T) {
	const arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
	var few, many []string
	for i := range 5 {
		few = append(few, fmt.Sprintf("%slog-%d", arn, i))
	}
	many = append(slices.Clone(few), arn+"log-x", arn+"orders")
	if got := generalise(few); !slices.Equal(got, few) {
		t.Error(got)
	}
	if got := generalise(many); !slices.Equal(got, []string{arn + "log-*", arn + "orders"}) {
		t.Error(got)
	}
}
