package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// demo is a directory in which "make demo" was run: made once, by whoever asks first.
var demo = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(scratch, "demo-*")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("make", "-s", "-C", filepath.Join("..", ".."), "demo", "DEMO="+filepath.Join(dir, "bin", "demo"), "DEMO_EVENTS=5000")
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("make demo: %w\n%s", err, out)
	}
	return dir, nil
})

// readme is a section of the README and a shell in which what stands there can be pasted
// after "make demo". What finds something ends with a status of its own, which is no error.
func readme(t *testing.T, title string) (section string, sh func(line string) string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## "+title+"\n")
	section, _, end := strings.Cut(section, "\n## ")
	if !ok || !end {
		t.Fatalf("the README has no section %q", title)
	}
	dir, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	return section, func(line string) string {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(builtBinary)+string(filepath.ListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == exitFindings) {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
}

// Every row of the table of features is a command that works.
func TestReadmeFeatures(t *testing.T) {
	section, sh := readme(t, "What it does")
	rows := 0
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| you want") {
			continue
		}
		_, command, ok := strings.Cut(line, "| `")
		command, _, end := strings.Cut(command, "` |")
		if !ok || !end || !strings.Contains(command, "keytrail ") {
			t.Errorf("no command in %s", line)
			continue
		}
		if out := sh(command); strings.TrimSpace(out) == "" {
			t.Errorf("%s says nothing", command)
		}
		rows++
	}
	if rows < 20 {
		t.Errorf("%d features", rows)
	}
}

// What the README offers to paste works as it stands there.
func TestReadmeAsking(t *testing.T) {
	section, sh := readme(t, "Asking")
	dir, err := demo()
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "keytrail ") || !strings.Contains(line, "--lake") || strings.HasSuffix(line, "|\n") {
			continue
		}
		commands++
		if out := sh(line); !strings.Contains(line, ">") && !strings.Contains(out, "WHEN") {
			t.Errorf("%s\n%s", line, out)
		}
	}
	_, sql, ok := strings.Cut(section, "```sql\n")
	sql, _, end := strings.Cut(sql, "```")
	if commands < 7 || !ok || !end {
		t.Fatalf("%d commands; SQL: %v", commands, ok && end)
	}
	rows := ducktest.Query(t, "SET file_search_path = "+ducktest.Quote(dir)+";\n"+sql)
	if len(rows) < 5 || rows[0]["actor_name"] == nil {
		t.Errorf("DuckDB says %v", rows)
	}
	_, pipe, ok := strings.Cut(section, "```sh\n")
	pipe, _, end = strings.Cut(pipe, "```")
	if !ok || !end {
		t.Fatal("no pipe into DuckDB")
	}
	// The test's DuckDB takes what stands behind -c of the real one's.
	shim := "#!/bin/sh\nexec " + ducktest.Program(t) + " \"$2\"\n"
	if err := os.WriteFile(filepath.Join(dir, "duckdb"), []byte(shim), 0o755); err != nil {
		t.Fatal(err)
	}
	if out := sh("PATH=" + dir + ":$PATH; " + pipe); !strings.Contains(out, `"actor_name":"maren.holt@example.com"`) {
		t.Errorf("through the pipe DuckDB says %s", out)
	}
}

// So does what it offers for judging, on the month of the demo; the person behind that
// month's incident stands in every answer.
func TestReadmeJudging(t *testing.T) {
	section, sh := readme(t, "What should not have happened")
	named := 0
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "keytrail ") {
			continue
		}
		if before, after, ok := strings.Cut(line, "EVENT-ID"); ok {
			line = before + anEvent(t, sh) + after
		}
		if strings.Contains(sh(line), "maren.holt@example.com") {
			named++
		}
	}
	if named != 4 {
		t.Errorf("%d answers name her, want those of unexpected (2), detections run and anomalies", named)
	}
}

// anEvent is the id of a call that nobody expected.
func anEvent(t *testing.T, sh func(string) string) string {
	t.Helper()
	out := sh("keytrail detections run --lake bin/demo/month --policy bin/demo/policy.yaml --day 2026-03-21 --format json")
	var judged struct {
		Findings []struct {
			Evidence []struct {
				EventID string `json:"event_id"`
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &judged); err != nil || len(judged.Findings) == 0 {
		t.Fatal(err, out)
	}
	return judged.Findings[0].Evidence[0].EventID
}
