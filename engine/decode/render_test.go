package decode_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/schema"
)

// collector is a Sink that keeps copies of all it is given.
type collector struct{ outcome }

func (c *collector) Touch(t *schema.Touch) error {
	c.touches = append(c.touches, cloneTouch(t))
	return nil
}

func (c *collector) Quarantine(index int32, reason string, raw []byte) error {
	c.quarantined = append(c.quarantined, quarantined{index, strings.Clone(reason), string(raw)})
	return nil
}

// cloneTouch copies a touch and every text in it.
func cloneTouch(t *schema.Touch) schema.Touch {
	decode.CheckWho(t)
	c := *t
	c.WhoNumber = 0
	for _, col := range schema.Columns {
		switch col.Type {
		case schema.Text:
			*col.Text(&c) = strings.Clone(*col.Text(t))
		case schema.List:
			*col.List(&c) = cloneList(*col.List(t))
		}
	}
	c.TableName = strings.Clone(t.TableName)
	return c
}

func cloneList(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	clone := make([]string, len(list))
	for i, s := range list {
		clone[i] = strings.Clone(s)
	}
	return clone
}

// fast decodes data with d.
func fast(d *decode.Decoder, object string, data []byte) outcome {
	var c collector
	c.summary, c.err = d.Decode(object, data, &c)
	return c.outcome
}

// render prints an outcome for a person: of every touch the columns that are not
// null, then the accounts. Of an object that could not be decoded nothing counts
// but why.
func render(o outcome) string {
	var b strings.Builder
	if o.err != nil {
		fmt.Fprintf(&b, "error: %s\n", errorClass(o.err))
		if errors.Is(o.err, decode.ErrNoRecords) {
			fmt.Fprintf(&b, "kind: %s\n", o.summary.Kind)
		}
		return b.String()
	}
	for i := range o.touches {
		renderTouch(&b, &o.touches[i])
	}
	for _, q := range o.quarantined {
		fmt.Fprintf(&b, "quarantined record %d: %s\n  %s\n\n", q.index, printable(q.reason), printable(q.raw))
	}
	s := o.summary
	fmt.Fprintf(&b, "summary: %s, account %s, region %s\n", s.Kind, orNone(s.AccountID), orNone(s.Region))
	fmt.Fprintf(&b, "records %d = in scope %d + out of scope %d + quarantined %d; touches %d\n",
		s.Records, s.InScope, s.OutOfScope, s.Quarantined, s.Touches)
	if s.InScope > 0 {
		fmt.Fprintf(&b, "events from %s to %s\n", clock(s.First), clock(s.Last))
	}
	return b.String()
}

func renderTouch(b *strings.Builder, t *schema.Touch) {
	fmt.Fprintf(b, "touch %d of %d, record %d\n", t.TouchIndex, t.TouchCount, t.SourceIndex)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "  %-21s %s\n", name, value)
		}
	}
	line("table_name", printable(t.TableName))
	if table := schema.PartitionTable(t.TableName); table != t.TableName && t.TableName != "" {
		line("(partition)", table)
	}
	for _, col := range schema.Columns[:len(schema.Columns)-schema.Provenance] {
		switch col.Type {
		case schema.Text:
			line(col.Name, printable(*col.Text(t)))
		case schema.Time:
			line(col.Name, clock(*col.Time(t)))
		case schema.Bool:
			switch {
			case col.Flag != nil:
				line(col.Name, strconv.FormatBool(*col.Flag(t)))
			case *col.Tri(t) != schema.Null:
				line(col.Name, strconv.FormatBool(*col.Tri(t) == schema.True))
			}
		case schema.List:
			var values []string
			for _, v := range *col.List(t) {
				values = append(values, strconv.Quote(v))
			}
			line(col.Name, strings.Join(values, " "))
		}
	}
	b.WriteByte('\n')
}

// printable is s itself, quoted if it holds what does not print and shortened if
// it would fill the page.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) }) {
		s = strconv.Quote(s)
	}
	if len(s) > 1500 {
		s = fmt.Sprintf("%s... (%d bytes)", s[:60], len(s))
	}
	return s
}

func orNone(s string) string {
	if s == "" {
		return "unknown"
	}
	return printable(s)
}

func clock(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z")
}

// errorClass is what of an error a caller can rely on.
func errorClass(err error) string {
	for _, class := range []error{decode.ErrSyntax, decode.ErrTooDeep, decode.ErrTooLarge, decode.ErrNoRecords} {
		if errors.Is(err, class) {
			return class.Error()
		}
	}
	if err != nil {
		return "unexpected: " + err.Error()
	}
	return ""
}
