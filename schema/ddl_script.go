package schema

import (
	"fmt"
	"strings"
)

// script is the SQL for one engine while it is being written.
type script struct {
	DDL
	*dialect
	at string // the lake's location in the engine's form, without a slash at its end
	b  strings.Builder

	made []CatalogTable // the tables written so far, for Athena
}

// comment writes lines that the engine passes over.
func (s *script) comment(lines ...string) {
	if s.b.Len() > 0 {
		s.b.WriteByte('\n')
	}
	for _, line := range lines {
		s.b.WriteString(strings.TrimRight("-- "+line, " ") + "\n")
	}
}

// statement writes one statement.
func (s *script) statement(format string, a ...any) {
	fmt.Fprintf(&s.b, format+";\n", a...)
}

// view writes a view; in its body {name} is a table or view of ours.
func (s *script) view(name, doc, body string) {
	s.comment(strings.Split(doc, "\n")...)
	before, after := "", ""
	switch s.viewDoc {
	case beforeQuery:
		before = "\nCOMMENT " + s.text(doc)
	case afterQuery:
		after = "\nCOMMENT " + s.text(doc)
	}
	s.statement("CREATE OR REPLACE VIEW %s%s AS\n%s%s", s.inView(name), before, s.expand(body), after)
	if s.viewDoc == apart {
		s.describe(name, doc)
	}
}

// describe attaches the comment of a view, for engines that do it apart.
func (s *script) describe(view, doc string) {
	s.statement("COMMENT ON VIEW %s IS %s", s.name(view), s.text(doc))
}

// expand fills in the names in the body of a view.
func (s *script) expand(body string) string {
	var pairs []string
	for _, r := range relations {
		pairs = append(pairs, "{"+r.name+"}", s.inView(r.name))
	}
	for _, v := range views {
		pairs = append(pairs, "{"+v.name+"}", s.inView(v.name))
	}
	pairs = append(pairs, "{all}", s.inView(s.touches), "{columns}", wrap(fieldNames(relations[0].all()), 2))
	return strings.NewReplacer(pairs...).Replace(body)
}

// name is a table's or view's name, qualified and quoted.
func (s *script) name(of string) string { return s.quote(s.Database) + "." + s.quote(s.Prefix+of) }

// quote quotes a name. [DDL] takes none that would have to be escaped.
func (s *script) quote(name string) string { return s.mark + name + s.mark }

// text is a string literal of what stands for itself: a comment. Several clients cut
// their input at every semicolon and every line break is one too many in a comment.
func (s *script) text(doc string) string {
	return s.literal(strings.NewReplacer(";", ",", "\n", " ").Replace(doc))
}

// fieldList writes one column per line: its name, type and comment, flush.
func (s *script) fieldList(fields []field) {
	var names, types int
	for _, f := range fields {
		names, types = max(names, len(f.name)), max(types, len(s.typeOf(f)))
	}
	for i, f := range fields {
		end := ",\n"
		if i == len(fields)-1 {
			end = "\n"
		}
		fmt.Fprintf(&s.b, "  %-*s %-*s COMMENT %s%s", names+2, s.quote(f.name), types, s.typeOf(f), s.text(f.doc), end)
	}
}

// typeOf is a column's type.
func (s *script) typeOf(f field) string {
	t := s.types[f.kind]
	if f.null && s.nullable != "" && f.kind != sqlTexts && f.kind != sqlDoubles {
		return fmt.Sprintf(s.nullable, t)
	}
	return t
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// wrap joins names by commas, in lines of at most about a hundred characters, indented.
func wrap(names []string, indent int) string {
	var b strings.Builder
	width := indent
	for i, name := range names {
		switch {
		case i > 0 && width+len(name) > 100:
			b.WriteString(",\n" + strings.Repeat(" ", indent))
			width = indent
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(name)
		width += len(name) + 2
	}
	return b.String()
}
