package schema

import (
	"fmt"
	"slices"
	"strings"
)

// glob matches the files of a relation.
func (s *script) glob(r relation) string {
	return s.literal(s.at + "/" + r.name + strings.Repeat("/*", len(r.partitions)) + "/*.parquet")
}

// duckdbRelation writes a view over the files. DuckDB guesses the types of columns in
// the path unless it is told, and takes no view over files of which there are none.
func duckdbRelation(s *script, r relation) error {
	if slices.Contains(s.Empty, r.name) {
		if r.name == "touches" {
			return fmt.Errorf("the lake holds no touches yet, and %s makes no view over nothing: ingest first", s.title)
		}
		s.comment("Nothing is in " + r.name + " yet. Write this again when there is: DuckDB makes no view over nothing.")
		return nil
	}
	types := make([]string, len(r.partitions))
	for i, p := range r.partitions {
		types[i] = s.literal(p.name) + ": " + s.types[p.kind]
	}
	s.comment(r.doc + ".")
	s.statement("CREATE OR REPLACE VIEW %s AS\nSELECT\n  %s\nFROM read_parquet(%s,\n  hive_partitioning = true, hive_types = {%s})",
		s.name(r.name), wrap(fieldNames(r.all()), 2), s.glob(r), strings.Join(types, ", "))
	s.describe(r.name, r.doc)
	for _, f := range r.all() {
		s.statement("COMMENT ON COLUMN %s.%s IS %s", s.name(r.name), s.quote(f.name), s.text(f.doc))
	}
	return nil
}

// clickhouseRelation writes a view over the files. ClickHouse takes the Hive NULL in a
// path for text. Columns are declared, so that a view over no files is an empty one; by
// a table function, because the engines of tables know no columns in the path unless
// they are partitioned (ClickHouse, 74571).
func clickhouseRelation(s *script, r relation) error {
	function := "file"
	if strings.HasPrefix(s.at, "s3://") {
		function = "s3"
	}
	columns, structure := fieldNames(r.fields), make([]string, 0, len(r.fields)+len(r.partitions))
	for _, f := range r.fields {
		structure = append(structure, f.name+" "+s.typeOf(f))
	}
	for _, p := range r.partitions {
		inPath, value := p, p.name
		switch {
		case p.null && p.kind == sqlDay:
			inPath, value = field{name: p.name}, fmt.Sprintf("toDate32OrNull(%s) AS %[1]s", p.name)
		case p.null:
			inPath.null, value = false, fmt.Sprintf("nullIf(%s, %s) AS %[1]s", p.name, s.literal(NoTable))
		}
		structure = append(structure, inPath.name+" "+s.typeOf(inPath))
		columns = append(columns, value)
	}
	s.comment(r.doc + ".")
	fmt.Fprintf(&s.b, "CREATE OR REPLACE VIEW %s (\n", s.name(r.name))
	s.fieldList(r.all())
	s.statement(") AS\nSELECT\n  %s\nFROM %s(%s, 'Parquet', %s)\nSETTINGS use_hive_partitioning = 1\nCOMMENT %s",
		wrap(columns, 2), function, s.glob(r), s.literal("\n  "+wrap(structure, 2)), s.text(r.doc))
	return nil
}
