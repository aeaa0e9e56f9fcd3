package compliance

import (
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/report"
)

// Every control is of a framework that there is and names sections that there are, and says
// what an assessor wants.
func TestControls(t *testing.T) {
	seen := map[[2]string]bool{}
	used := map[string]bool{}
	for _, c := range controls {
		if !slices.Contains(Frameworks, c.framework) || frameworkNames[c.framework] == "" || c.wants == "" || len(c.proofs) == 0 || seen[[2]string{c.framework, c.id}] {
			t.Errorf("%s %s", c.framework, c.id)
		}
		seen[[2]string{c.framework, c.id}], used[c.framework] = true, true
		for _, s := range c.sections {
			if !slices.Contains(outline, s) {
				t.Errorf("%s %s names a section %q", c.framework, c.id, s)
			}
		}
	}
	for _, id := range Frameworks {
		if !used[id] {
			t.Errorf("%s has no control", id)
		}
	}
}

// The result follows from what the proofs have: all, some, none.
func TestJudgeControl(t *testing.T) {
	of := func(a amount, why string) proof { return func(*evidence) (amount, string) { return a, why } }
	for name, c := range map[string]struct {
		proofs []proof
		want   amount
		why    string
	}{
		"all":   {[]proof{of(present, ""), of(present, "")}, present, ""},
		"one":   {[]proof{of(present, ""), of(noEvidence, "no review")}, partial, "no review"},
		"part":  {[]proof{of(partial, "3 days"), of(partial, "3 days")}, partial, "3 days"},
		"none":  {[]proof{of(noEvidence, "a"), of(noEvidence, "b")}, noEvidence, "a b"},
		"mixed": {[]proof{of(noEvidence, "a"), of(partial, "b")}, partial, "a b"},
	} {
		got, why := (&control{proofs: c.proofs}).judge(nil)
		if got != c.want || strings.Join(why, " ") != c.why {
			t.Errorf("%s: %d, %v", name, got, why)
		}
	}
}

// The mapping is computed: what a lake lacks shows, and a framework that nobody asked for
// is not there. It never says that somebody complies.
func TestControlsFollowTheLake(t *testing.T) {
	l := emptyLake(t)
	q := march("01", "02")
	q.Frameworks = []string{"pci"}
	_, made := account(t, l, q)
	for _, row := range made[Controls].Table("controls").Rows {
		if row[0].String() != frameworkNames["pci"] {
			t.Errorf("a control of %s", row[0])
		}
		if row[1].String() == "10.4.1" && (row[4].String() != "none" || !strings.Contains(row[5].String(), "no day was judged")) {
			t.Errorf("10.4.1: %s, %s", row[4], row[5])
		}
	}
	judged := sampleLake(t)
	for _, day := range []string{"2026-03-02", "2026-03-03"} {
		judged.judge(t, day)
	}
	q = march("02", "03")
	_, made = account(t, judged.Lake, q)
	for _, row := range made[Controls].Table("controls").Rows {
		if row[1].String() == "10.4.1.1" && row[4].String() != "evidence present" {
			t.Errorf("10.4.1.1: %s, %s", row[4], row[5])
		}
	}
	d := &report.Document{Sections: []report.Section{*made[Controls]}}
	d.Sections[0].ID = Controls
	var b strings.Builder
	if err := report.WriteJSON(&b, d); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(b.String()), "compliant") {
		t.Error("it says that somebody is compliant")
	}
}
