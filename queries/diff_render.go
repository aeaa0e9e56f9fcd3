package queries

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

// RenderDiff writes changes to w. width is the terminal's, 0 is any. JSON is one
// object: the spans, and the changes as rows; JSON lines and CSV are the rows alone.
func RenderDiff(w io.Writer, a *Changes, f Format, width int) error {
	if f == Table {
		_, err := io.WriteString(w, a.text(width))
		return err
	}
	rows := make([][]datum, len(a.Changes))
	for i := range a.Changes {
		rows[i] = a.Changes[i].data()
	}
	return writeData(w, f, a.summary(), new(Change).data(), rows)
}

func (a *Changes) summary() []datum {
	q := &a.Question
	data := []datum{textDatum("table", q.Table)}
	for i, e := range []*Extent{&a.Before, &a.After} {
		at := []string{"before_", "after_"}[i]
		data = append(data,
			timeDatum(at+"from", e.From, true),
			timeDatum(at+"to", e.To, true),
			countDatum(at+"touches", e.Touches),
			ratioDatum(at+"days", e.Days),
			boolDatum(at+"complete", e.Complete()),
			listDatum(at+"missing_days", e.Missing),
		)
	}
	return append(data, ratioDatum("factor", q.Factor), ratioDatum("min_rate", q.MinRate), countDatum("changes", int64(a.Count)))
}

func (c *Change) data() []datum {
	ratio := math.NaN()
	if c.BeforeRate > 0 {
		ratio = c.AfterRate / c.BeforeRate
	}
	known := c.Kind != ""
	return []datum{
		textDatum("kind", strings.ReplaceAll(string(c.Kind), " ", "_")),
		textDatum("actor", c.Actor),
		textDatum("actor_name", c.ActorName),
		textDatum("table_name", c.TableName),
		textDatum("table_arn", c.TableARN),
		countDatum("tables", int64(c.Tables)),
		countDatum("actors", int64(c.Actors)),
		listDatum("ops", c.Ops),
		textDatum("detail", c.Detail),
		countDatum("before_touches", c.Before),
		countDatum("after_touches", c.After),
		ratioDatum("before_per_day", c.BeforeRate),
		ratioDatum("after_per_day", c.AfterRate),
		ratioDatum("factor", ratio),
		timeDatum("first_seen", c.First, known),
		timeDatum("last_seen", c.Last, known),
		textDatum("example_event_id", c.Event),
		textDatum("command", c.Command),
	}
}

// text is the changes for people, under a heading for each kind.
func (a *Changes) text(width int) string {
	var b strings.Builder
	line := func(indent int, s string) {
		pad := strings.Repeat(" ", indent)
		for part := range strings.SplitSeq(wrap(s, max(0, width-indent)), "\n") {
			b.WriteString(pad + part + "\n")
		}
	}
	line(0, a.Before.told("BEFORE"))
	line(0, a.After.told("AFTER "))
	for _, note := range a.notes() {
		line(0, note)
	}
	kind := Kind("")
	for i := range a.Changes {
		c := &a.Changes[i]
		if c.Kind != kind {
			kind = c.Kind
			b.WriteString("\n" + a.heading(kind, i) + "\n")
		}
		line(2, c.headline())
		line(6, c.seen())
		b.WriteString("      " + c.Command + "\n") // whole, to be pasted
	}
	if len(a.Changes) > 0 {
		b.WriteString("\n")
	}
	line(0, a.closing())
	return b.String()
}

// heading is a kind, and how many of it there are where not all follow.
func (a *Changes) heading(kind Kind, from int) string {
	told := 0
	for i := from; i < len(a.Changes) && a.Changes[i].Kind == kind; i++ {
		told++
	}
	s := strings.ToUpper(string(kind))
	if all := a.Kinds[kind]; all > told {
		s += fmt.Sprintf(", %d of %d", told, all)
	}
	return s
}

func (e *Extent) told(name string) string {
	s := fmt.Sprintf("%s  %s: %s", name, e.Span, words{one: "touch", many: "touches"}.count(e.Touches))
	if e.Days > 0 {
		days := rate(e.Days) + " days"
		if days == "1 days" {
			days = "1 day"
		}
		s += fmt.Sprintf(", %s a day over %s", rate(float64(e.Touches)/e.Days), days)
	}
	return s
}

// notes say what the spans lack.
func (a *Changes) notes() (notes []string) {
	for i, e := range []*Extent{&a.Before, &a.After} {
		name := []string{"BEFORE", "AFTER"}[i]
		if e.Days == 0 {
			notes = append(notes, name+" is not comparable: the lake has no touches of that time.")
			continue
		}
		if e.StartsBefore {
			notes = append(notes, name+" begins before the lake does. Rates are of the time that the lake has.")
		}
		if e.EndsAfter {
			notes = append(notes, name+" ends after the lake does. Rates are of the time that the lake has.")
		}
		if len(e.Missing) > 0 {
			notes = append(notes, fmt.Sprintf("%s: the lake has no touch of any table of %s. Nothing happened, or nothing was ingested; rates leave the time out.",
				name, someOf(e.Missing)))
		}
	}
	return notes
}

// headline is who and what, and how often.
func (c *Change) headline() string {
	var parts []string
	if c.ofActor {
		parts = append(parts, c.who())
	}
	if c.Detail != "" {
		parts = append(parts, Clean(short(c.Detail)))
	} else {
		parts = append(parts, c.where(), strings.Join(c.Ops, ", "))
	}
	if !c.ofActor {
		parts = append(parts, words{one: "actor", many: "actors"}.count(int64(c.Actors)))
	}
	s := strings.Join(parts, gap)
	switch {
	case c.Before == 0 || c.After == 0:
		n := words{one: "touch", many: "touches"}.count(c.Before + c.After)
		if c.Kind == NewlyDenied {
			n += " denied"
		}
		return s + gap + n
	default:
		return s + gap + fmt.Sprintf("%s → %s a day (× %s)", rate(c.BeforeRate), rate(c.AfterRate), rate(c.AfterRate/c.BeforeRate))
	}
}

// who is a name, and the role behind it.
func (c *Change) who() string {
	label := actorLabel(c.Actor)
	if c.ActorName == "" || c.ActorName == label || c.Kind == NewName {
		return Clean(short(label))
	}
	return Clean(short(c.ActorName + " as " + label))
}

func (c *Change) where() string {
	if c.Tables > 1 {
		return words{one: "table", many: "tables"}.count(int64(c.Tables))
	}
	return Clean(orElse(place(c.row(), true), "(no table)"))
}

func (c *Change) row() *Row {
	r := new(Row)
	r.TableName, r.TableARN = c.TableName, c.TableARN
	return r
}

// seen is when, and where to look.
func (c *Change) seen() string {
	s := clock(c.First, secondMicros)
	if c.Last != c.First {
		s += " to " + clock(c.Last, secondMicros)
	}
	if c.Event != "" {
		s += ", such as event " + Clean(short(c.Event))
	}
	return s
}

func (a *Changes) closing() string {
	q := &a.Question
	rule := fmt.Sprintf("A rate has changed when it is %s times as high or low, and the higher one %s touches a day or more, and as many in all.", rate(q.Factor), rate(q.MinRate))
	switch left := a.Count - len(a.Changes); {
	case a.Before.Days == 0 || a.After.Days == 0:
		return "Nothing was compared."
	case a.Count == 0:
		return "No changes. " + rule
	case left > 0:
		return fmt.Sprintf("%s; %d more not shown, --limit 0 shows all. %s", words{one: "change", many: "changes"}.count(int64(a.Count)), left, rule)
	}
	return words{one: "change", many: "changes"}.count(int64(a.Count)) + ". " + rule
}

// rate is a number of few digits.
func rate(f float64) string {
	if f >= 100 {
		return humanize.Comma(int64(math.Round(f)))
	}
	return humanize.FtoaWithDigits(f, 2)
}
