package policy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// naiveJudge reads the rules as a person would, one by one, with regular expressions.
func naiveJudge(p *Policy, t *schema.Touch) Verdict {
	rules := make([]*Rule, len(p.Rules))
	for i := range p.Rules {
		rules[i] = &p.Rules[i]
	}
	sort.Slice(rules, func(i, j int) bool { return rules[i].ID < rules[j].ID })
	zone, _ := time.LoadLocation(p.Defaults.Timezone)
	day := time.UnixMicro(t.EventTime).In(zone).Format(time.DateOnly)
	grace := func(r *Rule) bool {
		end, _ := time.ParseInLocation(time.DateOnly, r.Expires, zone)
		return time.UnixMicro(t.EventTime).Before(end.AddDate(0, 0, 1).Add(7 * 24 * time.Hour))
	}
	live := func(r *Rule) bool { return r.Expires == "" || r.Expires == "never" || day <= r.Expires }
	for _, c := range []struct {
		effect string
		when   func(*Rule) bool
		says   Effect
	}{
		{"deny", live, Denied},
		{"allow", live, Allowed},
		{"allow", grace, Expired},
	} {
		for _, r := range rules {
			if r.Effect == c.effect && c.when(r) && naiveSpeaks(p, r, t, zone) {
				return Verdict{c.says, r}
			}
		}
	}
	return Verdict{Effect: None}
}

var naiveExprs = map[string]*regexp.Regexp{}

func naiveGlob(pattern, s string) bool {
	expr := regexp.QuoteMeta(pattern)
	expr = strings.NewReplacer(`\*\*`, `(?s:.*)`, `\*`, `[^:/]*`, `\?`, `[^:/]`).Replace(expr)
	if naiveExprs[expr] == nil {
		naiveExprs[expr] = regexp.MustCompile(`\A` + expr + `\z`)
	}
	return naiveExprs[expr].MatchString(s)
}

func naiveList(list []string, is func(string) bool) bool {
	var in, out []string
	for _, s := range list {
		if strings.HasPrefix(s, "!") {
			out = append(out, s[1:])
		} else {
			in = append(in, s)
		}
	}
	return !slices.ContainsFunc(out, is) && (len(in) == 0 || slices.ContainsFunc(in, is))
}

func naiveSpeaks(p *Policy, r *Rule, t *schema.Touch, zone *time.Location) bool {
	globs := func(list []string, s string) bool {
		return naiveList(list, func(g string) bool { return naiveGlob(g, s) })
	}
	w := r.Who
	at := time.UnixMicro(t.EventTime).In(zone)
	days := func(at time.Time) bool {
		return len(r.When.Days) == 0 || slices.Contains(r.When.Days, strings.ToLower(at.Format("Mon")))
	}
	inTime := days(at)
	if from, to, ok := strings.Cut(r.When.Hours, "-"); ok {
		clock := at.Format("15:04")
		if from < to {
			inTime = days(at) && from <= clock && clock < to
		} else {
			yesterday := time.Date(at.Year(), at.Month(), at.Day()-1, 12, 0, 0, 0, zone)
			inTime = days(at) && clock >= from || days(yesterday) && clock < to
		}
	}
	inNetwork := len(r.Where.Networks) == 0 || slices.ContainsFunc(r.Where.Networks, func(n string) bool {
		if prefix, err := netip.ParsePrefix(n); err == nil {
			addr, err := netip.ParseAddr(t.SourceIP)
			return err == nil && prefix.Contains(addr)
		}
		return t.VPCEndpointID != "" && naiveGlob(n, t.VPCEndpointID) || naiveGlob(n, t.SourceIP)
	})
	return (w.Group == "" || globs(p.Groups[w.Group], t.Actor)) && (w.Role == "" || naiveGlob(w.Role, t.Actor)) &&
		(w.Account == "" || w.Account == t.PrincipalAccountID) && (len(w.Kind) == 0 || slices.Contains(w.Kind, t.ActorKind)) &&
		globs(w.Persons, t.ActorName) && globs(w.Session, t.SessionName) &&
		(w.RoleID == "" || strings.HasPrefix(t.PrincipalID+":", w.RoleID+":")) &&
		globs(r.Tables, t.TableARN) && naiveList(r.Ops, func(op string) bool { return op == t.Op || op == t.EventName }) &&
		inNetwork && inTime && (len(r.Where.Regions) == 0 || slices.Contains(r.Where.Regions, t.AWSRegion))
}

// Judge says what a plain reading of the rules says, for rules and touches made by chance
// from few parts, so that they meet often.
func TestJudgeIsWhatRulesSay(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	effects := map[Effect]int{}
	for range 60 {
		text := chancePolicy(rng)
		p, problems := Read("p.yaml", []byte(text))
		if p == nil {
			t.Fatalf("%s\n%s", problems, text)
		}
		for range 300 {
			touch := chanceTouch(rng)
			got, want := p.Judge(&touch), naiveJudge(p, &touch)
			if got != want {
				t.Fatalf("got %s %s, want %s %s for %+v\n%s", got.Effect, got.RuleID(), want.Effect, want.RuleID(), touch, text)
			}
			effects[got.Effect]++
		}
	}
	for _, effect := range []Effect{None, Allowed, Expired, Denied} {
		if effects[effect] < 150 {
			t.Errorf("only %d touches are %s", effects[effect], effect)
		}
	}
}

var (
	chanceRoles    = []string{"arn:aws:iam::111122223333:role/app/a", "arn:aws:iam::111122223333:role/app/b", "arn:aws:iam::111122223333:role/ops"}
	chanceTables   = []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "arn:aws:dynamodb:us-east-1:111122223333:table/orders-2"}
	chancePersons  = []string{"ann@example.com", "bob@example.com", "a"}
	chanceNetworks = []string{"10.0.0.0/8", "192.0.2.0/24", "vpce-*", "*.amazonaws.com"}
)

func pick[T any](rng *rand.Rand, all []T) T { return all[rng.IntN(len(all))] }

func chancePolicy(rng *rand.Rand) string {
	var b strings.Builder
	b.WriteString("version: 1\ndefaults: {timezone: Europe/Berlin}\ngroups: {app: [\"arn:aws:iam::*:role/app/*\"]}\nrules:\n")
	for _, i := range rng.Perm(1 + rng.IntN(8)) {
		effect := pick(rng, []string{"allow", "allow", "allow", "deny"})
		fmt.Fprintf(&b, "  - {id: R-%d, effect: %s, reason: r, owner: o, expires: %s", i, effect, pick(rng, []string{"2026-10-22", "2026-10-25", "2027-01-01", "never, approved_by: x"}))
		fmt.Fprintf(&b, ", who: {%s}", pick(rng, []string{"group: app", `role: "` + pick(rng, chanceRoles) + `"`, "kind: [human, service]", `account: "111122223333", persons: ["*@example.com", "!bob@*"]`, `role: "arn:**", session: ["s-?"]`, "role_id: AROAX"}))
		fmt.Fprintf(&b, ", ops: %s", pick(rng, []string{"[WRITE_ITEM]", `[READ_POINT, WRITE_ITEM, "!PutItem"]`, `["!GetItem"]`, "[GetItem, UpdateItem]"}))
		b.WriteString(pick(rng, []string{"", `, tables: ["**:table/orders"]`, `, tables: ["**:table/*", "!**-2"]`}))
		b.WriteString(pick(rng, []string{"", "", `, where: {networks: ["` + pick(rng, chanceNetworks) + `"]}`, ", where: {regions: [eu-west-1]}"}))
		b.WriteString(pick(rng, []string{"", "", ", when: {hours: \"08:00-18:00\"}", ", when: {hours: \"22:00-03:00\", days: [sat]}", ", when: {days: [sun, mon]}"}))
		b.WriteString("}\n")
	}
	return b.String()
}

func chanceTouch(rng *rand.Rand) schema.Touch {
	// The clocks of Berlin go back on the 25th.
	at := time.Date(2026, 10, 23, rng.IntN(24*10), pick(rng, []int{0, 30, 59}), 0, 0, time.UTC)
	t := schema.Touch{EventTime: at.UnixMicro(), Actor: pick(rng, chanceRoles), ActorName: pick(rng, chancePersons), ActorKind: pick(rng, kinds),
		PrincipalAccountID: "111122223333", PrincipalID: pick(rng, []string{"AROAX:s-1", "AROAY:s-1", "AROAX"}), SessionName: pick(rng, []string{"s-1", "s-12", ""}),
		TableARN: pick(rng, chanceTables), AWSRegion: pick(rng, []string{"eu-west-1", "us-east-1"}), SourceIP: pick(rng, []string{"10.1.1.1", "192.0.2.7", "dynamodb.amazonaws.com", ""}),
		VPCEndpointID: pick(rng, []string{"", "", "vpce-1"})}
	t.EventName = pick(rng, []string{"GetItem", "PutItem", "UpdateItem"})
	t.Op = schema.Classify(t.EventName).Op
	return t
}

func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{{"a*b", "axxb"}, {"**:table/*", "arn:aws:x:table/y"}, {"*?", "é"}, {"a**b*c?", "a:/bcc"}, {"***", "a:b"}, {"?", ":"}, {"*??", "€"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if strings.Contains(pattern, "***") || len(pattern) > 40 || !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			return
		}
		if got, want := Glob(pattern, s), naiveGlob(pattern, s); got != want {
			t.Errorf("Glob(%q, %q) is %v", pattern, s, got)
		}
		if got, want := globMatcher(pattern)(s), Glob(pattern, s); got != want {
			t.Errorf("the matcher of %q says %v of %q", pattern, got, s)
		}
	})
}
