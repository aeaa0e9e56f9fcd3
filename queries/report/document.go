package report

import (
	"fmt"
	"regexp"
)

// Schema names the form of the JSON, as testdata/report.schema.json has it.
const Schema = "keytrail-report/1"

// Document is a report. The ids of its sections, tables, plots and tiles, and the names
// of columns, are promises: others read the JSON.
type Document struct {
	Kind     string // compliance, subject, coverage or cost
	Title    string
	Subtitle string // what it is about: tables, period
	// Status is the banner: how far the report can be relied on.
	Status Note
	// Facts are the cover: scope, period, state of the lake, version, hashes.
	Facts    []Fact
	Sections []Section
}

// Fact is a value with a name: a tile, or a line of the cover.
type Fact struct {
	ID    string // stable, like manual_changes
	Name  string
	Value Value
	Text  string // what to make of it, in a few words; may be empty
	Level Level
}

// Note is a sentence or two that a reader must not miss.
type Note struct {
	Level Level
	Text  string
}

// Section is a chapter. Lead says what came of it, so that whoever reads only leads knows
// what there is to know.
type Section struct {
	ID     string // stable, like access-by-table
	Title  string
	Lead   string
	Level  Level // the worst that it tells
	Tiles  []Fact
	Notes  []Note
	Plots  []Plot
	Tables []Table
}

// Table returns a section's table, nil when it has none of that id.
func (s *Section) Table(id string) *Table {
	for i := range s.Tables {
		if s.Tables[i].ID == id {
			return &s.Tables[i]
		}
	}
	return nil
}

// Section returns a section, nil when there is none of that id.
func (d *Document) Section(id string) *Section {
	for i := range d.Sections {
		if d.Sections[i].ID == id {
			return &d.Sections[i]
		}
	}
	return nil
}

// Check says what is wrong with a document: ids that are missing, twice there or of a
// wrong form, rows that do not fit their columns. A report with such a fault must not
// leave the house.
func (d *Document) Check() error {
	c := checker{seen: map[string]bool{}}
	c.facts("cover", d.Facts)
	for i := range d.Sections {
		s := &d.Sections[i]
		c.id("section", s.ID, sectionID)
		c.facts("section "+s.ID, s.Tiles)
		for j := range s.Plots {
			c.id("plot", s.Plots[j].ID, memberID)
			c.fail(s.Plots[j].check())
		}
		for j := range s.Tables {
			c.id("table", s.Tables[j].ID, memberID)
			c.fail(s.Tables[j].check())
		}
	}
	return c.err
}

var (
	sectionID = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	memberID  = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
)

// checker keeps the first fault.
type checker struct {
	seen map[string]bool
	err  error
}

func (c *checker) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// id refuses ids of a wrong form, and those that two things of a kind have: a table's id
// is the name of its CSV file, a section's that of its place on the page.
func (c *checker) id(kind, id string, form *regexp.Regexp) {
	if !form.MatchString(id) {
		c.fail(fmt.Errorf("%s has the id %q", kind, id))
	}
	if c.seen[kind+" "+id] {
		c.fail(fmt.Errorf("two %ss have the id %q", kind, id))
	}
	c.seen[kind+" "+id] = true
}

func (c *checker) facts(of string, facts []Fact) {
	for _, f := range facts {
		c.id(of+" fact", f.ID, memberID)
	}
}
