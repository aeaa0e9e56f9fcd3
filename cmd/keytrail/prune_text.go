package main

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/retention"
)

// pruned is what prune did, or would do.
type pruned struct {
	Lake    string     `json:"lake"`
	Done    bool       `json:"done"`
	Journal *lake.Head `json:"journal_head,omitempty"`
	*retention.Plan
	older
}

// String is what a person reads.
func (p *pruned) String() string {
	var b strings.Builder
	line := func(head, format string, a ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", head, oneLine(fmt.Sprintf(format, a...)))
	}
	for i := range p.Tables {
		p.table(line, &p.Tables[i])
	}
	for _, k := range p.Beside {
		if k.Files > 0 {
			line("Beside", "%s before %s: %s, %s; kept %s: %s", k.Kind, k.Before, count(k.Files, "file"), humanize.Bytes(uint64(k.Bytes)), count(int64(k.Days), "day"), k.Reason)
		}
	}
	for i := range p.Frameworks {
		askedOf(line, &p.Frameworks[i])
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	line("Lake", "%s, as of %s", p.Lake, p.Now)
	line("Rows", "%s in %s of %s (%s)%s", count(p.Rows, "row"), count(p.Files, "file"), count(p.Partitions, "table-day"), humanize.Bytes(uint64(p.Bytes)),
		map[bool]string{true: " removed", false: " would be removed"}[p.Done])
	if p.HeldDays > 0 {
		line("Held", "%s that would go are under a legal hold", count(p.HeldDays, "table-day"))
	}
	p.older.tell(line)
	switch {
	case p.Done:
		if p.Journal.Number > 0 {
			line("Journal", "%s", headShown(*p.Journal))
		}
	case p.Nothing():
		line("Nothing", "is old enough; --yes writes the horizon, which keeps late objects of older days out")
	default:
		line("Nothing", "was removed yet: --yes does it, and it cannot be undone")
	}
	return b.String()
}

// table says what goes of a table, and what is held.
func (p *pruned) table(line func(head, format string, a ...any), t *retention.TablePlan) {
	if t.Partitions > 0 {
		line("Table", "%s, %s to %s: %s, %s, %s; kept %s (%s): %s", tableShown(t.TableName), t.FirstDay, t.LastDay, count(t.Partitions, "day"),
			count(t.Rows, "row"), humanize.Bytes(uint64(t.Bytes)), count(int64(t.Days), "day"), t.Limit, t.Reason)
	}
	for _, h := range t.Held {
		line("Held", "%s: %s before %s, by %s until %s: %s", tableShown(t.TableName), count(h.Partitions, "day"), t.Before, h.Owner, h.Expires, h.Reason)
	}
}

// askedOf says what a regulation asks for beside what the limits are.
func askedOf(line func(head, format string, a ...any), w *retention.FrameworkPlan) {
	var says []string
	if w.AtLeast > 0 {
		says = append(says, fmt.Sprintf("at least %s", count(int64(w.AtLeast), "day")))
	}
	if w.AtMost > 0 {
		says = append(says, fmt.Sprintf("at most %s", count(int64(w.AtMost), "day")))
	}
	if len(says) == 0 {
		says = []string{"the file says nothing of it"}
	}
	kept := "no table is under it"
	if len(w.Tables) > 0 {
		kept = fmt.Sprintf("of %s the shortest limit is %s, the longest %s", count(int64(len(w.Tables)), "table"), limitShown(w.Least), limitShown(w.Most))
	}
	text := fmt.Sprintf("%s: %s; %s", w.Name, strings.Join(says, ", "), kept)
	if w.Reason != "" {
		text += " (" + w.Reason + ")"
	}
	line("Asked", "%s", text)
	if len(w.Short) > 0 {
		line("", "kept too short: %s", strings.Join(w.Short, ", "))
	}
	if len(w.Long) > 0 {
		line("", "kept too long: %s", strings.Join(w.Long, ", "))
	}
}

func limitShown(days int) string {
	if days == 0 {
		return "for good"
	}
	return count(int64(days), "day")
}
