package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// askAll asks a lake all that can be asked, in all formats.
func askAll(lake string) []ran {
	var all []ran
	policy := filepath.Join(scratch, "hostile-policy.yaml")
	if err := os.WriteFile(policy, []byte("version: 1\n"), 0o666); err != nil {
		panic(err)
	}
	all = append(all, runHere("unexpected", "--learn", "400", "--lake", lake))
	for _, format := range []string{"table", "json", "csv"} {
		more := []string{"--format", format, "--lake", lake}
		ask := func(args ...string) { all = append(all, runHere(append(args, more...)...)) }
		ask("who", "orders", "--follow-role", "--limit", "0")
		ask("who", "orders", "pk=c#1", "--could-have", "--follow-role")
		for _, subject := range queries.Subjects {
			ask("top", string(subject), "--limit", "1000")
			ask("top", string(subject), "--limit", "1000", "--detail")
		}
		ask("unexpected", "--policy", policy, "--from", "2020-01-01", "--attempts", "--limit", "0", "--fail-on", "never")
		ask("diff", "--before", "2026-01-05 00:00..2026-01-05 00:04", "--after", "2026-01-05 00:05..2026-01-05 02:59", "--detail", "--limit", "0")
		ask("detections", "run", "--day", "2026-01-05")
		ask("detections", "--day", "2026-01-05")
	}
	for _, engine := range schema.Engines {
		all = append(all, runHere("ddl", engine, "--lake", lake))
	}
	return all
}

// inSpreadsheet checks that no cell of what was printed as CSV begins a formula.
func (r ran) inSpreadsheet(t *testing.T) {
	t.Helper()
	if !strings.Contains(r.args, "--format csv") {
		return
	}
	lines, err := csv.NewReader(strings.NewReader(r.stdout)).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Errorf("%.200q: %d lines, %v\n%.500s", r.args, len(lines), err, r.stderr)
	}
	for _, line := range lines {
		for i, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@|%", rune(cell[0])) {
				t.Fatalf("%.200q: column %s begins a formula: %.100q", r.args, lines[0][i], cell)
			}
		}
	}
}
