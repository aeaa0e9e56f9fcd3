package compliance

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/queries/report"
)

// readKeys reads what the lake has settled for item keys.
func (f *Frame) readKeys(ctx context.Context) error {
	text, _, err := f.Lake.KeyPin(ctx)
	if err != nil || text == nil {
		return err
	}
	if f.Keys, err = personal.ParsePin(text); err != nil {
		return lake.CorruptKeyPin(err)
	}
	return nil
}

// modeWords say what becomes of keys, by mode.
var modeWords = map[personal.Mode]string{personal.Plain: "as logged", personal.HMAC: "keyed hashes", personal.Drop: "not kept"}

func modeOf(pin *personal.Pin, name, arn string) personal.Mode {
	if pin == nil {
		return personal.Plain
	}
	return pin.Modes.Of(name, arn)
}

// keysSaid says in a sentence what is in the lake of item keys.
func keysSaid(pin *personal.Pin) string {
	switch {
	case pin == nil || pin.Modes.Strictest() == personal.Plain:
		return "The lake keeps item keys as logged. They are in this report only where they were asked for."
	case len(pin.Epochs) == 0:
		return "The lake keeps no item keys of some tables or all: which items were touched there cannot be told."
	}
	gone := int64(0)
	for _, e := range pin.Epochs {
		if e.Destroyed {
			gone++
		}
	}
	text := fmt.Sprintf("The lake keeps keyed hashes (HMAC-SHA-256) in the place of item keys of some tables or all, of %s.", many(int64(len(pin.Epochs)), "secret"))
	if gone > 0 {
		text += fmt.Sprintf(" %s destroyed: nobody can ask for items of those days by their keys any more.", counted(gone, "of them was", "of them were"))
	}
	return text
}

// keyModes say what the lake keeps of the item keys of each table.
func keyModes(f *Frame, c *covered) report.Table {
	t := report.Table{ID: "key_modes", Title: "Item keys in the lake", Empty: "No item was touched.",
		Lead: "Item keys may be personal data. What the lake has settled: as logged, keyed hashes (of which one key has the same one as long as the secret is the same), or not kept.",
		Columns: []report.Column{
			col("mode", "Keys", report.Word), col("tables", "Tables", report.List), col("touches", "Touches of items", report.Count), col("keyed", "That say which item", report.Count),
		}}
	type sum struct {
		tables       []string
		items, keyed int64
	}
	by := map[personal.Mode]*sum{}
	for _, of := range c.sorted() {
		if of.items == 0 {
			continue
		}
		mode := modeOf(f.Keys, of.name, of.arn)
		if by[mode] == nil {
			by[mode] = &sum{}
		}
		s := by[mode]
		s.tables, s.items, s.keyed = append(s.tables, of.label), s.items+of.items, s.keyed+of.keyed
	}
	for _, mode := range slices.Sorted(maps.Keys(by)) {
		s := by[mode]
		t.Add(report.WordOf(modeWords[mode], report.Plain), report.ListOf(s.tables), report.CountOf(s.items), report.CountOf(s.keyed))
	}
	return t
}

// keyEpochs are the secrets of keyed hashes, by their days.
func keyEpochs(f *Frame) report.Table {
	t := report.Table{ID: "key_epochs", Title: "Secrets of keyed hashes", Empty: "The lake has no keyed hashes.",
		Lead:    "One after the other, from a day on. Of a secret the lake has a check value alone.",
		Columns: []report.Column{col("epoch", "Number", report.Count), col("from", "From", report.Day), col("state", "State", report.Word), col("check", "Check value", report.Code)}}
	if f.Keys == nil {
		return t
	}
	for i, e := range f.Keys.Epochs {
		t.Add(report.CountOf(int64(i+1)), report.DayOf(e.From), yesNo(e.Destroyed, report.WordOf("destroyed", report.Attention), report.WordOf("in use", report.Plain)), report.CodeOf(e.Check))
	}
	return t
}
