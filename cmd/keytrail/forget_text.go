package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/erasure"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// forgotten is what forget did, or would do.
type forgotten struct {
	Lake    string     `json:"lake"`
	Request string     `json:"request"`
	Done    bool       `json:"done"`
	Remove  bool       `json:"remove"`
	Journal *lake.Head `json:"journal,omitempty"`
	*erasure.Plan
	older
}

// older is what a bucket still has of files that were changed or removed.
type older struct {
	Versioned       bool   `json:"versioned"`
	Versions        int64  `json:"noncurrent_versions"`
	VersionsRemoved bool   `json:"noncurrent_versions_removed"`
	Unknown         string `json:"noncurrent_versions_unknown,omitempty"` // why they could not be counted
}

// olderVersions looks for noncurrent versions in folders of the lake, and of partitions
// that commits of some causes changed, by runs before, too, and removes them if that is wanted. Where nobody may look, or the store knows no versions, it says so:
// what came before has been done all the same.
func olderVersions(ctx context.Context, l *lake.Lake, folders []string, by func(lake.Cause) bool, remove bool) (o older, err error) {
	o.Versioned, err = l.Versioning(ctx)
	var parts []schema.Partition
	if err == nil && o.Versioned {
		parts, err = l.Restated(ctx, by)
	}
	if err == nil && o.Versioned {
		for _, p := range parts {
			folders = append(folders, lake.PartitionPrefix(p))
		}
		slices.Sort(folders)
		folders = slices.Compact(folders)
		o.Versions, err = l.OlderVersions(ctx, folders, remove)
		o.VersionsRemoved = remove && err == nil
	}
	if err != nil && !remove {
		o.Unknown, err = err.Error(), nil
	}
	return o, err
}

// String is what a person reads.
func (f *forgotten) String() string {
	var b strings.Builder
	line := func(head, format string, a ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", head, oneLine(fmt.Sprintf(format, a...)))
	}
	verb := map[bool]string{false: "would be ", true: ""}[f.Done]
	what := "unlinked"
	if f.Remove {
		what = "removed"
	}
	for _, t := range f.Tables {
		line("Table", "%s, %s to %s: on %s, %s %s%s; a text of %s more %scleared", tableShown(t.TableName), t.FirstDay, t.LastDay,
			count(t.Days, "day"), count(t.Named, "row"), verb, what, humanize.Comma(t.Scrubbed), verb)
	}
	if len(f.Tables) > 0 {
		b.WriteString("\n")
	}
	line("Lake", "%s", f.Lake)
	line("Request", "%s", f.Request)
	line("Rows", "%s looked at; %s %s%s, a text of %s more %scleared, in %s", humanize.Comma(f.Rows), count(f.Named, "row"), verb, what,
		humanize.Comma(f.Scrubbed), verb, count(f.Files, "file"))
	if f.Quarantined+f.Findings > 0 {
		line("Beside", "%s in quarantine, %s", count(f.Quarantined, "record"), count(f.Findings, "finding"))
	}
	if f.Resumed > 0 {
		line("Resumed", "%s that a run which was cut short had left", count(f.Resumed, "table-day"))
	}
	for _, h := range f.Held {
		line("Held", "%s on %s to %s, by %s", count(h.Days, "table-day"), h.FirstDay, h.LastDay, h.By)
	}
	if f.InKeys > 0 {
		line("Keys", "of %s have it in a longer value, and stay: --part takes those for the subject's, too", count(f.InKeys, "more row"))
	}
	if f.Callers > 0 {
		line("Callers", "of %s are called like it, and stay: who touched what is what the lake is for", count(f.Callers, "row"))
	}
	f.older.tell(line)
	switch {
	case !f.Done && f.Nothing():
		line("Nothing", "the lake has nothing of it; --yes enters it in the list, so that later ingests bring nothing")
	case !f.Done:
		line("Nothing", "was changed yet: --yes does it. It cannot be undone; the trail still has it all")
	default:
		if f.Journal.Number > 0 {
			line("Journal", "%s", headShown(*f.Journal))
		}
		line("Stays", "the trail's own objects; copies, caches, reports and backups that were made before")
	}
	return b.String()
}

// tell says what is left in a bucket with versioning.
func (o *older) tell(line func(head, format string, a ...any)) {
	switch {
	case o.Unknown != "":
		line("Versions", "the bucket may keep older versions of these files, and cannot be asked: %s", o.Unknown)
	case !o.Versioned:
	case o.VersionsRemoved:
		line("Versions", "%s removed for good", count(o.Versions, "noncurrent version"))
	default:
		line("Versions", "the bucket keeps older versions: %s of these files now. --versions removes them, or a lifecycle rule does", count(o.Versions, "noncurrent version"))
	}
}
