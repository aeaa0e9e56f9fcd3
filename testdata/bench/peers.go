package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// query reads an SQL file and fills in the placeholders.
func (r *race) query(name, out string) (string, error) {
	engine, _, _ := strings.Cut(name, "_")
	parts := map[string]string{}
	for _, part := range []string{name, engine + "_records.sql", engine + "_settings.sql"} {
		text, err := os.ReadFile(filepath.Join(r.sql, part))
		if err != nil {
			return "", err
		}
		parts[part] = string(text)
	}
	records, settings := parts[engine+"_records.sql"], parts[engine+"_settings.sql"]
	q := strings.NewReplacer("{{records}}", records, "{{settings}}", settings).Replace(parts[name])
	return strings.NewReplacer("{{corpus}}", r.corpus, "{{out}}", out, "{{threads}}", strconv.Itoa(r.threads())).Replace(q), nil
}

// peer is a contestant that runs an SQL file.
func (r *race) peer(name, file string, touches bool, argv ...string) *contestant {
	return &contestant{
		name: name,
		start: func(out string) ([]string, string, error) {
			q, err := r.query(file, out)
			return argv, q, err
		},
		rows: func(out string, _ []byte) (int64, error) { return r.countRows(out) },
		want: func(lakeRows int64) int64 {
			if touches {
				return lakeRows
			}
			return r.about.Records
		},
	}
}

func (r *race) duckdbDoes(name, file string, touches bool) *contestant {
	return r.peer(name, file, touches, r.duckdb, "-")
}

func (r *race) clickhouseDoes(name, file string, touches bool) *contestant {
	return r.peer(name, file, touches, "env", "NODE_PATH="+r.chdb, "node", filepath.Join(r.sql, "..", "chdb", "run.js"))
}

// inflateOnly is the floor: the same objects to nowhere, by the fastest inflater
// there is.
func (r *race) inflateOnly() *contestant {
	gunzip, err := exec.LookPath("libdeflate-gunzip")
	if err != nil {
		return nil
	}
	return &contestant{
		name: "inflate only, libdeflate",
		start: func(string) ([]string, string, error) {
			return []string{"sh", "-c", `find "$1" -name '*.gz' -print0 | xargs -0 "$0" -c >/dev/null`, gunzip, r.corpus}, "", nil
		},
		rows: func(string, []byte) (int64, error) { return 0, nil },
		want: func(int64) int64 { return 0 },
	}
}

// countRows counts the rows of all Parquet files under dir, by DuckDB.
func (r *race) countRows(dir string) (int64, error) {
	var rows []struct{ N int64 }
	err := r.ask(`SELECT coalesce(sum(num_rows), 0)::BIGINT AS n FROM parquet_file_metadata(`+quote(filepath.Join(dir, "**", "*.parquet"))+`)`, &rows)
	if err != nil {
		return 0, err
	}
	return rows[0].N, nil
}

// ask runs a query in DuckDB, not measured, and decodes its rows into v.
func (r *race) ask(query string, v any) error {
	cmd := exec.Command(r.duckdb, "-")
	cmd.Stdin = strings.NewReader(query)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("duckdb: %w: %s", err, stderr.Bytes())
	}
	return json.Unmarshal(out, v)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
