package schema

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// dialect is what one engine's SQL has of its own.
type dialect struct {
	engine, title string
	types         [kinds]string
	nullable      string // format of a type that takes NULL, where that is not every type
	mark          string // quotes a name in statements that create tables
	viewMark      string // quotes a name in views, where that differs
	literal       func(string) string
	database      string // what a database is called
	touches       string // where views find every touch
	viewDoc       place  // where the comment of a view stands
	intro         []string
	// root is the lake's location as the engine wants it.
	root func(location string) (string, error)
	// relation writes the table or view over the files of one relation.
	relation func(*script, relation) error
}

// place is where the SQL has a comment that stays with a view.
type place uint8

const (
	nowhere     place = iota
	beforeQuery       // CREATE VIEW v COMMENT 'doc' AS
	afterQuery        // CREATE VIEW v AS SELECT 1 COMMENT 'doc'
	apart             // COMMENT ON VIEW v IS 'doc'
)

// inView is a table's or view's name as views name it.
func (s *script) inView(of string) string {
	name := s.name(of)
	if s.viewMark != "" {
		name = strings.ReplaceAll(name, s.mark, s.viewMark)
	}
	return name
}

var dialects = []dialect{
	{
		engine: "athena", title: "Athena",
		types: [kinds]string{sqlText: "string", sqlInt: "int", sqlLong: "bigint", sqlTime: "timestamp", sqlBool: "boolean", sqlTexts: "array<string>", sqlDay: "date", sqlDouble: "double", sqlDoubles: "array<double>"},
		mark:  "`", viewMark: `"`, literal: escaped, database: "DATABASE", touches: "all_touches",
		intro: []string{
			"The lake as tables of Athena. The console runs one statement at a time.",
			"Nothing here is replaced but views: to run it anew, drop the tables first, which leaves",
			"their files alone. Times are UTC. Athena shows milliseconds, where the files have microseconds.",
		},
		root: onlyS3("s3"), relation: athenaRelation,
	},
	{
		engine: "duckdb", title: "DuckDB",
		types: [kinds]string{sqlText: "VARCHAR", sqlInt: "INTEGER", sqlLong: "BIGINT", sqlTime: "TIMESTAMP WITH TIME ZONE", sqlBool: "BOOLEAN", sqlTexts: "VARCHAR[]", sqlDay: "DATE", sqlDouble: "DOUBLE", sqlDoubles: "DOUBLE[]"},
		mark:  `"`, literal: doubled, database: "SCHEMA", touches: "touches", viewDoc: apart,
		intro: []string{
			"The lake as views of DuckDB, which find new files by themselves. Times are shown in the",
			"session time zone: SET TimeZone = 'UTC' shows them as they were logged.",
			"A bucket needs credentials, once per session:",
			"  CREATE SECRET (TYPE s3, PROVIDER credential_chain)",
		},
		root: unpatterned(anywhere("s3", "")), relation: duckdbRelation,
	},
	{
		// Trino documentation, Hive connector: a column must have the precision that
		// hive.timestamp-precision says, which is milliseconds unless somebody changed it;
		// partition columns come last.
		engine: "trino", title: "Trino",
		types: [kinds]string{sqlText: "varchar", sqlInt: "integer", sqlLong: "bigint", sqlTime: "timestamp(3)", sqlBool: "boolean", sqlTexts: "array(varchar)", sqlDay: "date", sqlDouble: "double", sqlDoubles: "array(double)"},
		mark:  `"`, literal: doubled, database: "SCHEMA", touches: "touches", viewDoc: beforeQuery,
		intro: []string{
			"The lake as tables of Trino, in a catalog of the Hive connector: trino --catalog hive",
			"Nothing here is replaced but views: to run it anew, drop the tables first, which leaves",
			"their files alone. Times are UTC. timestamp(3) is for hive.timestamp-precision=MILLISECONDS,",
			"the default: where it is MICROSECONDS, write timestamp(6). Trino has to be told of partitions:",
			"run the five CALLs after every ingest, or new tables and days are not seen.",
		},
		root: anywhere("s3", "file://"), relation: trinoRelation,
	},
	{
		engine: "spark", title: "Spark",
		types: [kinds]string{sqlText: "STRING", sqlInt: "INT", sqlLong: "BIGINT", sqlTime: "TIMESTAMP", sqlBool: "BOOLEAN", sqlTexts: "ARRAY<STRING>", sqlDay: "DATE", sqlDouble: "DOUBLE", sqlDoubles: "ARRAY<DOUBLE>"},
		mark:  "`", literal: escaped, database: "DATABASE", touches: "touches", viewDoc: beforeQuery,
		intro: []string{
			"The lake as tables of Spark SQL. Nothing here is replaced but views: to run it anew, drop the",
			"tables first, which leaves their files alone. Times are shown in the session time zone:",
			"SET TIME ZONE 'UTC' shows them as they were logged. Spark has to be told of partitions: run the",
			"five MSCK REPAIRs after every ingest, or new tables and days are not seen.",
		},
		root: anywhere("s3a", "file://"), relation: sparkRelation,
	},
	{
		// ClickHouse documentation, data types: an Array cannot be NULL.
		engine: "clickhouse", title: "ClickHouse",
		types: [kinds]string{sqlText: "String", sqlInt: "Int32", sqlLong: "Int64", sqlTime: "DateTime64(6, 'UTC')", sqlBool: "Bool", sqlTexts: "Array(String)", sqlDay: "Date32", sqlDouble: "Float64", sqlDoubles: "Array(Float64)"},
		mark:  "`", nullable: "Nullable(%s)", literal: escaped, database: "DATABASE", touches: "touches", viewDoc: afterQuery,
		intro: []string{
			"The lake as views of ClickHouse (tried with 26.7), which find new files by themselves. A list",
			"that is NULL elsewhere is empty here. Credentials for a bucket come from the configuration of",
			"the server. A server reads directories below its user_files_path only, clickhouse local any.",
		},
		root: unpatterned(anywhere("s3", "")), relation: clickhouseRelation,
	},
}

// doubled is a string literal of standard SQL.
func doubled(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// escaped is a string literal where a backslash takes the next character as it is.
func escaped(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// anywhere takes buckets, under the scheme the engine has for them, and directories.
func anywhere(scheme, file string) func(string) (string, error) {
	return func(location string) (string, error) {
		if bucket, ok := strings.CutPrefix(location, "s3://"); ok {
			return scheme + "://" + bucket, nil
		}
		if !filepath.IsAbs(filepath.FromSlash(location)) {
			return "", fmt.Errorf("%q is neither an absolute directory nor s3://bucket/prefix", location)
		}
		return file + location, nil
	}
}

// onlyS3 takes buckets.
func onlyS3(scheme string) func(string) (string, error) {
	return func(location string) (string, error) {
		if !strings.HasPrefix(location, "s3://") {
			return "", errors.New("it reads S3 only, and this lake is a directory: copy the lake to a bucket, or ingest into one, and name that")
		}
		return anywhere(scheme, "")(location)
	}
}

// unpatterned takes what root takes, unless a part of it would be read as a pattern.
func unpatterned(root func(string) (string, error)) func(string) (string, error) {
	return func(location string) (string, error) {
		if at := strings.IndexAny(location, "*?[]{}"); at >= 0 {
			return "", fmt.Errorf("it takes the %q in %s for a pattern: give the lake a name without", location[at], location)
		}
		return root(location)
	}
}
