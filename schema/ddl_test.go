package schema

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/golden"
)

var (
	sampleDDL   = DDL{Location: "s3://audit/lake/", Database: "keytrail", Tables: []string{"Customers", "orders-v2", "test.scratch"}, From: "2026-03-02", Empty: []string{"quarantine"}}
	injectedDDL = DDL{Location: "s3://audit/lake", Database: "keytrail", Prefix: "kt_"}
	hostileDDL  = DDL{Location: `s3://audit/it's \'; DROP TABLE x --`, Database: "keytrail"}
)

func bytesHash(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:8]
}

// statements cuts SQL the way a simple client does, without what is commented out.
func statements(sql string) []string {
	var list []string
	for _, part := range strings.Split(commentLine.ReplaceAllString(sql, ""), ";\n") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

var commentLine = regexp.MustCompile(`(?m)^--.*\n`)

func TestDDLGolden(t *testing.T) {
	directory := sampleDDL
	directory.Location = "/srv/audit lake"
	for _, engine := range Engines {
		for name, d := range map[string]DDL{"": sampleDDL, "-directory": directory, "-injected": injectedDDL} {
			if name == "-injected" && engine != "athena" {
				continue
			}
			t.Run(engine+name, func(t *testing.T) {
				sql, err := d.SQL(engine)
				if err != nil {
					sql = err.Error() + "\n"
				}
				golden.Check(t, "schema/ddl-"+engine+name, sql)
			})
		}
	}
}

// Every column is there in every engine, with its comment, in every table over touches.
func TestDDLHasEveryColumn(t *testing.T) {
	for _, engine := range Engines {
		sql, err := sampleDDL.SQL(engine)
		if err != nil {
			t.Fatal(err)
		}
		s := script{dialect: &dialects[slices.Index(Engines, engine)]}
		for _, c := range Columns {
			comment := s.text(c.Doc)
			said := false
			for line := range strings.Lines(sql) {
				said = said || strings.Contains(line, s.quote(c.Name)) && strings.Contains(line, comment)
			}
			if !said {
				t.Errorf("%s: no line has both %s and %s", engine, c.Name, comment)
			}
		}
	}
}

// The columns in the path are those that the files are put under.
func TestDDLHasThePartitionColumns(t *testing.T) {
	if got := fieldNames(relations[0].partitions); !slices.Equal(got, PartitionColumns) {
		t.Errorf("touches is partitioned by %v, not %v", got, PartitionColumns)
	}
}

// One more column is one more everywhere: nothing is written out by hand.
func TestDDLFollowsTheColumns(t *testing.T) {
	was := relations
	t.Cleanup(func() { relations = was })
	for _, engine := range Engines {
		relations = was
		before, err := sampleDDL.SQL(engine)
		if err != nil {
			t.Fatal(err)
		}
		relations = slices.Clone(was)
		relations[0].fields = append(slices.Clone(was[0].fields), field{"shoe_size", sqlInt, true, "made up"})
		after, err := sampleDDL.SQL(engine)
		if err != nil {
			t.Fatal(err)
		}
		// The table, and the view that names all columns; the source of a view, if any.
		if n := strings.Count(after, "shoe_size"); strings.Contains(before, "shoe_size") || n < 2 {
			t.Errorf("%s names the new column %d times", engine, n)
		}
	}
}

// Clients cut their input at semicolons, and some look for quotes in comments.
func TestDDLIsEasyToCut(t *testing.T) {
	for _, d := range []DDL{sampleDDL, injectedDDL} {
		for _, engine := range Engines {
			sql, err := d.SQL(engine)
			if err != nil {
				t.Fatal(err)
			}
			if n, ends := strings.Count(sql, ";"), strings.Count(sql, ";\n"); n != ends {
				t.Errorf("%s: %d of %d semicolons end no line", engine, n-ends, n)
			}
			for line := range strings.Lines(sql) {
				if strings.HasPrefix(line, "--") && strings.Count(line, "'")%2 != 0 {
					t.Errorf("%s: a quote is open in %q", engine, line)
				}
			}
			for _, statement := range statements(sql) {
				if first, _, _ := strings.Cut(statement, " "); !slices.Contains([]string{"CREATE", "COMMENT", "CALL", "MSCK"}, first) {
					t.Errorf("%s: a statement that changes something else: %.60q", engine, statement)
				}
			}
		}
	}
}

func TestDDLQuotesTheLocation(t *testing.T) {
	for engine, want := range map[string]string{
		"athena":     `'s3://audit/it\'s \\\'; DROP TABLE x --/touches/'`,
		"duckdb":     `'s3://audit/it''s \''; DROP TABLE x --/touches/*/*/*.parquet'`,
		"trino":      `'s3://audit/it''s \''; DROP TABLE x --/touches'`,
		"spark":      `'s3a://audit/it\'s \\\'; DROP TABLE x --/touches'`,
		"clickhouse": `'s3://audit/it\'s \\\'; DROP TABLE x --/touches/*/*/*.parquet'`,
	} {
		sql, err := hostileDDL.SQL(engine)
		if err != nil || !strings.Contains(sql, want) {
			t.Errorf("%s: no %s (%v)", engine, want, err)
		}
	}
}

// Above a few dozen tables Athena is not told their names.
func TestDDLListsFewTables(t *testing.T) {
	for n, listed := range map[int]bool{0: false, 1: true, maxEnum: true, maxEnum + 1: false} {
		d := sampleDDL
		d.Tables = nil
		for i := range n {
			d.Tables = append(d.Tables, fmt.Sprintf("table-%03d", i))
		}
		sql, err := d.SQL("athena")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(sql, "'enum'") != listed || strings.Contains(sql, "'injected'") == listed || strings.Contains(sql, `"unlisted_tables"`) != listed {
			t.Errorf("%d tables: listed should be %v", n, listed)
		}
	}
}

func TestDDLRefuses(t *testing.T) {
	for want, c := range map[string]struct {
		engine string
		change func(*DDL)
	}{
		`"mysql" is no engine: take one of athena`:  {"mysql", func(*DDL) {}},
		"Athena cannot read the lake: it reads S3":  {"athena", func(d *DDL) { d.Location = "/srv/lake" }},
		"neither an absolute directory nor s3":      {"spark", func(d *DDL) { d.Location = "lake" }},
		"for a pattern":                             {"duckdb", func(d *DDL) { d.Location = "/srv/lake[1]" }},
		"takes the '{' in":                          {"clickhouse", func(d *DDL) { d.Location = "s3://b/{a,b}" }},
		"that no SQL client passes on":              {"trino", func(d *DDL) { d.Location = "/srv/a\nb" }},
		`"" is no name for a database`:              {"trino", func(d *DDL) { d.Database = "" }},
		`"Audit" is no name for a database`:         {"trino", func(d *DDL) { d.Database = "Audit" }},
		`"a\"b" is no prefix`:                       {"duckdb", func(d *DDL) { d.Prefix = `a"b` }},
		`"a,b" is no name of a`:                     {"athena", func(d *DDL) { d.Tables = []string{"orders", "a,b"} }},
		`"2026-13-01" is no day`:                    {"athena", func(d *DDL) { d.From = "2026-13-01" }},
		"the lake holds no touches yet, and DuckDB": {"duckdb", func(d *DDL) { d.Empty = []string{"touches"} }},
	} {
		d := sampleDDL
		c.change(&d)
		if sql, err := d.SQL(c.engine); err == nil || sql != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
