package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/browsertest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/schema"
)

const (
	hostileFindings = 100_000
	hostileDay      = "2026-01-05"
)

// hostileNames are what findings and tables are called.
func hostileNames() []string {
	names := []string{"<script>alert(1)</script>", "</style><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, strings.Repeat("M", 4000), strings.Repeat("wide word ", 400)}
	for _, s := range hostileValues {
		names = append(names, s[:min(len(s), 4000)])
	}
	return names
}

// hostileLake has touches of hostile principals and tables, and findings about them.
func hostileLake(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	text, _, _ := hostileObject(t)
	makeFile(t, filepath.Join(home, "trail", "hostile.json.gz"), gzipped(text))
	path := filepath.Join(home, "lake")
	if r := runHere("ingest", filepath.Join(home, "trail"), "--lake", path); r.status != exitDone && r.status != 3 {
		t.Fatalf("%+v", r)
	}
	store, err := dir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	names := hostileNames()
	err = l.MergeFindings(t.Context(), hostileDay, func([]schema.Finding) []schema.Finding {
		list := make([]schema.Finding, hostileFindings)
		for i := range list {
			at := func(n int) string { return names[(i/7+n)%len(names)] }
			when := time.Date(2026, 1, 5, 0, 0, i%86400, 0, time.UTC)
			list[i] = schema.Finding{
				ID: fmt.Sprintf("F%06d", i), Fingerprint: fmt.Sprintf("P%06d", i), Day: hostileDay, Detection: "DDB-EXF-001", Version: 1,
				Kind: schema.FindingAggregate, Severity: schema.Severities[i%len(schema.Severities)], State: schema.FindingNew,
				Title: "a title", Explain: "what came", First: when, Last: when, Count: 1,
			}
			if i%100 == 0 { // the others would only take room in the file
				list[i].Title, list[i].Explain, list[i].TableName, list[i].ActorName, list[i].UserAgent = at(0), at(1), at(2), at(3), at(4)
			}
		}
		return list
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A hundred thousand findings and texts that want to be more than texts neither break the
// report nor run anything: on the page, in the terminal, in a spreadsheet.
func TestHostileReport(t *testing.T) {
	path := hostileLake(t)
	ask := []string{"compliance", "--from", hostileDay, "--to", hostileDay, "--lake", path}
	t.Run("files", func(t *testing.T) {
		out := t.TempDir()
		html, tables := filepath.Join(out, "report.html"), filepath.Join(out, "csv")
		start := time.Now()
		r := runHere(append([]string{"report"}, append(slices.Clone(ask), "--out", html, "--csv-out", tables)...)...)
		if r.status != exitDone && r.status != exitFindings {
			t.Fatalf("%+v", r)
		}
		r.harmless(t)
		info, err := os.Stat(html)
		if err != nil || info.Size() > 8<<20 {
			t.Errorf("the page: %v, %v", info, err)
		}
		t.Logf("%d findings: %v, a page of %d bytes", hostileFindings, time.Since(start).Round(time.Millisecond), info.Size())
		noFormulas(t, tables)
	})
	t.Run("terminal", func(t *testing.T) {
		r := runHere(append([]string{"report"}, ask...)...)
		if r.status != exitDone && r.status != exitFindings || len(r.stdout) < 1000 {
			t.Fatalf("exit status %d, %d bytes", r.status, len(r.stdout))
		}
		r.harmless(t)
	})
	t.Run("browser", func(t *testing.T) {
		browsertest.Need(t)
		goodReport(t, "", 0, ask...)
	})
}

// noFormulas fails the test if a cell of any table begins a formula.
func noFormulas(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	most := 0
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		most = max(most, len(rows)-1)
		for _, row := range rows[1:] {
			for i, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@|%\t\r", rune(cell[0])) {
					t.Fatalf("%s: column %s begins a formula: %.100q", filepath.Base(name), rows[0][i], cell)
				}
			}
		}
	}
	if most < hostileFindings {
		t.Errorf("the longest table has %d rows, want all %d findings", most, hostileFindings)
	}
}
