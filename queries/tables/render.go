package tables

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries"
)

// unknown is what a cell has that nobody knows.
const unknown = "?"

// Render writes all tables as they were at the end of the time asked about. JSON is one
// object: what holds for the whole, and rows; JSON lines and CSV are the rows alone.
func Render(w io.Writer, c *Catalogue, f queries.Format, look queries.Look) error {
	if f == queries.Table {
		_, err := io.WriteString(w, c.text(look))
		return err
	}
	rows := make([][]queries.Datum, len(c.Tables))
	for i := range c.Tables {
		rows[i] = c.data(&c.Tables[i])
	}
	return queries.WriteData(w, f, c.summary(), c.data(&Table{}), rows)
}

// told are the settings that a list of tables shows, with the titles of their columns, and
// which of these go first where a terminal is narrow.
var told = []struct {
	setting, title string
	order          int
}{
	{Existence, "STATE", 6}, {Encryption, "ENCRYPTION", 5}, {PITR, "PITR", 2}, {DeletionProtection, "DELETE-PROTECTED", 4}, {TTL, "TTL", 3},
	{Stream, "STREAM", 10}, {Kinesis, "KINESIS", 12}, {Replicas, "REPLICAS", 9}, {ResourcePolicy, "POLICY", 8},
}

// text is the list for people: nothing in it can move the cursor.
func (c *Catalogue) text(look queries.Look) string {
	if len(c.Tables) == 0 {
		return ""
	}
	titles, orders := []string{"TABLE", "ACCOUNT", "REGION", "CLASS", "PROTECTED", "OWNER"}, []int{0, 0, 0, 0, 1, 11}
	for _, s := range told {
		titles, orders = append(titles, s.title), append(orders, s.order)
	}
	titles, orders = append(titles, "TOUCHES", "DAYS", "LAST SEEN"), append(orders, 7, 14, 13)
	var rows [][]string
	for i := range c.Tables {
		rows = append(rows, c.cells(&c.Tables[i]))
	}
	var b strings.Builder
	laid, left := queries.GridBy(titles, orders, rows, look.Width)
	b.WriteString(laid + "\n\n")
	notes := c.notes()
	if len(left) > 0 {
		notes = append(notes, "Not shown for want of room: "+strings.Join(left, ", ")+". They are in a wider window, and with --format csv or json.")
	}
	for _, note := range notes {
		b.WriteString(queries.Wrap(note, look.Width) + "\n")
	}
	return b.String()
}

func (c *Catalogue) cells(t *Table) []string {
	row := []string{queries.Short(t.Name), queries.Short(t.Account), queries.Short(t.Region), queries.Short(t.Class.Value), "", queries.Short(t.Owner.Value)}
	if t.Protected {
		row[4] = "yes"
	}
	for _, s := range told {
		row = append(row, c.cell(t, s.setting))
	}
	last := ""
	if t.Touches > 0 {
		last = queries.Clock(t.Last)[:len("2026-03-03 08:00")] + "Z"
	}
	return append(row, humanize.Comma(t.Touches), strconv.Itoa(t.Days), last)
}

// cell is a setting's value at the end of the time asked about.
func (c *Catalogue) cell(t *Table, setting string) string {
	i, ok := t.At(setting, c.end())
	state, _ := t.At(Existence, c.end())
	switch {
	case !ok && (setting == Existence || state.Value == Deleted):
		return "" // it is in the list; or it has none
	case !ok:
		return unknown
	}
	value := queries.Short(i.Value)
	switch {
	case setting == Existence && i.Value == Created:
		return Exists
	case setting == Kinesis && i.Value != None:
		value = Set
	case setting == TTL && i.Value == On && i.Detail != "":
		value += " (" + queries.Short(i.Detail) + ")"
	}
	if i.Partial {
		value += " …"
	}
	return value
}

// notes are the lines below the list.
func (c *Catalogue) notes() []string {
	var notes []string
	unknownOf, expiring, conflicts := 0, 0, 0
	var lowered []string
	for i := range c.Tables {
		t := &c.Tables[i]
		if len(t.Unknown(c.end())) > 0 {
			unknownOf++
		}
		if now, ok := t.At(TTL, c.end()); ok && now.Value == On {
			expiring++
		}
		conflicts += len(t.Conflicts)
		if len(t.Lowered) > 0 {
			lowered = append(lowered, queries.Short(t.Name))
		}
	}
	notes = append(notes, fmt.Sprintf("%s. keytrail tables TABLE shows who changed what of one.", amount(len(c.Tables), "table")))
	if unknownOf > 0 {
		note := fmt.Sprintf("%s of %s nobody tells: no call that set it is in the log", unknown, amount(unknownOf, "table"))
		if c.ConfigItems == 0 {
			note += ", and the lake has nothing of AWS Config, which would tell what was set before the log began"
		}
		notes = append(notes, note+".")
	}
	if expiring > 0 {
		notes = append(notes, fmt.Sprintf("%s with TTL on: items that expire are deleted without any event, so what is gone there may have expired.", amount(expiring, "table")))
	}
	if conflicts > 0 {
		notes = append(notes, fmt.Sprintf("%s found that nobody in the log made: see the tables' histories.", amount(conflicts, "change")))
	}
	if n := len(lowered); n > 0 {
		slices.Sort(lowered)
		lowered = slices.Compact(lowered)
		if len(lowered) > namedAtMost {
			lowered = append(lowered[:namedAtMost], "…")
		}
		notes = append(notes, fmt.Sprintf("%s with a class or protection that a tag lowered: %s. Their histories say who did that.", amount(n, "table"), strings.Join(lowered, ", ")))
	}
	return append(notes, c.limits()...)
}

// namedAtMost bounds the tables that a note names.
const namedAtMost = 10

// limits say what the catalogue lacks.
func (c *Catalogue) limits() (notes []string) {
	if c.Left > 0 {
		notes = append(notes, fmt.Sprintf("%s more did not fit and were left out, the later ones in the lake's order.", amount(int(c.Left), "fact")))
	}
	if c.Unplaced > 0 {
		notes = append(notes, fmt.Sprintf("%s named no table with an account and a Region, and were left out.", amount(int(c.Unplaced), "call")))
	}
	return notes
}

func amount(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return humanize.Comma(int64(n)) + " " + thing
}

func (c *Catalogue) summary() []queries.Datum {
	return []queries.Datum{
		queries.TimeDatum("from", c.From),
		queries.TimeDatum("to", c.To),
		queries.CountDatum("tables", int64(len(c.Tables))),
		queries.CountDatum("config_items", c.ConfigItems),
		queries.CountDatum("facts_left_out", c.Left),
		queries.CountDatum("calls_without_table", c.Unplaced),
	}
}

// data are the members of a table's row.
func (c *Catalogue) data(t *Table) []queries.Datum {
	data := []queries.Datum{
		queries.TextDatum("table_arn", t.ARN),
		queries.TextDatum("table_name", t.Name),
		queries.TextDatum("account_id", t.Account),
		queries.TextDatum("aws_region", t.Region),
		queries.TextDatum("class", t.Class.Value),
		queries.TextDatum("class_by", t.Class.By),
		queries.BoolDatum("protected", t.Protected),
		queries.TextDatum("protected_by", t.Protecting),
		queries.TextDatum("owner", t.Owner.Value),
		queries.TextDatum("owner_by", t.Owner.By),
		queries.ListDatum("frameworks", t.Frameworks),
		queries.TextDatum("frameworks_by", t.FramedBy),
	}
	for _, setting := range Settings {
		now, _ := t.At(setting, c.end())
		data = append(data, queries.TextDatum(setting, now.Value))
		switch setting {
		case Encryption:
			data = append(data, queries.TextDatum("kms_key", now.Detail))
		case TTL:
			data = append(data, queries.TextDatum("ttl_attribute", now.Detail))
		}
	}
	return append(data,
		queries.ListDatum("unknown", t.Unknown(c.end())),
		queries.CountDatum("conflicts", int64(len(t.Conflicts))),
		queries.CountDatum("lowered", int64(len(t.Lowered))),
		queries.CountDatum("touches", t.Touches),
		queries.CountDatum("days", int64(t.Days)),
		queries.TimeDatum("first_hour", t.First),
		queries.TimeDatum("last_hour", t.Last),
	)
}
