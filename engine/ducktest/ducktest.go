package ducktest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// Query runs sql in an in-memory DuckDB and returns the rows of its last
// statement, in order, as column name to value. Statements before the last, each
// ended by a semicolon at the end of its line, may define macros, tables and views.
//
// Whole numbers are int64 and others float64; dates and times are text in
// DuckDB's form, UTC; lists are []any; NULL is nil. An error in the SQL fails the
// test. Safe for concurrent use.
func Query(t testing.TB, sql string) []map[string]any {
	t.Helper()
	Need(t)
	rows, err := Run(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v\nSQL:\n%s", err, lastStatement(sql))
	}
	return rows
}

// Need skips the test where DuckDB cannot be had, or fails it under CI.
func Need(t testing.TB) {
	t.Helper()
	var missing *missingError
	switch _, err := program(); {
	case err == nil:
	case !errors.As(err, &missing):
		t.Fatalf("DuckDB: %v", err)
	case inCI():
		t.Fatalf("DuckDB: %v (skipped elsewhere, required under CI)", err)
	default:
		t.Skipf("SKIPPED: DuckDB: %v", err)
	}
}

// Program is the path of a program that prints the rows of the SQL it is given, as JSON,
// and whose standard input SQL may read. It skips or fails the test as [Need] does.
func Program(t testing.TB) string {
	t.Helper()
	Need(t)
	bin, _ := program()
	return bin
}

// Run is [Query] for callers without a test at hand.
func Run(ctx context.Context, sql string) ([]map[string]any, error) {
	bin, err := program()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, bin, "-")
	cmd.Stdin = strings.NewReader(sql)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr.Bytes())
	}
	rows, err := decodeRows(stdout.Bytes())
	if err != nil {
		return nil, fmt.Errorf("read DuckDB's answer: %w", err)
	}
	return rows, nil
}

// lastStatement leaves out a prelude of definitions that may be long.
func lastStatement(sql string) string {
	sql = strings.TrimRight(strings.TrimSpace(sql), "; \n")
	return sql[strings.LastIndex(sql, ";\n")+1:]
}

// Quote returns s as an SQL string literal.
func Quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func decodeRows(answer []byte) ([]map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(answer))
	dec.UseNumber()
	var rows []map[string]any
	if err := dec.Decode(&rows); err != nil {
		return nil, err
	}
	for _, row := range rows {
		for name, v := range row {
			plain, err := plainValue(v)
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", name, err)
			}
			row[name] = plain
		}
	}
	return rows, nil
}

// plainValue replaces the numbers in v by int64 or float64.
func plainValue(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n, nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			plain, err := plainValue(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = plain
		}
	case map[string]any:
		for k := range v {
			plain, err := plainValue(v[k])
			if err != nil {
				return nil, err
			}
			v[k] = plain
		}
	}
	return v, nil
}
