package policy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
)

// What people get wrong is told all at once, by line and column, with what was meant.
func TestProblems(t *testing.T) {
	for _, path := range golden.Inputs(t, "policy/*.yaml") {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := Read(name+".yaml", data)
			errors, warnings := problems.Count()
			golden.Check(t, "policy/"+name, fmt.Sprintf("%s%d errors, %d warnings\n", problems.String(), errors, warnings))
		})
	}
}

// Parse refuses faults only: rules that nobody answers for can be judged by, and are told
// to whoever asks.
func TestParseLetsLacksPass(t *testing.T) {
	const text = "version: 1\nrules:\n  - {id: A, effect: allow, who: {kind: [service]}, ops: [SCHEMA], expires: 2027-01-01}\n"
	if _, err := Parse("p.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, problems := Read("p.yaml", []byte(text)); len(problems.AtLeast(Lack).List) != 2 {
		t.Errorf("%s", problems)
	}
	_, err := Parse("p.yaml", []byte(strings.Replace(text, "SCHEMA", "SHEMA", 1)))
	var problems *Problems
	if !errors.As(err, &problems) || len(problems.List) != 1 || problems.List[0].Line != 3 {
		t.Errorf("%v", err)
	}
	if _, err := Parse("p.yaml", []byte("rules: []\n")); err == nil {
		t.Error("no version is no fault")
	}
}

// Editors that begin a file with a byte order mark change nothing.
func TestByteOrderMark(t *testing.T) {
	p, problems := Read("p.yaml", []byte("\ufeff"+example))
	if p == nil || len(p.Rules) == 0 {
		t.Errorf("%s", problems)
	}
}

func TestUnreadable(t *testing.T) {
	for name, data := range map[string]string{
		"too large":        strings.Repeat("#\n", MaxBytes),
		"brackets":         strings.Repeat("[\n", 100_000),
		"dashes":           strings.Repeat("- ", 100_000),
		"no UTF-8":         "version: \xff",
		"NUL":              "version: 1\x00",
		"deep indentation": deep(700),
	} {
		if _, err := Parse("p.yaml", []byte(data)); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	for _, path := range golden.Inputs(f, "policy/*.yaml") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, problems := Read("p.yaml", data)
		if faults := problems.AtLeast(Fault).List; (p == nil) != (len(faults) > 0) {
			t.Fatalf("policy: %v, faults: %v", p != nil, faults)
		}
		for _, problem := range problems.List {
			if problem.Line < 1 || problem.Column < 1 || problem.What == "" {
				t.Errorf("%+v", problem)
			}
		}
		if p == nil {
			return
		}
		touch := orders(t)
		verdict := p.Judge(touch)
		speaks := verdict.Rule == nil
		for _, e := range p.Explain(touch) {
			speaks = speaks || e.Speaks && e.Rule == verdict.Rule && e.Effect == verdict.Effect
		}
		if !speaks {
			t.Errorf("%+v is not explained", verdict)
		}
	})
}
