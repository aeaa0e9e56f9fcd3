package queries

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/golden"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

func compare(t *testing.T, l *lake.Lake, q Diff) *Changes {
	t.Helper()
	a, err := AskDiff(context.Background(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func renderDiff(t *testing.T, a *Changes, f Format, width int) string {
	t.Helper()
	var b bytes.Buffer
	if err := RenderDiff(&b, a, f, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func spanOf(t *testing.T, s string) Span {
	t.Helper()
	span, err := ParseSpan(s, time.UnixMicro(micros(t, "2026-03-10T12:00:00Z")))
	if err != nil {
		t.Fatal(err)
	}
	return span
}

// changing is four days of which the last two differ from the first two in every way
// that there is a kind of change for.
func changing(t *testing.T) []schema.Touch {
	base := history(t)[1] // a put by checkout-api
	var all []schema.Touch
	n := 0
	add := func(day, times int, change func(*schema.Touch)) {
		for range times {
			v := base
			n++
			v.EventID = fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
			v.EventTime = micros(t, "2026-03-02T00:00:00Z") + int64(day)*24*hourMicros + int64(n)*37*secondMicros
			if change != nil {
				change(&v)
			}
			v.TableARN = arnPrefix + v.TableName
			all = append(all, v)
		}
	}
	by := func(actor, name, kind string) func(*schema.Touch) {
		return func(v *schema.Touch) { v.Actor, v.ActorName, v.ActorKind = actor, name, kind }
	}
	const role = "arn:aws:iam::111122223333:role/support"
	for day := range 4 {
		late := day > 1
		add(day, 10, nil)
		add(day, 4, by(role, "ann@example.com", schema.ActorHuman))
		times := 10
		if late {
			times = 60
		}
		add(day, times, func(v *schema.Touch) { v.Op, v.EventName, v.Mutates = schema.OpReadPoint, "GetItem", false })
		add(day, 70-times, func(v *schema.Touch) { v.Op, v.EventName, v.Mutates = schema.OpReadRange, "Query", false })
		if !late {
			add(day, 5, by("arn:aws:iam::111122223333:role/old-batch", "old-batch", schema.ActorService))
			add(day, 5, func(v *schema.Touch) { v.Op, v.EventName = schema.OpDeleteItem, "DeleteItem" })
			add(day, 5, func(v *schema.Touch) { v.TableName = "legacy" })
			continue
		}
		add(day, 2, by("arn:aws:iam::111122223333:user/x\x1b[2Jy z", "\u202eevil", schema.ActorHuman))
		add(day, 1, by(role, "bob@example.com", schema.ActorHuman))
		add(day, 1, func(v *schema.Touch) { v.TableName = "exports-new" })
		add(day, 3, func(v *schema.Touch) { v.Op, v.EventName, v.Mutates = schema.OpReadBulk, "Scan", false })
		add(day, 2, func(v *schema.Touch) { v.Outcome, v.ErrorCode = schema.OutcomeDenied, "AccessDenied" })
		add(day, 1, func(v *schema.Touch) { v.SourceIP, v.UserAgent = "203.0.113.9", "curl/8.1" })
	}
	return all
}

func TestDiffGolden(t *testing.T) {
	l := lakeWithCounts(t, changing(t))
	q := Diff{Before: spanOf(t, "2026-03-02..2026-03-03"), After: spanOf(t, "2026-03-04..2026-03-05"), Lake: "my lake", Detail: true}
	a := compare(t, l, q)
	for _, kind := range kinds {
		if a.Kinds[kind] == 0 {
			t.Errorf("no %s", kind)
		}
	}
	for _, width := range []int{80, 160} {
		golden.Check(t, fmt.Sprintf("queries/diff-%d", width), renderDiff(t, a, Table, width))
	}
	golden.Check(t, "queries/diff-json", renderDiff(t, a, JSON, 0))
	q.Table, q.Detail = "customers", false
	golden.Check(t, "queries/diff-table-80", renderDiff(t, compare(t, l, q), Table, 80))
}

// The question that each change comes with finds the touches that it counts.
func TestDiffCommandsFindTheTouches(t *testing.T) {
	l := lakeWithCounts(t, changing(t))
	q := Diff{Before: spanOf(t, "2026-03-02..2026-03-03"), After: spanOf(t, "2026-03-04..2026-03-05"), Lake: "a 'lake'"}
	for _, c := range compare(t, l, q).Changes {
		words, err := exec.Command("sh", "-c", strings.Replace(c.Command, "keytrail", `printf '%s\n'`, 1)).Output()
		if err != nil {
			t.Fatalf("%s: %v", c.Command, err)
		}
		args := strings.Split(strings.TrimSuffix(string(words), "\n"), "\n")
		if args[0] != "who" || args[len(args)-1] != "a 'lake'" {
			t.Errorf("a shell reads %q", args)
		}
		w := whoOf(t, args[1:])
		answer, err := Ask(context.Background(), l, w, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := c.After
		if c.Kind.gone() {
			want = c.Before
		}
		if c.Kind != NewlyDenied && answer.Count != want || answer.Count < want {
			t.Errorf("%s of %s: %d touches, want %d: %s", c.Kind, c.Actor, answer.Count, want, c.Command)
		}
		if !slices.ContainsFunc(answer.Touches, func(r Row) bool { return r.EventID == c.Event }) {
			t.Errorf("%s: event %s is not among its touches: %s", c.Kind, c.Event, c.Command)
		}
	}
}

// whoOf reads a command line of who as far as such commands go.
func whoOf(t *testing.T, args []string) (w Who) {
	t.Helper()
	for i := 0; i < len(args); i++ {
		flag := args[i]
		if !strings.HasPrefix(flag, "--") {
			w.Table = flag
			continue
		}
		i++
		var err error
		switch flag {
		case "--actor":
			w.Actor = args[i]
		case "--op":
			w.Ops = strings.Split(args[i], ",")
		case "--from":
			w.From, _, err = ParseTime(args[i], time.Now())
		case "--to":
			_, w.To, err = ParseTime(args[i], time.Now())
		case "--lake":
		default:
			t.Fatalf("flag %s", flag)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// Unequal spans are compared by rates, and those are of the time that the lake has.
func TestDiffRates(t *testing.T) {
	l := lakeWithCounts(t, changing(t))
	for _, c := range []struct {
		before, after string
		days          [2]float64
		complete      [2]bool
		missing       []string
	}{
		{"2026-03-02", "2026-03-03..2026-03-04", [2]float64{1, 2}, [2]bool{true, true}, nil},
		{"2026-03-02 12:00..2026-03-02 23:59", "2026-03-04", [2]float64{0.5, 1}, [2]bool{true, true}, nil},
		{"2026-02-20..2026-03-02", "2026-03-04..2026-03-20", [2]float64{1, 0}, [2]bool{false, false}, nil},
		{"2026-02-20", "2026-03-04", [2]float64{0, 1}, [2]bool{false, true}, nil},
	} {
		a := compare(t, l, Diff{Before: spanOf(t, c.before), After: spanOf(t, c.after)})
		if a.Before.Days != c.days[0] || c.days[1] != 0 && a.After.Days != c.days[1] {
			t.Errorf("%s and %s: %v and %v days, want %v", c.before, c.after, a.Before.Days, a.After.Days, c.days)
		}
		if a.Before.Complete() != c.complete[0] || a.After.Complete() != c.complete[1] {
			t.Errorf("%s and %s: complete %v and %v", c.before, c.after, a.Before.Complete(), a.After.Complete())
		}
		if a.Before.Days == 0 && (len(a.Changes) > 0 || !strings.Contains(renderDiff(t, a, Table, 0), "not comparable")) {
			t.Errorf("%s: compared with nothing", c.before)
		}
	}
	gap := slices.DeleteFunc(changing(t), func(v schema.Touch) bool { return schema.DayString(schema.DayOf(v.EventTime)) == "2026-03-04" })
	a := compare(t, lakeWithCounts(t, gap), Diff{Before: spanOf(t, "2026-03-02"), After: spanOf(t, "2026-03-03..2026-03-05")})
	if !slices.Equal(a.After.Missing, []string{"2026-03-04"}) || a.After.Complete() {
		t.Errorf("missing %v", a.After.Missing)
	}
}

func TestParseSpan(t *testing.T) {
	now := micros(t, "2026-03-10T12:00:00Z")
	day := int64(24 * hourMicros)
	for s, want := range map[string]Span{
		"2026-03-02":                         {micros(t, "2026-03-02T00:00:00Z"), micros(t, "2026-03-03T00:00:00Z")},
		"2026-03-02..2026-03-08":             {micros(t, "2026-03-02T00:00:00Z"), micros(t, "2026-03-09T00:00:00Z")},
		"7d":                                 {now - 7*day, now},
		"14d..7d":                            {now - 14*day, now - 7*day},
		"2026-03-02 10:00..2026-03-02 10:59": {micros(t, "2026-03-02T10:00:00Z"), micros(t, "2026-03-02T11:00:00Z")},
	} {
		got, err := ParseSpan(s, time.UnixMicro(now))
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "..", "yesterday", "2026-03-08..2026-03-02", "7d..14d", "2026-03-02..", "0d"} {
		if span, err := ParseSpan(s, time.UnixMicro(now)); err == nil {
			t.Errorf("%q is taken for %+v", s, span)
		}
	}
}

func TestNetwork(t *testing.T) {
	for _, c := range [][3]string{
		{"", "203.0.113.77", "203.0.113.0/24"},
		{"", "2001:db8:1:2::3", "2001:db8:1::/48"},
		{"", "::ffff:203.0.113.77", "203.0.113.0/24"},
		{"", "fe80::1%eth0", "fe80::/48"},
		{"vpce-1", "10.0.0.1", "vpce-1"},
		{"", "dynamodb.amazonaws.com", "dynamodb.amazonaws.com"},
		{"", "AWS Internal", "AWS Internal"},
		{"", "", ""},
	} {
		if got := Network(c[0], c[1]); got != c[2] {
			t.Errorf("%q: %q, want %q", c[:2], got, c[2])
		}
	}
}

// Every format is inert, and rows are the same in all of them.
func TestDiffHostile(t *testing.T) {
	l := lakeWithCounts(t, changing(t))
	a := compare(t, l, Diff{Before: spanOf(t, "2026-03-02..2026-03-03"), After: spanOf(t, "2026-03-04..2026-03-05"), Detail: true, Lake: "\x1b[2J"})
	for _, f := range TopFormats {
		text := renderDiff(t, a, f, 100)
		if at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && hostile(r) }); at >= 0 {
			t.Errorf("%s: %q", f, text[at:min(len(text), at+20)])
		}
	}
	var whole struct{ Rows []map[string]any }
	if err := json.Unmarshal([]byte(renderDiff(t, a, JSON, 0)), &whole); err != nil || len(whole.Rows) != len(a.Changes) {
		t.Errorf("%d rows of %d: %v", len(whole.Rows), len(a.Changes), err)
	}
	if n := strings.Count(renderDiff(t, a, JSONL, 0), "\n"); n != len(a.Changes) {
		t.Errorf("%d lines", n)
	}
}
