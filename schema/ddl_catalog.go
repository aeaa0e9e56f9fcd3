package schema

// CatalogTable is a table over files of the lake as the catalogue of Athena has it: what
// [DDL.SQL] says in SQL, for those who fill the catalogue by other means.
type CatalogTable struct {
	Name, Doc  string
	Path       string // below the lake's location, with a slash at both ends
	Columns    []CatalogColumn
	Partitions []CatalogColumn
	Properties []Property // in a fixed order
}

// CatalogColumn is a column, its type in the words of Athena.
type CatalogColumn struct{ Name, Type, Doc string }

// Property is a name and its value.
type Property struct{ Name, Value string }

// Catalog returns the tables that [DDL.SQL] makes for Athena, in its order. It fails when
// that does.
func (d DDL) Catalog() ([]CatalogTable, error) {
	s, err := d.script("athena")
	if err != nil {
		return nil, err
	}
	return s.made, nil
}

func (s *script) catalogColumns(fields []field) []CatalogColumn {
	columns := make([]CatalogColumn, len(fields))
	for i, f := range fields {
		columns[i] = CatalogColumn{f.name, s.typeOf(f), f.doc}
	}
	return columns
}
