package report

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/keytrail/keytrail/queries"
)

// WriteJSON writes the document as one JSON object, with all rows of all tables. Rows are
// objects with the columns' names, in the columns' order; counts, shares and money are
// numbers, times RFC 3339 in UTC, what is not known is null.
func WriteJSON(w io.Writer, d *Document) error {
	out := bufio.NewWriter(w)
	j := jsonWriter{out: out}
	j.document(d)
	out.WriteByte('\n')
	return out.Flush() // keeps the first error
}

// jsonWriter writes members in the order they are asked for, which encoding/json does for
// structs alone.
type jsonWriter struct {
	out   *bufio.Writer
	depth int
	first bool
}

func (j *jsonWriter) document(d *Document) {
	j.object(func() {
		j.text("schema", Schema)
		j.text("kind", d.Kind)
		j.text("title", d.Title)
		j.text("subtitle", d.Subtitle)
		j.member("status", func() { j.note(d.Status) })
		list(j, "cover", d.Facts, j.fact)
		list(j, "sections", d.Sections, j.section)
	})
}

func (j *jsonWriter) section(s Section) {
	j.object(func() {
		j.text("id", s.ID)
		j.text("title", s.Title)
		j.text("lead", s.Lead)
		j.text("level", string(s.Level))
		list(j, "tiles", s.Tiles, j.fact)
		list(j, "notes", s.Notes, j.note)
		list(j, "plots", s.Plots, j.plot)
		list(j, "tables", s.Tables, j.table)
	})
}

func (j *jsonWriter) fact(f Fact) {
	j.object(func() {
		j.text("id", f.ID)
		j.text("name", f.Name)
		j.member("value", func() { j.value(f.Value) })
		j.text("text", f.Text)
		j.text("level", string(f.Level))
	})
}

func (j *jsonWriter) note(n Note) {
	j.object(func() {
		j.text("level", string(n.Level))
		j.text("text", n.Text)
	})
}

func (j *jsonWriter) table(t Table) {
	j.object(func() {
		j.text("id", t.ID)
		j.text("title", t.Title)
		j.text("lead", t.Lead)
		list(j, "columns", t.Columns, func(c Column) {
			j.object(func() {
				j.text("name", c.Name)
				j.text("title", c.Title)
				j.text("kind", c.Kind.String())
			})
		})
		list(j, "rows", t.Rows, func(row []Value) {
			j.object(func() {
				for i, v := range row {
					j.member(t.Columns[i].Name, func() { j.value(v) })
				}
			})
		})
	})
}

func (j *jsonWriter) plot(p Plot) {
	j.object(func() {
		j.text("id", p.ID)
		j.text("title", p.Title)
		j.text("lead", p.Lead)
		j.text("kind", string(p.Kind))
		j.text("unit", p.Unit)
		list(j, "columns", p.Columns, j.string)
		list(j, "rows", p.Rows, func(r PlotRow) {
			j.object(func() {
				j.text("name", r.Name)
				j.text("level", string(r.Level))
				list(j, "values", r.Values, j.number)
				list(j, "low", r.Low, j.number)
				list(j, "high", r.High, j.number)
			})
		})
		list(j, "states", p.States, func(s State) {
			j.object(func() {
				j.text("name", s.Name)
				j.text("sign", s.Sign)
				j.text("level", string(s.Level))
			})
		})
		list(j, "moments", p.Moments, func(m Moment) {
			j.object(func() {
				j.member("time", func() { j.value(TimeOf(m.Time)) })
				j.member("lane", func() { j.out.WriteString(strconv.Itoa(m.Lane)) })
				j.text("text", m.Text)
				j.text("level", string(m.Level))
			})
		})
		j.member("from", func() { j.value(TimeOf(p.From)) })
		j.member("to", func() { j.value(TimeOf(p.To)) })
	})
}

func (j *jsonWriter) value(v Value) {
	switch v.kind {
	case Null:
		j.out.WriteString("null")
	case Count:
		j.out.WriteString(strconv.FormatInt(v.n, 10))
	case Real, Share, Money:
		j.number(v.real)
	case Time:
		j.string(v.moment().Format(time.RFC3339Nano))
	case Flag:
		j.out.WriteString(strconv.FormatBool(v.n != 0))
	case List:
		j.array(len(v.list), func(i int) { j.string(v.list[i]) })
	default:
		j.string(v.text)
	}
}

func (j *jsonWriter) number(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		j.out.WriteString("null")
		return
	}
	j.out.WriteString(number(f))
}

// string writes text such that it does nothing to a terminal or in a page's source.
func (j *jsonWriter) string(s string) {
	quoted, err := json.Marshal(s) // < > & are escaped
	if err != nil {
		quoted = []byte(`""`) // a string has no other way to fail
	}
	j.out.WriteString(queries.EscapeJSON(string(quoted)))
}

func (j *jsonWriter) text(name, s string) { j.member(name, func() { j.string(s) }) }

func (j *jsonWriter) object(members func()) {
	j.out.WriteByte('{')
	j.depth++
	outer := j.first
	j.first = true
	members()
	j.depth--
	if !j.first {
		j.line()
	}
	j.first = outer
	j.out.WriteByte('}')
}

func (j *jsonWriter) member(name string, value func()) {
	if !j.first {
		j.out.WriteByte(',')
	}
	j.first = false
	j.line()
	j.string(name)
	j.out.WriteString(": ")
	value()
}

func list[T any](j *jsonWriter, name string, all []T, each func(T)) {
	j.member(name, func() { j.array(len(all), func(i int) { each(all[i]) }) })
}

func (j *jsonWriter) array(n int, each func(i int)) {
	j.out.WriteByte('[')
	for i := range n {
		if i > 0 {
			j.out.WriteString(", ")
		}
		each(i)
	}
	j.out.WriteByte(']')
}

func (j *jsonWriter) line() {
	j.out.WriteByte('\n')
	for range j.depth {
		j.out.WriteByte(' ')
	}
}

// String is the kind's name in the JSON.
func (k Kind) String() string {
	return [...]string{"null", "text", "code", "word", "count", "real", "share", "money", "time", "day", "flag", "list"}[k]
}
