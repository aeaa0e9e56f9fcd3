package golden

import (
	"path/filepath"
	"testing"
)

func TestFirstDifference(t *testing.T) {
	for _, tt := range []struct{ want, got, diff string }{
		{"a\nb", "a\nb", ""},
		{"a\nb", "a\nc", "line 2\n  got  c\n  want b"},
		{"a", "a\nb", "line 2\n  got  b\n  want (end)"},
		{"a\nb", "a", "line 2\n  got  (end)\n  want b"},
	} {
		if diff := firstDifference(tt.want, tt.got); diff != tt.diff {
			t.Errorf("firstDifference(%q, %q) = %q, want %q", tt.want, tt.got, diff, tt.diff)
		}
	}
}

// recorder notes failures instead of failing.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestCheckNoticesADifference(t *testing.T) {
	name := "selftest"
	Check(t, name, "what was agreed\n")
	if *update {
		return
	}
	r := &recorder{TB: t}
	Check(r, name, "something else\n")
	if !r.failed {
		t.Error("Check accepted a text that differs from its golden")
	}
}

func TestInputs(t *testing.T) {
	for _, path := range Inputs(t, "golden/*.txt") {
		if filepath.Base(path) == "selftest.txt" {
			return
		}
	}
	t.Error("Inputs did not list testdata/golden/selftest.txt")
}
