package reader

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/engine/object"
)

// Explain says in a small table how the rows of an answer were found: at each level,
// from partitions down to rows, how many were passed over without being read, for which
// reason, and how many were left. usage is what the lake's store was asked for
// meanwhile; nil where nobody counts. Each line ends with a newline. For a lake that
// nobody writes to, and without usage, the text depends on the query alone.
func (s Stats) Explain(usage *object.Usage) string {
	t := explanation{}
	t.row("LEVEL", "PASSED OVER", "LEFT", "WHY")

	t.level("partitions", s.Partitions, fmt.Sprintf("listed, one for each day of %s", plural(s.Tables, "table")))
	t.passed(s.PartitionsPruned, "of another day than asked for")

	t.level("files", s.Files, "in them")
	t.passed(s.FilesByBucket, "the key belongs in another file of its partition")

	t.level("row groups", s.RowGroups, "in them, by what their footers and indexes say")
	t.passed(s.GroupsByNames, "no key in their files has members of all the names asked for")
	t.passed(s.GroupsByTime, "no event in the time asked for")
	t.passed(s.GroupsByBounds, "least and greatest values do not allow for what is asked for")
	t.passed(s.GroupsByKey, "a Bloom filter says that the whole key is not there")
	t.passed(s.GroupsByFilter, "a Bloom filter says that a value is not there")
	t.passed(s.GroupsByPages, "the same of each of their pages: least and greatest values")

	t.level("rows", int(s.RowsSeen), "in all row groups")
	t.passed(int(s.RowsSeen-s.RowsLeft), "in row groups and pages passed over")
	t.passed(int(s.RowsLeft-s.Rows), "looked at in the columns asked about, and not matching")

	t.row("", "", "", "")
	fmt.Fprintf(&t, "read %s of columns, %s of footers, filters and indexes\n", size(s.ColumnBytes), size(s.IndexBytes))
	if usage != nil {
		fmt.Fprintf(&t, "asked the store %s, received %s", times(usage.Requests), size(usage.Bytes))
		if usage.Cached > 0 {
			fmt.Fprintf(&t, ", took %s from the cache", size(usage.Cached))
		}
		t.WriteString("\n")
	}
	return t.String()
}

// explanation is a table as it is written: what is left at a level is what there was,
// less what was passed over.
type explanation struct {
	strings.Builder
	left int
}

func (t *explanation) level(name string, n int, why string) {
	t.left = n
	t.row(name, "", humanize.Comma(int64(n)), why)
}

func (t *explanation) passed(n int, why string) {
	if n == 0 {
		return
	}
	t.left -= n
	t.row("", humanize.Comma(int64(n)), humanize.Comma(int64(t.left)), why)
}

func (t *explanation) row(level, passed, left, why string) {
	line := fmt.Sprintf("%-10s %15s %15s  %s", level, passed, left, why)
	t.WriteString(strings.TrimRight(line, " ") + "\n")
}

func size(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return humanize.Comma(n) + " times"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return humanize.Comma(int64(n)) + " " + what + "s"
}
