package queries

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/schema"
)

// valueCell names what a row is of.
func (r *Ranking) valueCell(row *Ranked) string {
	switch r.Question.Subject {
	case TopKeys:
		return readableKey(row.Value)
	case TopPartitionKeys:
		if row.Member == "" {
			return row.Value
		}
		return row.Member + "=" + row.Value
	case TopTables:
		return r.tableCell(row)
	case TopActors:
		return actorCell(row)
	case TopErrors:
		return orElse(row.Value, "(no code)")
	default:
		return orElse(row.Value, "(none)")
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// actorCell is the name that an actor has most often, where names were read.
func actorCell(row *Ranked) string {
	label := actorLabel(row.Value)
	if row.Name == "" || row.Name == label {
		return label
	}
	s := row.Name
	if row.Names > 1 {
		s += fmt.Sprintf(" and %s more", humanize.Comma(row.Names-1))
	}
	return s + " as " + label
}

// actorLabel is the part of an actor's id that a person would use.
func actorLabel(id string) string {
	if role := lastPart(id); role != "" {
		return shortRole(role)
	}
	return orElse(id, "unknown")
}

// tableCell is the table's name, with its account and Region where another
// table has the same name.
func (r *Ranking) tableCell(row *Ranked) string {
	arn, ok := schema.ParseTableARN(row.TableARN)
	name := row.TableName
	switch {
	case name == "" && ok && schema.LegalTableName(arn.Table):
		name = arn.Table
	case name == "":
		return orElse(row.TableARN, "(no table)")
	}
	if ok && r.namesakes[row.TableName] {
		return name + " " + arn.Account + " " + arn.Region
	}
	return name
}

func (r *Ranking) keysCell(row *Ranked) string {
	if r.Question.Subject == TopKeys || row.Keys <= 0 {
		return ""
	}
	if row.KeysAtLeast {
		return "> " + humanize.Comma(row.Keys)
	}
	return humanize.Comma(row.Keys)
}

// mainActor is who has most of the touches, and how much of them.
func mainActor(row *Ranked) string {
	if row.MainActor == "" {
		return ""
	}
	return fmt.Sprintf("%s %s", actorLabel(row.MainActor), percent(row.MainActorShare))
}

// positive is a cell that stays empty unless there is something to count.
func positive(n func(*Ranked) int64) func(*Ranked) string {
	return func(row *Ranked) string {
		if n(row) <= 0 {
			return ""
		}
		return humanize.Comma(n(row))
	}
}

// perSecond is what there was in the busiest second.
func perSecond(row *Ranked) string {
	s := humanize.Comma(row.Second.Touches)
	if row.RequestHot() {
		s += " HOT"
	}
	return s
}

// readWrite is the share of reads and of writes, of both together.
func readWrite(row *Ranked) string {
	all := row.Reads + row.Writes
	if all == 0 {
		return ""
	}
	reads := math.Round(100 * share(row.Reads, all))
	switch { // a few are not none
	case row.Writes > 0 && reads == 100:
		reads = 99
	case row.Reads > 0 && reads == 0:
		reads = 1
	}
	return fmt.Sprintf("%.0f/%.0f", reads, 100-reads)
}

// few is a part in percent, empty for none.
func few(part, of int64) string {
	if part == 0 {
		return ""
	}
	return percent(share(part, of))
}

func percent(f float64) string {
	switch {
	case math.IsNaN(f):
		return ""
	case f > 0 && f < 0.0005:
		return "<0.1 %"
	}
	return strconv.FormatFloat(100*f, 'f', 1, 64) + " %"
}

// bar draws a share, the greatest of which is ten cells long.
func bar(f, greatest float64) string {
	if greatest == 0 {
		return ""
	}
	return strings.Repeat("■", int(math.Ceil(10*f/greatest)))
}
