// Command duckdb runs one SQL statement in an in-memory DuckDB and prints its rows
// as one JSON array on standard output. It exists for tests only: keytrail itself
// contains no C.
//
// Usage: duckdb SQL, or duckdb - to read the SQL from standard input.
//
// DuckDB writes the JSON itself, so every type it has comes out as its own JSON
// form: 64-bit integers as numbers, timestamps and dates as text, lists as arrays.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: duckdb SQL | duckdb - <FILE")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, query string, stdin io.Reader, stdout io.Writer) error {
	if query == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return fmt.Errorf("read SQL: %w", err)
		}
		query = string(text)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer db.Close()
	// One connection: settings and temporary views hold for the statements after them.
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Two threads and UTC: a test's answer must not depend on the host.
	if _, err := conn.ExecContext(ctx, "SET threads=2; SET TimeZone='UTC'"); err != nil {
		return err
	}
	setup, last := split(query)
	if setup != "" {
		if _, err := conn.ExecContext(ctx, setup); err != nil {
			return err
		}
	}
	return printRows(ctx, conn, last, stdout)
}

// split cuts the text before its last statement. Statements end with a semicolon
// at the end of a line, so that one inside a literal does no harm.
func split(query string) (setup, last string) {
	query = strings.TrimRight(strings.TrimSpace(query), "; \n")
	if i := strings.LastIndex(query, ";\n"); i >= 0 {
		return query[:i], query[i+2:]
	}
	return "", query
}

func printRows(ctx context.Context, conn *sql.Conn, query string, w io.Writer) error {
	rows, err := conn.QueryContext(ctx, "SELECT to_json(whole_row)::VARCHAR FROM ("+query+"\n) whole_row")
	if err != nil {
		return err
	}
	defer rows.Close()
	sep := "["
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			return err
		}
		if _, err := fmt.Fprint(w, sep, row); err != nil {
			return err
		}
		sep = ",\n"
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if sep == "[" {
		fmt.Fprint(w, sep)
	}
	_, err = fmt.Fprintln(w, "]")
	return err
}
