package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sizeCmd compares the touches of a lake with what DuckDB writes of the same rows,
// in the same order, in the same files.
func sizeCmd(args []string) error {
	var r race
	flags, parse := r.flags("size", args)
	lake := flags.String("lake", "", "an existing lake; without it one is made of the corpus")
	if err := parse(); err != nil {
		return err
	}
	if r.duckdb == "" {
		return errors.New("DuckDB is needed, and its binary was not built (needs a C++ compiler)")
	}
	if *lake == "" {
		*lake = filepath.Join(r.scratch, "lake")
		if err := os.RemoveAll(*lake); err != nil {
			return err
		}
		argv, _, err := r.ours().start(*lake)
		if err != nil {
			return err
		}
		if _, _, err := r.pinned(argv, ""); err != nil {
			return err
		}
	}
	touches := filepath.Join(*lake, "touches")
	v1, v2 := filepath.Join(r.scratch, "duckdb-v1"), filepath.Join(r.scratch, "duckdb-v2")
	for version, out := range map[string]string{"V1": v1, "V2": v2} {
		if err := r.rewrite(touches, out, version); err != nil {
			return err
		}
	}
	fmt.Println("Compressed bytes: ours, and DuckDB's of the same rows in the same order and files")
	fmt.Println("(COPY … FORMAT parquet, COMPRESSION zstd; v2 with PARQUET_VERSION V2).")
	for _, by := range []string{"table", "column"} {
		fmt.Println()
		if err := r.compare(by, touches, v1, v2); err != nil {
			return err
		}
	}
	return nil
}

// rewrite has DuckDB write every file under from once more under to.
func (r *race) rewrite(from, to, version string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	var q strings.Builder
	q.WriteString("SET threads = 1;\n") // keeps the order of rows
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		out := filepath.Join(to, rel)
		fmt.Fprintf(&q, "COPY (FROM read_parquet(%s, hive_partitioning = false)) TO %s (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION %s);\n", quote(path), quote(out), version)
		return os.MkdirAll(filepath.Dir(out), 0o777)
	})
	if err != nil {
		return err
	}
	q.WriteString("SELECT 1")
	return r.ask(q.String(), new([]any))
}

// compare prints a line per table or per column, largest first. What a file has
// beside its columns is told apart: Bloom filters, and footers with page indexes.
func (r *race) compare(by, ours, v1, v2 string) error {
	text, err := os.ReadFile(filepath.Join(r.sql, "size_by_"+by+".sql"))
	if err != nil {
		return err
	}
	glob := func(dir string) string { return filepath.Join(dir, "**", "*.parquet") }
	query := strings.NewReplacer("{{ours}}", glob(ours), "{{v1}}", glob(v1), "{{v2}}", glob(v2)).Replace(string(text))
	var rows []struct {
		Name         string
		Ours, V1, V2 int64
		Enc, Enc1    string
	}
	if err := r.ask(query, &rows); err != nil {
		return err
	}
	heads := []string{by, "ours", "DuckDB", "DuckDB v2", "ours / DuckDB"}
	if by == "column" {
		heads = append(heads, "encodings, ours", "DuckDB")
	}
	t := newTable(heads...)
	for _, row := range rows {
		ratio := ""
		if row.V1 > 0 {
			ratio = f2(float64(row.Ours) / float64(row.V1))
		}
		cells := []string{row.Name, count(row.Ours), count(row.V1), count(row.V2), ratio, row.Enc, row.Enc1}
		t.row(cells[:len(heads)]...)
	}
	t.print()
	return nil
}
