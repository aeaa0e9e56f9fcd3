package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// What the README offers to paste works as it stands there, on a lake like that of
// "make demo".
func TestReadmeAsking(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Asking\n")
	section, _, end := strings.Cut(section, "\n## ")
	if !ok || !end {
		t.Fatal("the README has no section on asking")
	}
	dir := t.TempDir()
	sh := func(line string) string {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(builtBinary)+string(filepath.ListSeparator)+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return string(out)
	}
	sh("keytrail sample --out trail --events 2000 && keytrail ingest trail --lake bin/demo/lake")
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
	sql, _, end = strings.Cut(sql, "```")
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

// So does what it offers for judging, on the month that it has made first; the person
// behind that month's incident stands in every answer.
func TestReadmeJudging(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## What should not have happened\n")
	section, _, end := strings.Cut(section, "\n## ")
	if !ok || !end {
		t.Fatal("the README has no section on judging")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin", "month"), 0o755); err != nil {
		t.Fatal(err)
	}
	sh := func(line string) string {
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
	out := sh("keytrail detections run --lake bin/month/lake --policy bin/month/policy.yaml --day 2026-03-21 --format json")
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
