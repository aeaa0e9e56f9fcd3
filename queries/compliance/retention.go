package compliance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// retained makes the section on how far back the lake goes, and what was taken from it.
type retained struct{ books *books }

func (retained) touch(*detect.Event) {}

// Days that PCI DSS wants kept, and at hand.
const (
	yearKept   = 365
	atHandDays = 90
)

// held is what the lake has of a table.
type held struct {
	first, last string
	days        map[string]bool
	files       int64
	bytes       int64
}

func (p retained) write(ctx context.Context, f *Frame, made sections) error {
	tables := map[string]*held{}
	err := f.Lake.TouchFiles(ctx, "", "", "", func(file lake.TouchFile) error {
		if !f.named(file.Partition.Table) {
			return nil
		}
		day := file.Partition.DayString()
		t := tables[file.Partition.Table]
		if t == nil {
			t = &held{first: day, last: day, days: map[string]bool{}}
			tables[file.Partition.Table] = t
		}
		t.first, t.last = min(t.first, day), max(t.last, day)
		t.days[day] = true
		t.files++
		t.bytes += file.Info.Size
		return nil
	})
	if err != nil {
		return err
	}
	horizons, err := retention.Horizons(ctx, f.Lake)
	if err != nil {
		return err
	}
	p.section(f, tables, made)
	s := made[Retention]
	s.Tables = append(s.Tables, horizonTable(f, horizons), holdTable(f))
	if f.Limits == nil {
		s.Notes = append(s.Notes, report.Note{Text: "No retention file went into this report: how long what is to be kept, and which legal holds there are, is not known here. Name it with --retention."})
	}
	return nil
}

func (p retained) section(f *Frame, tables map[string]*held, made sections) {
	s := &report.Section{Title: "Retention"}
	list := p.tables(f, tables)
	first, _ := f.Coverage.Bounds()
	for _, t := range tables {
		if first == "" || t.first < first {
			first = t.first
		}
	}
	reach := span(first, f.Question.To)
	s.Level = badIf(reach < yearKept, report.Attention)
	s.Lead = fmt.Sprintf("The lake goes back to %s, %s before the end of the period; PCI DSS asks for 12 months kept and 3 months at hand.", cmp.Or(first, "no day"), many(reach, "day"))
	if first == "" {
		s.Lead, s.Level = "The lake has no deliveries.", report.Attention
	}
	s.Tiles = []report.Fact{
		{ID: "days_back", Name: "Days back", Value: report.CountOf(reach), Text: "of 365 that PCI DSS 10.5.1 asks for", Level: s.Level},
		{ID: "partitions", Name: "Files held", Value: report.CountOf(sumOf(tables, func(h *held) int64 { return h.files }))},
		{ID: "bytes", Name: "Bytes held", Value: report.CountOf(sumOf(tables, func(h *held) int64 { return h.bytes }))},
		{ID: "removals", Name: "Days rows were taken from", Value: report.CountOf(int64(len(p.books.chain.less)))},
	}
	s.Notes = append(s.Notes, report.Note{Text: "A table whose first day is later than the lake's may be younger, or may not have been touched before: days without touches have no file. How long the source objects in S3 are kept is a matter of the bucket's lifecycle, and not known here."})
	s.Tables = append(s.Tables, list, p.removals())
	made[Retention] = s
}

// span is the days from one to another, both included; 0 where it is empty.
func span(from, to string) int64 {
	a, wrongFrom := schema.ParseDay(from)
	b, wrongTo := schema.ParseDay(to)
	if wrongFrom != nil || wrongTo != nil || b < a {
		return 0
	}
	return int64(b-a) + 1
}

func sumOf(tables map[string]*held, of func(*held) int64) (n int64) {
	for _, t := range tables {
		n += of(t)
	}
	return n
}

func (p retained) tables(f *Frame, tables map[string]*held) report.Table {
	t := report.Table{ID: "retention_tables", Title: "What is held", Empty: "The lake has no touches.", Lead: "Those that go back least first.",
		Columns: []report.Column{
			col("table_name", "Table", report.Text), col("oldest", "Oldest day", report.Day), col("newest", "Newest day", report.Day), col("days_back", "Days back", report.Count), col("days_held", "Days with touches", report.Count),
			col("files", "Files", report.Count), col("bytes", "Bytes", report.Count), col("twelve_months", "12 months", report.Word), col("three_months", "3 months at hand", report.Word),
		}}
	names := slices.SortedFunc(maps.Keys(tables), func(a, b string) int {
		return cmp.Or(-cmp.Compare(tables[a].first, tables[b].first), cmp.Compare(a, b))
	})
	for _, name := range names {
		h := tables[name]
		back := span(h.first, f.Question.To)
		t.Add(report.TextOf(shownTable(name)), report.DayOf(h.first), report.DayOf(h.last), report.CountOf(back), report.CountOf(int64(len(h.days))),
			report.CountOf(h.files), report.CountOf(h.bytes), reaches(back, yearKept), reaches(back, atHandDays))
	}
	return t
}

func reaches(back, want int64) report.Value {
	return yesNo(back >= want, report.WordOf("reached", report.OK), report.WordOf("not reached", report.Attention))
}

func (p retained) removals() report.Table {
	t := report.Table{ID: "removals", Title: "Rows taken away", Empty: "No commit took rows away: nothing was erased or pruned.", Lead: "By the journal, of all days of the lake: erasures, of which some take keys and leave the rows, and retention.",
		Columns: join([]report.Column{
			col("table_name", "Table", report.Text), col("day", "Day", report.Day), col("commit", "Commit", report.Count), col("at", "At", report.Time), col("rows_before", "Rows before", report.Count), col("rows", "Rows", report.Count),
			col("kind", "Kind", report.Word),
		}, causeColumns)}
	for _, r := range p.books.chain.less {
		kind := kindOfChange(r.cause, r.before, r.rows)
		level := report.Plain
		if kind == rowsRemoved {
			level = report.Alarm
		}
		t.Add(append([]report.Value{report.TextOf(shownTable(r.table)), report.DayOf(r.day), report.CountOf(r.commit), report.TimeOf(r.at.UnixMicro()), report.CountOf(r.before), report.CountOf(r.rows),
			report.WordOf(kind, level)}, causeValues(r.cause)...)...)
	}
	return t
}
