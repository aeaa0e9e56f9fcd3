package schema

import (
	"fmt"
	"strings"
)

// trinoRelation writes a table of the Hive connector over files that are there.
func trinoRelation(s *script, r relation) error {
	names := make([]string, len(r.partitions))
	for i, p := range r.partitions {
		names[i] = s.literal(p.name)
	}
	s.comment(r.doc + ".")
	s.createTable(r)
	s.statement("COMMENT %s\nWITH (\n  external_location = %s,\n  format = 'PARQUET',\n  partitioned_by = ARRAY[%s]\n)",
		s.text(r.doc), s.literal(s.at+"/"+r.name), strings.Join(names, ", "))
	s.statement("CALL system.sync_partition_metadata(%s, %s, 'FULL')", s.literal(s.Database), s.literal(s.Prefix+r.name))
	return nil
}

// sparkRelation writes a table of the data source parquet.
func sparkRelation(s *script, r relation) error {
	names := make([]string, len(r.partitions))
	for i, p := range r.partitions {
		names[i] = s.quote(p.name)
	}
	s.comment(r.doc + ".")
	s.createTable(r)
	s.statement("USING PARQUET\nPARTITIONED BY (%s)\nLOCATION %s\nCOMMENT %s",
		strings.Join(names, ", "), s.literal(s.at+"/"+r.name), s.text(r.doc))
	s.statement("MSCK REPAIR TABLE %s", s.name(r.name))
	return nil
}

// createTable begins a table: its columns, those in the path last.
func (s *script) createTable(r relation) {
	fmt.Fprintf(&s.b, "CREATE TABLE %s (\n", s.name(r.name))
	s.fieldList(r.all())
	s.b.WriteString(")\n")
}
