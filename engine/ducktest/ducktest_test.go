package ducktest

import (
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestQuery(t *testing.T) {
	got := Query(t, `
CREATE MACRO twice(x) AS 2 * x;
CREATE TEMP TABLE n AS SELECT unnest([3, 1, 2]) AS v;
SELECT v, twice(v) AS w, v / 2.0 AS half, ';' AS text, NULL AS nothing, [v, 9007199254740993] AS list,
       TIMESTAMPTZ '2026-01-05 08:00:00+00' AS at, DATE '2026-01-05' AS day
FROM n ORDER BY v DESC LIMIT 2;
`)
	want := []map[string]any{
		{"v": int64(3), "w": int64(6), "half": 1.5, "text": ";", "nothing": nil, "list": []any{int64(3), int64(9007199254740993)}, "at": "2026-01-05 08:00:00+00", "day": "2026-01-05"},
		{"v": int64(2), "w": int64(4), "half": 1.0, "text": ";", "nothing": nil, "list": []any{int64(2), int64(9007199254740993)}, "at": "2026-01-05 08:00:00+00", "day": "2026-01-05"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestQueryNoRows(t *testing.T) {
	if rows := Query(t, "SELECT 1 AS x WHERE false"); len(rows) != 0 {
		t.Errorf("got %v, want no rows", rows)
	}
}

func TestQuote(t *testing.T) {
	const text = `it's 'quoted'; -- \n`
	rows := Query(t, "SELECT "+Quote(text)+" AS x")
	if len(rows) != 1 || rows[0]["x"] != text {
		t.Errorf("got %v, want %q", rows, text)
	}
}

// What a machine lacks is told apart from what is wrong with the program.
func TestBuildErrors(t *testing.T) {
	dir, err := sourceDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		env     map[string]string
		missing string // part of the message; empty: not a thing that is missing
	}{
		{"no compiler", map[string]string{"CXX": "no-such-compiler"}, "no-such-compiler is not installed"},
		{"no network", map[string]string{"GOPROXY": "off", "GOMODCACHE": t.TempDir()}, "cannot be fetched"},
		{"broken compiler", map[string]string{"CC": "false", "CXX": "false"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			err := build(dir, filepath.Join(t.TempDir(), "duckdb"))
			var missing *missingError
			if errors.As(err, &missing) != (c.missing != "") || err == nil || !strings.Contains(err.Error(), c.missing) {
				t.Errorf("got %v, missing %q", err, c.missing)
			}
		})
	}
}
