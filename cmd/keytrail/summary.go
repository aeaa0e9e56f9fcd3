package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine"
)

// summary is what a person reads at the end of a run.
func summary(r *engine.Report) string {
	var b strings.Builder
	line := func(head, format string, a ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", head, fmt.Sprintf(format, a...))
	}
	line("Lake", "%s", oneLine(r.Lake))
	switch {
	case r.ObjectsListed == 0:
		line("Read", "nothing: there are no objects under the source in that window")
		return b.String()
	case r.ObjectsKnown == r.ObjectsListed:
		line("Read", "nothing new: all %s are in the ledger", count(r.ObjectsKnown, "object"))
		return b.String()
	}
	line("Read", "%s, %s stored and %s inflated, in %.1f s (%s/s, %s records/s)",
		count(r.ObjectsDone, "object"), humanize.Bytes(uint64(r.StoredBytes)), humanize.Bytes(uint64(r.InflatedBytes)),
		r.Seconds, humanize.Bytes(uint64(float64(r.InflatedBytes)/r.Seconds)), humanize.Comma(int64(float64(r.Records)/r.Seconds)))
	if r.ObjectsKnown > 0 {
		line("", "%s known already", count(r.ObjectsKnown, "more object"))
	}
	if r.ObjectsSkipped > 0 {
		line("", "%s recognised and left alone (%s)", count(r.ObjectsSkipped, "object"), kinds(r.SkippedKinds))
	}
	line("Records", "%s: %s in scope, %s out of scope, %s quarantined", humanize.Comma(r.Records),
		humanize.Comma(r.InScope), humanize.Comma(r.OutOfScope), humanize.Comma(r.Quarantined))
	if r.ConfigFiles > 0 {
		line("", "%s of AWS Config among them, with %s about tables", count(r.ConfigFiles, "file"), count(r.ConfigItems, "item"))
	}
	line("Touches", "%s: %s new to the lake, %s dropped", humanize.Comma(r.Touches),
		count(r.RowsAdded, "row"), count(r.Duplicates, "duplicate"))
	if r.Withheld > 0 {
		line("", "%s touches left out: of who was forgotten, or of days that were pruned", humanize.Comma(r.Withheld))
	}
	if r.Conflicts > 0 {
		line("", "%s with another row of the same event: all kept", count(r.Conflicts, "row")+" in conflict")
	}
	line("Partitions", "%s merged, %s replaced", humanize.Comma(r.PartitionsMerged), humanize.Comma(r.PartitionsReplaced))
	line("Accounts", "balance: every record and every row is accounted for in the ledger")
	if r.Journal.Number > 0 {
		line("Journal", "commit %s", headShown(r.Journal))
	}
	if n := r.ObjectsFailed + r.ObjectsArchived; n > 0 {
		line("Not read", "%s; the ledger says why, the next run tries again", count(n, "object"))
	}
	if r.Quarantined > 0 {
		line("", "%s made no sense: see the lake's quarantine/", count(r.Quarantined, "record"))
	}
	return b.String()
}

// warnings are a line for each object that could not be read, as far as the
// report names them.
func warnings(r *engine.Report) string {
	var b strings.Builder
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "keytrail: not read: %s\n", oneLine(f.Error))
	}
	if more := r.ObjectsFailed + r.ObjectsArchived - int64(len(r.Failures)); more > 0 {
		fmt.Fprintf(&b, "keytrail: not read: %s; see the ledger\n", count(more, "more object"))
	}
	return b.String()
}

func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return humanize.Comma(n) + " " + what
}

// kinds is "digest 12, foreign 3".
func kinds(m map[string]int64) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		name := k
		if name == "" {
			name = "unknown"
		}
		parts = append(parts, fmt.Sprintf("%s %s", name, humanize.Comma(m[k])))
	}
	return strings.Join(parts, ", ")
}
