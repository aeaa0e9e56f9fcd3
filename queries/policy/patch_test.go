package policy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A patch puts lines behind the last rule, whatever the file looks like, for the program
// patch to apply.
func TestPatch(t *testing.T) {
	program, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no program patch here")
	}
	lines := []string{"# - id: X", "", "#   effect: allow"}
	for name, c := range map[string]struct{ have, want string }{
		"at the end":           {"version: 1\nrules:\n  - id: A\n    effect: deny\n", "version: 1\nrules:\n  - id: A\n    effect: deny\n  # - id: X\n\n  #   effect: allow\n"},
		"no newline":           {"version: 1\nrules:\n  - id: A", "version: 1\nrules:\n  - id: A\n  # - id: X\n\n  #   effect: allow\n"},
		"before a key":         {"rules:\n- id: A\n\n# of groups\ngroups:\n  a: [b]\nversion: 1", "rules:\n- id: A\n# - id: X\n\n#   effect: allow\n\n# of groups\ngroups:\n  a: [b]\nversion: 1"},
		"commented rules":      {"rules:\n  - id: A\n  # - id: B\nversion: 1\n", "rules:\n  - id: A\n  # - id: B\n  # - id: X\n\n  #   effect: allow\nversion: 1\n"},
		"no rules":             {"version: 1\n", "version: 1\nrules:\n  # - id: X\n\n  #   effect: allow\n"},
		"only the key":         {"rules:\nversion: 1\n", "rules:\n  # - id: X\n\n  #   effect: allow\nversion: 1\n"},
		"nothing but comments": {"# none\n", "# none\nrules:\n  # - id: X\n\n  #   effect: allow\n"},
		"far down":             {strings.Repeat("# x\n", 50) + "rules:\n    - id: A\n" + "tables: []\n" + strings.Repeat("# y\n", 50), strings.Repeat("# x\n", 50) + "rules:\n    - id: A\n    # - id: X\n\n    #   effect: allow\n" + "tables: []\n" + strings.Repeat("# y\n", 50)},
		"before the end mark":  {"version: 1\nrules:\n  - id: A\n...\n# over\n", "version: 1\nrules:\n  - id: A\n  # - id: X\n\n  #   effect: allow\n...\n# over\n"},
		"no rules, end mark":   {"version: 1\n...\n", "version: 1\nrules:\n  # - id: X\n\n  #   effect: allow\n...\n"},
		"a new file":           {"", "# - id: X\n\n#   effect: allow\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "policy.yaml")
			var data []byte
			if name != "a new file" {
				data = []byte(c.have)
				if err := os.WriteFile(file, data, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			diff, err := Patch("policy.yaml", data, lines)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(program, "--fuzz=0", "policy.yaml")
			cmd.Dir, cmd.Stdin = filepath.Dir(file), strings.NewReader(diff)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s\n%s", err, out, diff)
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got %q\nwant %q\n%s", got, c.want, diff)
			}
		})
	}
	if _, err := Patch("policy.yaml", []byte("{version: 1}\n"), lines); err == nil || !strings.Contains(err.Error(), "brackets") {
		t.Errorf("all in brackets: %v", err)
	}
	if _, err := Patch("policy.yaml", []byte("rules: []\n"), lines); err == nil || !strings.Contains(err.Error(), "policy.yaml:1") {
		t.Errorf("rules in brackets: %v", err)
	}
}

// A name with a space in it is found by patch all the same.
func TestPatchFindsNames(t *testing.T) {
	program, err := exec.LookPath("patch")
	if err != nil {
		t.Skip("there is no program patch here")
	}
	const name = "who may.yaml"
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte("version: 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{[]byte("version: 1\n"), nil} {
		diff, err := Patch(name, data, []string{"# - id: X"})
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "--batch")
		cmd.Dir, cmd.Stdin = filepath.Dir(file), strings.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, out, diff)
		}
		if got, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(got), "# - id: X\n") {
			t.Errorf("%v %q", err, got)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
