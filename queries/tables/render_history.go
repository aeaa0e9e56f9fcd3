package tables

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
)

// Named are the tables of a name, or the one with an ARN.
func (c *Catalogue) Named(name string) (found []*Table) {
	for i := range c.Tables {
		if t := &c.Tables[i]; t.Name == name || t.ARN == name {
			found = append(found, t)
		}
	}
	return found
}

// RenderHistory writes what was set of tables when, by whom, and what was found that
// nobody set. JSON is one object: what holds for the whole, and rows, one for each
// interval and each conflict; JSON lines and CSV are the rows alone.
func RenderHistory(w io.Writer, c *Catalogue, of []*Table, f queries.Format, look queries.Look) error {
	if f == queries.Table {
		var b strings.Builder
		for i, t := range of {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(c.story(t, look))
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	var rows [][]queries.Datum
	for _, t := range of {
		for i := range t.History {
			rows = append(rows, row(t, "interval", &t.History[i], nil))
		}
		for i := range t.Conflicts {
			rows = append(rows, row(t, "conflict", nil, &t.Conflicts[i]))
		}
	}
	return queries.WriteData(w, f, c.summary(), row(&Table{}, "", nil, nil), rows)
}

// row is an interval or a conflict, with the same members for both.
func row(t *Table, kind string, i *Interval, x *Conflict) []queries.Datum {
	if i == nil {
		i = &Interval{}
	}
	was := ""
	if x != nil {
		i = &Interval{Setting: x.Setting, Value: x.Found, From: x.At, Last: x.At, Source: x.Source}
		was = x.Was
	}
	return []queries.Datum{
		queries.TextDatum("kind", kind),
		queries.TextDatum("table_arn", t.ARN),
		queries.TextDatum("table_name", t.Name),
		queries.TextDatum("setting", i.Setting),
		queries.TextDatum("value", i.Value),
		queries.TextDatum("detail", i.Detail),
		queries.TextDatum("was", was),
		queries.TimeDatum("from", i.From),
		queries.TimeDatum("to", i.To),
		queries.TimeDatum("last", i.Last),
		queries.BoolDatum("changed", i.Changed),
		queries.BoolDatum("partial", i.Partial),
		queries.TextDatum("told_by", i.Source.Kind),
		queries.TextDatum("event_id", i.Source.EventID),
		queries.TextDatum("event_name", i.Source.EventName),
		queries.TextDatum("actor", i.Source.Actor),
		queries.TextDatum("actor_name", i.Source.ActorName),
		queries.TextDatum("actor_kind", i.Source.ActorKind),
		queries.TextDatum("source_object", i.Source.Object),
		queries.CountDatum("source_index", int64(i.Source.Index)),
	}
}

// story is one table for people, newest last.
func (c *Catalogue) story(t *Table, look queries.Look) string {
	var b strings.Builder
	b.WriteString(look.Heading(queries.Short(t.ARN)) + "\n")
	line := func(s string) { b.WriteString(queries.Wrap(s, look.Width) + "\n") }
	for _, word := range []struct{ what, value, by string }{
		{"class", t.Class.Value, t.Class.By}, {"owner", t.Owner.Value, t.Owner.By},
		{"frameworks", strings.Join(t.Frameworks, ", "), t.FramedBy}, {"protected", yes(t.Protected), t.Protecting},
	} {
		if word.value != "" {
			line(fmt.Sprintf("%s: %s (by %s)", word.what, queries.Short(word.value), queries.Short(word.by)))
		}
	}
	if len(t.History) > 0 {
		b.WriteString("\n" + queries.Grid([]string{"FROM", "TO", "SETTING", "VALUE", "WHO", "TOLD BY", "EVENT"}, lines(t), look.Width) + "\n")
	}
	b.WriteString("\n")
	for i := range t.Lowered {
		line(look.Warning(t.Lowered[i].String()))
	}
	for i := range t.Conflicts {
		line(look.Warning(t.Conflicts[i].text()))
	}
	if names := t.Unknown(c.end()); len(names) > 0 {
		line("Not known: " + strings.Join(names, ", ") + ".")
	}
	return b.String()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// lines are the intervals in order of time. Where nobody saw the change, FROM is when the
// value was found.
func lines(t *Table) (rows [][]string) {
	list := slices.Clone(t.History)
	slices.SortStableFunc(list, func(a, b Interval) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(place(a.Setting), place(b.Setting)))
	})
	for k := range list {
		i := &list[k]
		from, to := queries.Clock(i.From), ""
		if !i.Changed {
			from = "≤ " + from
		}
		if i.To != 0 {
			to = queries.Clock(i.To)
		}
		value := queries.Short(i.Value)
		if i.Detail != "" && !i.taken() {
			value += " (" + queries.Short(i.Detail) + ")"
		}
		rows = append(rows, []string{from, to, queries.Short(i.Setting), value, i.Source.who(), i.Source.teller(), queries.Short(i.Source.EventID)})
	}
	return rows
}

// place is where a setting stands among those of one time: those of every table first.
func place(setting string) int {
	if at := slices.Index(Settings, setting); at >= 0 {
		return at
	}
	return len(Settings)
}

// teller is what says so, in short.
func (s *Source) teller() string {
	if s.Kind == FromConfig {
		return "AWS Config"
	}
	return queries.Short(s.EventName)
}

func (x *Conflict) text() string {
	if x.At == x.Since {
		return fmt.Sprintf("%s: %s by %s and %s by %s at one time, %s. One of them is wrong.",
			queries.Short(x.Setting), queries.Short(x.Found), x.Source.teller(), queries.Short(x.Was), x.Before.teller(), queries.Clock(x.At))
	}
	return fmt.Sprintf("%s: found %s by %s at %s, and %s at %s by %s. No call in the log changed it between.",
		queries.Short(x.Setting), queries.Short(x.Found), x.Source.teller(), queries.Clock(x.At), queries.Short(x.Was), queries.Clock(x.Since), x.Before.teller())
}

// who is whose call says so; AWS Config does not know who changed what.
func (s *Source) who() string {
	switch {
	case s.Kind == FromConfig:
		return ""
	case s.ActorName != "":
		return queries.Short(s.ActorName)
	}
	return queries.ActorLabel(s.Actor)
}
