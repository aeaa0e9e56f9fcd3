package page

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/keytrail/keytrail/queries/report"
)

// How much of a text stands in the open, and how much on the page at all. A log has texts
// of a megabyte.
const (
	openText  = 240
	wholeText = 10_000
	openList  = 12
	wholeList = 200
)

// cell is a value as the template wants it.
type cell struct {
	report.Value
	Label  string // the title of its column, where rows may be told one value below the other
	At     string // the column of a plot
	Text   string // clean, cut where it is long
	Whole  string // what was cut, empty if nothing was
	Length string // characters of it all
	Items  []string
	More   []string // those folded away
}

func cellOf(v report.Value) cell {
	c := cell{Value: v}
	if v.Kind() == report.List {
		c.items(v.Texts())
		return c
	}
	c.Text = clean(v.String())
	if n := utf8.RuneCountInString(c.Text); n > openText {
		c.Whole, c.Length = c.Text, count(n)
		if n > wholeText {
			c.Whole = leading(c.Text, wholeText) + "… (the rest is in the JSON)"
		}
		c.Text = leading(c.Text, openText/2) + "…"
	}
	return c
}

func (c *cell) items(texts []string) {
	for i, s := range texts {
		s = clean(s)
		if utf8.RuneCountInString(s) > openText {
			s = leading(s, openText) + "…"
		}
		switch {
		case i < openList:
			c.Items = append(c.Items, s)
		case i < wholeList:
			c.More = append(c.More, s)
		}
	}
	if n := len(texts) - wholeList; n > 0 {
		c.More = append(c.More, count(n)+" more are in the JSON")
	}
}

// leading is the first n characters.
func leading(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Plain is what programs read in data-value: clean, and not without end.
func (c cell) Plain() string {
	s := clean(c.Value.Plain())
	if utf8.RuneCountInString(s) > openText {
		return leading(s, openText)
	}
	return s
}

func (c cell) Level() level { return level(c.Value.Level()) }
func (c cell) Code() bool   { return c.Kind() == report.Code }

// Badge reports whether it is shown as a state.
func (c cell) Badge() bool { return c.Kind() == report.Word && c.Whole == "" }

// Spoken is the level of a badge for those who hear it, unless its text says that already.
func (c cell) Spoken() string {
	if word := c.Level().Word(); word != c.Text {
		return word
	}
	return ""
}

// Time is a moment as programs read it.
func (c cell) Time() string {
	switch c.Kind() {
	case report.Time:
		return c.Plain()
	case report.Day:
		if _, err := time.Parse(time.DateOnly, c.Text); err == nil {
			return c.Text
		}
	}
	return ""
}

// Differs reports whether programs cannot read the value off the cell as it stands.
func (c cell) Differs() bool {
	switch c.Kind() {
	case report.Time:
		return false // the element time has it
	case report.Count:
		return false // its digits
	case report.Text, report.Code, report.Word, report.Day:
		return c.Plain() != c.Text
	}
	return !c.IsNull()
}

// OneWay reports whether the text runs from left to right only: it needs no element of its
// own to keep its direction to itself.
func (c cell) OneWay() bool {
	return !strings.ContainsFunc(c.Text, func(r rune) bool { return r > unicode.MaxLatin1 })
}

// Class is the class of its place in a table.
func (c cell) Class() string {
	if numeric(c.Kind()) {
		return "number"
	}
	class := c.Kind().String()
	if c.Kind() == report.Day && len(c.Text) > len(time.DateOnly) {
		class = "text" // no day, and maybe a long one
	}
	switch {
	case len(c.Items) == 0 && width(c.Text) <= shortText:
		class += " short"
	case unbroken(c.Text) || slices.ContainsFunc(c.Items, unbroken):
		class += " long"
	}
	return class
}

// shortText is what stays on one line in a table.
const shortText = 28

// unbroken reports whether a text has a word that must break, or it would widen its
// column.
func unbroken(s string) bool {
	for word := range strings.FieldsSeq(s) {
		if utf8.RuneCountInString(word) > 16 {
			return true
		}
	}
	return false
}

func numeric(k report.Kind) bool {
	switch k {
	case report.Count, report.Real, report.Share, report.Money:
		return true
	}
	return false
}
