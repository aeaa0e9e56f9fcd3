package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// sentence is a statement and the grammar it is to be held against.
type sentence struct {
	Grammar string `json:"grammar"`
	SQL     string `json:"sql"`
}

// The engines that no test can run have their grammars, which are those of the engines
// themselves (ANTLR). Athena takes Hive's for tables and Trino's for everything else.
func TestDDLParses(t *testing.T) {
	var sentences []sentence
	for _, d := range []DDL{sampleDDL, injectedDDL, hostileDDL} {
		for _, engine := range []string{"athena", "trino", "spark"} {
			sql, err := d.SQL(engine)
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range statements(sql) {
				grammar := engine
				switch {
				case engine == "athena" && strings.HasPrefix(statement, "CREATE OR REPLACE VIEW"):
					grammar = "trino"
				case engine == "athena":
					grammar = "hive"
				}
				if s := (sentence{grammar, statement + ";"}); !slices.Contains(sentences, s) {
					sentences = append(sentences, s)
				}
			}
		}
	}
	good := len(sentences)
	sentences = append(sentences, sentence{"hive", "CREATE EXTERNAL TABLE t (a strin g);"}, sentence{"spark", "CREATE TABLE t (a INT) USINGPARQUET;"}, sentence{"trino", "CREATE TABLE t (a varchar;"})
	for i, fault := range parse(t, sentences) {
		if i < good && fault != "" {
			t.Errorf("%s: %s\n%s", sentences[i].Grammar, fault, sentences[i].SQL)
		}
		if i >= good && fault == "" {
			t.Errorf("%s takes %q: it would take anything", sentences[i].Grammar, sentences[i].SQL)
		}
	}
}

// parse asks the grammars in testdata/sqlparse, which want Node.js.
func parse(t *testing.T, sentences []sentence) (faults []string) {
	t.Helper()
	dir := installGrammars(t)
	program, err := filepath.Abs(filepath.Join("..", "testdata", "sqlparse", "parse.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(sentences)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", program)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(out, &faults); err != nil || len(faults) != len(sentences) {
		t.Fatalf("%d answers to %d statements: %v", len(faults), len(sentences), err)
	}
	return faults
}

// installGrammars installs the grammars once per machine and version, and skips the
// test where that cannot be done.
func installGrammars(t *testing.T) (dir string) {
	t.Helper()
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: the grammars of Athena, Trino and Spark: no %s", tool)
		}
	}
	manifest, err := os.ReadFile(filepath.Join("..", "testdata", "sqlparse", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir = filepath.Join(cache, "keytrail-test", fmt.Sprintf("sqlparse-%x", bytesHash(manifest)))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	done := filepath.Join(dir, "installed")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), manifest, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: the grammars of Athena, Trino and Spark: npm install: %v\n%s", err, out)
	}
	if err := os.WriteFile(done, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
