package verify

import (
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// found is a small lake in which something was found on two days, of which on the second
// nothing is left.
func found(t *testing.T) tree {
	t.Helper()
	m := small(t, engine.Engine{}).mem(t)
	l, err := lake.Open(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	for day, n := range map[string]int{"2026-03-02": 3, "2026-03-03": 0} {
		for _, n := range []int{3, n} {
			var all []schema.Finding
			for i := range n {
				id := string(rune('a' + i))
				all = append(all, schema.Finding{ID: id, Fingerprint: id, Detection: "DDB-EXF-001", Day: day, Severity: schema.SeverityHigh, Explain: "\u202e"})
			}
			if err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return all }); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files(t, m)
}

func TestFindingsAreNoTrouble(t *testing.T) {
	clean := found(t)
	for _, s := range []lake.Store{clean.mem(t), clean.dir(t)} {
		if rep := look(t, s); !rep.Clean() {
			t.Errorf("%s", rep.text())
		}
	}
}

func TestFaultsOfFindingsAreFound(t *testing.T) {
	clean := found(t)
	const first, second = "findings/day=2026-03-02/", "findings/day=2026-03-03/"
	part, lines := first+"part.parquet", first+"_findings.jsonl"
	testInjected(t, clean, []injected{
		{"rows emptied", func(_ *testing.T, f tree) { f[part] = nil }, KindFindings, part},
		{"rows cut", func(_ *testing.T, f tree) { f[part] = f[part][:len(f[part])/2] }, KindFindings, part},
		{"rows of something else", func(_ *testing.T, f tree) { f[part] = f[f.only(t, "rollup", "2026-03-02")] }, KindFindings, part},
		{"rows dropped", func(_ *testing.T, f tree) { delete(f, part) }, KindFindings, lines},
		{"lines dropped", func(_ *testing.T, f tree) { delete(f, lines) }, KindFindings, lines},
		{"a line removed", func(_ *testing.T, f tree) { f[lines] = f[lines][slices.Index(f[lines], '\n')+1:] }, KindFindings, lines},
		{"rows taken from another day", func(_ *testing.T, f tree) { f[part] = f[second+"part.parquet"] }, KindFindings, lines},
		{"a stray file", func(_ *testing.T, f tree) { f[first+"findings.jsonl"] = f[lines] }, KindStray, first + "findings.jsonl"},
		{"a stray day", func(_ *testing.T, f tree) { f["findings/day=tomorrow/_findings.jsonl"] = f[lines] }, KindStray, "tomorrow"},
		{"findings of no day", func(_ *testing.T, f tree) { f["findings/day=__HIVE_DEFAULT_PARTITION__/part.parquet"] = f[part] }, KindStray, "HIVE"},
		{"a stray profile", func(_ *testing.T, f tree) { f["_keytrail/profile/day=2026-03-02/part-1.parquet"] = nil }, KindStray, "profile"},
	})
}

// A profile is nobody's business but of those who read it.
func TestProfilesAreNoTrouble(t *testing.T) {
	clean := found(t)
	clean["_keytrail/profile/day=2026-03-02/part.parquet"] = []byte("anything")
	if rep := look(t, clean.mem(t)); !rep.Clean() {
		t.Errorf("%s", rep.text())
	}
}
