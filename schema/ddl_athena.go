package schema

import (
	"fmt"
	"slices"
	"strings"
)

// maxEnum is how many tables Athena is told by name. Amazon Athena User Guide,
// "Supported types for partition projection": a few dozen at most.
const maxEnum = 50

// noDayKnown is where projection begins when nobody has looked into the lake.
const noDayKnown = "NOW-3YEARS"

// athenaRelation writes tables whose partitions Athena works out by itself, so that no
// crawler and no MSCK REPAIR has to run after an ingest.
//
// A partition is worked out from a list of values or a range of days, and NULL is in
// neither: __HIVE_DEFAULT_PARTITION__ among the values would not do, because the value
// is compared as text and read as NULL (so in Trino, plugin/trino-hive, EnumProjection,
// on which Athena is built). Hence rows of no table have a table of their own, and what
// may have no day is not partitioned at all: Athena reads all files below a location.
func athenaRelation(s *script, r relation) error {
	nullDay := r.partitions[len(r.partitions)-1].null
	switch {
	case r.name == "touches":
		athenaTouches(s, r)
	case nullDay:
		s.comment("Not partitioned, so that what has no day is found too.")
		athenaTable(s, r.name, r.doc, r.fields, nil, "/"+r.name+"/", nil)
	default:
		s.comment("Partitioned by days that Athena works out.")
		athenaTable(s, r.name, r.doc, r.fields, r.partitions, "/"+r.name+"/", s.projectDays())
		athenaUnlisted(s)
	}
	return nil
}

func athenaTouches(s *script, r relation) {
	notes := []string{
		"Athena works out the partitions of days from a range, which ends tomorrow: rows of other days",
		"are not seen. Write this again once days before " + s.firstDay() + " have been ingested.",
	}
	byTable := []Property{{"projection.table_name.type", "injected"}}
	if s.listed() {
		byTable = []Property{{"projection.table_name.type", "enum"}, {"projection.table_name.values", strings.Join(s.Tables, ",")}}
		notes = append(notes,
			"The tables are those of the lake when this was written. Rows of a table that is not listed are",
			"not seen: write this again when "+s.Prefix+"unlisted_tables has rows.")
	} else {
		notes = append(notes,
			"There may be more tables than can be listed, so Athena wants to be told in every query which",
			"are meant, WHERE table_name = 'orders' or IN several. A query without that fails.")
	}
	s.comment(notes...)
	athenaTable(s, r.name, r.doc, r.fields, r.partitions, "/touches/", append(byTable, s.projectDays()...))

	day := r.partitions[1:]
	s.comment("Rows of no particular table. Partition projection knows no NULL.")
	athenaTable(s, "touches_no_table", "Rows of touches that are of no particular table", r.fields, day,
		"/touches/table_name="+NoTable+"/", s.projectDays())
	names := wrap(fieldNames(r.fields), 2)
	s.view("all_touches", "Both: what other engines call touches.", fmt.Sprintf(
		"SELECT * FROM {touches}\nUNION ALL\nSELECT\n  %s,\n  CAST(NULL AS varchar) AS table_name, day\nFROM %s", names, s.inView("touches_no_table")))
}

// athenaUnlisted writes a view that says whether the list of tables is out of date.
// The rollup has every table and needs no list.
func athenaUnlisted(s *script) {
	if !s.listed() {
		return
	}
	quoted := make([]string, len(s.Tables))
	for i, t := range s.Tables {
		quoted[i] = doubled(t)
	}
	s.view("unlisted_tables", "Tables with touches that are not seen, because they are newer than this list.",
		"SELECT DISTINCT table_name FROM {rollup}\nWHERE table_name NOT IN (\n  "+wrap(quoted, 2)+"\n)")
}

func athenaTable(s *script, name, doc string, fields, partitions []field, location string, properties []Property) {
	fmt.Fprintf(&s.b, "CREATE EXTERNAL TABLE %s (\n", s.name(name))
	s.fieldList(fields)
	fmt.Fprintf(&s.b, ")\nCOMMENT %s\n", s.text(doc))
	if partitions != nil {
		s.b.WriteString("PARTITIONED BY (\n")
		s.fieldList(partitions)
		s.b.WriteString(")\n")
		properties = slices.Concat([]Property{{"projection.enabled", "true"}}, properties)
	}
	properties = append(properties, Property{"classification", "parquet"})
	lines := make([]string, len(properties))
	for i, p := range properties {
		lines[i] = s.literal(p.Name) + " = " + s.literal(p.Value)
	}
	s.statement("STORED AS PARQUET\nLOCATION %s\nTBLPROPERTIES (\n  %s\n)", s.literal(s.at+location), strings.Join(lines, ",\n  "))
	s.made = append(s.made, CatalogTable{
		Name: s.Prefix + name, Doc: doc, Path: location,
		Columns: s.catalogColumns(fields), Partitions: s.catalogColumns(partitions), Properties: properties,
	})
}

// listed reports whether the lake's tables are told by name.
func (s *script) listed() bool { return len(s.Tables) > 0 && len(s.Tables) <= maxEnum }

func (s *script) firstDay() string {
	if s.From == "" {
		return noDayKnown
	}
	return s.From
}

// projectDays is the range of days. It ends tomorrow, because some clock may be ahead.
func (s *script) projectDays() []Property {
	return []Property{
		{"projection.day.type", "date"},
		{"projection.day.format", "yyyy-MM-dd"},
		{"projection.day.range", s.firstDay() + ",NOW+1DAYS"},
		{"projection.day.interval", "1"},
		{"projection.day.interval.unit", "DAYS"},
	}
}
