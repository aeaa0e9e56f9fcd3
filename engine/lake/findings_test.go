package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

const (
	findingsKey = "findings/day=" + day + "/part.parquet"
	linesKey    = "findings/day=" + day + "/_findings.jsonl"
)

// finding is one with something in all fields.
func finding(r *rand.Rand) schema.Finding {
	f := schema.Finding{Severity: schema.Severities[r.IntN(5)], Version: r.IntN(9), Count: r.Int64N(99), DryRun: r.IntN(2) == 0}
	fill(r, reflect.ValueOf(&f).Elem())
	f.Fingerprint = schema.Fingerprint("DDB-EXF-001", fmt.Sprint(r.Uint64()))
	f.Day, f.Detection, f.ID = day, fmt.Sprint("DDB-", r.IntN(3)), schema.FindingID(f.Fingerprint, day)
	f.Severity, f.Version = schema.Severities[r.IntN(5)], r.IntN(9)
	return f
}

// fill puts something into all texts, times, numbers and lists, of which some are empty.
func fill(r *rand.Rand, v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = []time.Time{{}, time.Unix(r.Int64N(2e9), r.Int64N(1e9)), time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC), time.Date(60_000, 1, 1, 0, 0, 0, 0, time.UTC)}[r.IntN(4)]
		return
	case *string:
		*x = []string{"", "plain", "\x00\x1b[2J\xff\u202e", "=HYPERLINK(1)", "a\nb\"\\", strings.Repeat("é", 100), "\U000e0041"}[r.IntN(7)]
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Float64:
		v.SetFloat([]float64{0, -1, 1e-300, 18_240.5, math.MaxFloat64}[r.IntN(5)])
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(int32(r.Uint32())))
	}
}

func findings(r *rand.Rand, n int) (all []schema.Finding) {
	for range n {
		all = append(all, finding(r))
	}
	return all
}

// What is put comes back: all fields, in order, less what no file can hold. The JSON Lines
// say the same, and neither depends on the order in which findings come.
func TestFindings(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		r := rand.New(rand.NewPCG(1, 2))
		for round := range 8 {
			want := findings(r, r.IntN(30))
			var was []schema.Finding
			err := l.MergeFindings(t.Context(), day, func(present []schema.Finding) []schema.Finding {
				was = present
				return want
			})
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 && len(was) > 0 {
				t.Errorf("%d findings at first", len(was))
			}
			got, err := l.Findings(t.Context(), day)
			if err != nil {
				t.Fatal(err)
			}
			sameFindings(t, got, want)
			lines := get(t, s, linesKey)
			checkLines(t, lines, got)
			before := get(t, s, findingsKey)
			err = l.MergeFindings(t.Context(), day, func(present []schema.Finding) []schema.Finding {
				sameFindings(t, present, want)
				r.Shuffle(len(present), func(i, j int) { present[i], present[j] = present[j], present[i] })
				return present
			})
			if err != nil {
				t.Fatal(err)
			}
			if get(t, s, findingsKey) != before || get(t, s, linesKey) != lines {
				t.Error("the same findings are other bytes")
			}
		}
		if days, err := l.FindingDays(t.Context()); err != nil || !slices.Equal(days, []string{day}) {
			t.Errorf("days %v, %v", days, err)
		}
		if none, err := l.Findings(t.Context(), "2024-03-11"); err != nil || none != nil {
			t.Errorf("findings of a day without: %v, %v", none, err)
		}
	})
}

func sameFindings(t *testing.T, got, want []schema.Finding) {
	t.Helper()
	sorted := make([]schema.Finding, len(want))
	for i := range want {
		sorted[i] = clean(want[i])
	}
	slices.SortFunc(sorted, compareFindings)
	if len(got) != len(sorted) {
		t.Fatalf("%d findings, not %d", len(got), len(sorted))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], sorted[i]) {
			t.Fatalf("finding %d:\n%+v\nnot\n%+v", i, got[i], sorted[i])
		}
	}
}

// clean is a finding less what no file can hold, worked out without knowing its fields.
func clean(f schema.Finding) schema.Finding {
	v := reflect.New(reflect.TypeOf(f)).Elem()
	v.Set(reflect.ValueOf(f))
	return cleaned(v).Interface().(schema.Finding)
}

func cleaned(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch x := v.Interface().(type) {
	case time.Time:
		if !x.IsZero() && x.Year() <= 9999 {
			out.Set(reflect.ValueOf(x.Truncate(time.Microsecond).UTC()))
		}
		return out
	case string:
		out.SetString(strings.ToValidUTF8(x, "\uFFFD"))
		return out
	}
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(cleaned(v.Field(i)))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(cleaned(v.Elem()))
	case v.Kind() == reflect.Slice && v.Len() > 0:
		for i := range v.Len() {
			out = reflect.Append(out, cleaned(v.Index(i)))
		}
	case v.Kind() != reflect.Slice:
		out.Set(v)
	}
	return out
}

func checkLines(t *testing.T, lines string, want []schema.Finding) {
	t.Helper()
	if strings.ContainsAny(lines, "\x1b\x00\u202e\U000e0041") || !utf8.ValidString(lines) {
		t.Error("a terminal would obey the JSON Lines, or hide them")
	}
	var got []schema.Finding
	for dec := json.NewDecoder(strings.NewReader(lines)); dec.More(); {
		var f schema.Finding
		if err := dec.Decode(&f); err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	if strings.Count(lines, "\n") != len(want) {
		t.Errorf("%d lines of %d findings", strings.Count(lines, "\n"), len(want))
	}
	sameFindings(t, got, want)
}

// What makes no sense is refused, and nothing is written.
func TestFindingsRefused(t *testing.T) {
	s := objecttest.NewMem()
	l := create(t, s)
	good := schema.Finding{ID: "fnd_1", Fingerprint: "fp_1", Detection: "DDB-EXF-001", Day: day, Severity: schema.SeverityLow}
	for what, change := range map[string]func(*schema.Finding){
		"is of day":     func(f *schema.Finding) { f.Day = "2024-03-11" },
		"has no id":     func(f *schema.Finding) { f.ID = "" },
		"fingerprint":   func(f *schema.Finding) { f.Fingerprint = "" },
		"severity 0":    func(f *schema.Finding) { f.Severity = 0 },
		"no number":     func(f *schema.Finding) { f.Stat = &schema.Stat{Series: []float64{1, math.NaN()}} },
		"of version -1": func(f *schema.Finding) { f.Version = -1 },
		"out of order":  func(*schema.Finding) {},
	} {
		bad := good
		change(&bad)
		all := []schema.Finding{bad}
		if what == "out of order" {
			all = append(all, bad)
		}
		err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return all })
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, bad := range []string{"", "tomorrow", "2024-3-10", "../x"} {
		if err := l.MergeFindings(t.Context(), bad, func([]schema.Finding) []schema.Finding { return nil }); err == nil {
			t.Errorf("day %q is taken", bad)
		}
	}
	for _, key := range keys(t, s) {
		if strings.HasPrefix(key, "findings/") {
			t.Errorf("%s was written", key)
		}
	}
}

// Several who find things at once lose nothing, and what is told is what was found.
func TestFindingsAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				f := finding(rand.New(rand.NewPCG(uint64(n), 9)))
				err := l.MergeFindings(t.Context(), day, func(present []schema.Finding) []schema.Finding { return append(present, f) })
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := l.Findings(t.Context(), day)
		if err != nil || len(got) != 8 {
			t.Errorf("%d findings, %v", len(got), err)
		}
		checkLines(t, get(t, s, linesKey), got)
	})
}

// Whoever was killed before he told has it done by the next.
func TestFindingsUntold(t *testing.T) {
	s := objecttest.NewMem()
	create(t, s)
	oops := errors.New("oops")
	l, err := Open(t.Context(), objecttest.NewFaults(s, objecttest.Fault{Op: objecttest.OpPut, Key: "jsonl", Nth: 1, Err: oops}))
	if err != nil {
		t.Fatal(err)
	}
	found := findings(rand.New(rand.NewPCG(3, 4)), 3)
	keep := func(present []schema.Finding) []schema.Finding { return append(present, found...) }
	if err := l.MergeFindings(t.Context(), day, keep); !errors.Is(err, oops) {
		t.Fatal(err)
	}
	found = nil
	if err := l.MergeFindings(t.Context(), day, keep); err != nil {
		t.Fatal(err)
	}
	got, err := l.Findings(t.Context(), day)
	if err != nil || len(got) != 3 {
		t.Fatal(len(got), err)
	}
	checkLines(t, get(t, s, linesKey), got)
}

// Files of findings that somebody else wrote are refused by name.
func TestCorruptFindings(t *testing.T) {
	s := objecttest.NewMem()
	l := create(t, s)
	all := findings(rand.New(rand.NewPCG(5, 6)), 5)
	if err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return all }); err != nil {
		t.Fatal(err)
	}
	good := get(t, s, findingsKey)
	bad := map[string]string{"empty": "", "text": "hello", "cut": good[:len(good)/2], "rank": "", "evidence": ""}
	for what, edit := range map[string]func(*findingRow){
		"rank":     func(r *findingRow) { r.Rank++ },
		"evidence": func(r *findingRow) { r.Evidence = "{" },
	} {
		row := encodeFinding(all[0])
		edit(&row)
		var b bytes.Buffer
		if err := parquetio.WriteRows(&b, []findingRow{row}); err != nil {
			t.Fatal(err)
		}
		bad[what] = b.String()
	}
	for what, data := range bad {
		put(t, s, findingsKey, data)
		if _, err := l.Findings(t.Context(), day); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), findingsKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
