package schema

import (
	"fmt"
	"slices"
	"strings"
)

// DDL says for which lake, and under which names, SQL is wanted that lets an engine
// read it: tables over the Parquet files, every column with its comment, and views
// ([DDL.SQL]). All of it comes from [Columns] and the descriptions beside it, so a
// column that is added there is added for every engine.
type DDL struct {
	Location string // an absolute directory, or s3://bucket/prefix
	Database string // in which the names are; a schema, where an engine calls it so
	Prefix   string // of the name of every table and view; may be empty

	// Tables are the DynamoDB tables that the lake holds; nil when nobody has looked.
	Tables []string
	// From is the first event day to be read, YYYY-MM-DD; empty when it is not known.
	// Only engines that work out partitions rather than list them need it.
	From string
	// Empty names those of touches, ledger, rollup, quarantine, config and findings that have no
	// file yet.
	Empty []string
}

// Engines are the SQL engines that [DDL.SQL] writes for.
var Engines = func() []string {
	names := make([]string, len(dialects))
	for i, d := range dialects {
		names[i] = d.engine
	}
	return names
}()

// SQL returns the statements for an engine, each ended by a semicolon and a line
// break, with no other semicolon in any of them but one that is in the lake's
// location. The same DDL gives the same text.
//
// It fails for an unknown engine, for names that some engine would not take, and for a
// location that this engine cannot read.
func (d DDL) SQL(engine string) (string, error) {
	s, err := d.script(engine)
	if err != nil {
		return "", err
	}
	return s.b.String(), nil
}

// script is all that is written for an engine.
func (d DDL) script(engine string) (*script, error) {
	at := slices.Index(Engines, engine)
	if at < 0 {
		return nil, fmt.Errorf("%q is no engine: take one of %s", engine, strings.Join(Engines, ", "))
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &script{DDL: d, dialect: &dialects[at]}
	root, err := s.dialect.root(strings.TrimRight(d.Location, "/"))
	if err != nil {
		return nil, fmt.Errorf("%s cannot read the lake: %w", s.title, err)
	}
	s.at = root
	s.comment(s.intro...)
	s.statement("CREATE %s IF NOT EXISTS %s", s.database, s.quote(d.Database))
	for _, r := range relations {
		if err := s.relation(s, r); err != nil {
			return nil, err
		}
	}
	for _, v := range views {
		s.view(v.name, v.doc, v.body)
	}
	return s, nil
}

func (d DDL) check() error {
	switch {
	case !plainName(d.Database):
		return fmt.Errorf("%q is no name for a database: take lower-case letters, digits and _, and begin with a letter", d.Database)
	case d.Prefix != "" && !plainName(d.Prefix):
		return fmt.Errorf("%q is no prefix for names: take lower-case letters, digits and _, and begin with a letter", d.Prefix)
	case strings.ContainsFunc(d.Location, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }):
		return fmt.Errorf("the lake's location %q has characters that no SQL client passes on", d.Location)
	}
	for _, name := range d.Tables {
		if !LegalTableName(name) {
			return fmt.Errorf("%q is no name of a DynamoDB table", name)
		}
	}
	if d.From != "" {
		if _, err := ParseDay(d.From); err != nil {
			return fmt.Errorf("%q is no day (YYYY-MM-DD)", d.From)
		}
	}
	return nil
}

// plainName reports whether every engine takes s for a name, quoted or not, and keeps
// it as it is: some fold capitals, some refuse a dash.
func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !('a' <= c && c <= 'z' || i > 0 && (c == '_' || '0' <= c && c <= '9')) {
			return false
		}
	}
	return s != ""
}
