package verify

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// groupBounds is what a row group says of its columns, and how many nulls were seen.
type groupBounds struct {
	group       int
	columns     []columnBounds
	first, last int64
	timed       bool
}

type columnBounds struct {
	least, greatest string
	nulls           int64 // as the file says
	seen            int64 // rows without a value
	known           bool
}

func newGroupBounds(f *parquetio.File, rg int) groupBounds {
	b := groupBounds{group: rg, columns: make([]columnBounds, len(schema.Columns))}
	for i := range b.columns {
		c := &b.columns[i]
		c.least, c.greatest, c.nulls, c.known = f.Bounds(rg, i)
	}
	b.first, b.last, b.timed = f.TimeBounds(rg)
	return b
}

// add holds the bounds against the rows of rec.
func (b *groupBounds) add(f *fileCheck, rec arrow.Record) {
	for i := range b.columns {
		switch a := rec.Column(i).(type) {
		case *array.String:
			for row := range a.Len() {
				b.text(f, i, a, row, row+1)
			}
		case *array.List:
			items := a.ListValues().(*array.String)
			for row := range a.Len() {
				from, to := a.ValueOffsets(row)
				b.text(f, i, items, int(from), int(to))
			}
		case *array.Timestamp:
			for row := range a.Len() {
				if at := int64(a.Value(row)); b.timed && (at < b.first || at > b.last) {
					f.report(KindStatistics, "row group %d, column %s: a value lies outside of what its statistics say", b.group, schema.Columns[i].Name)
				}
			}
		default:
			b.columns[i].seen += int64(a.NullN())
		}
	}
}

// text holds the bounds of a column against the values [from, to) of one row.
func (b *groupBounds) text(f *fileCheck, column int, a *array.String, from, to int) {
	c := &b.columns[column]
	if from == to || a.IsNull(from) {
		c.seen++
		return
	}
	for ; c.known && from < to; from++ {
		if v := a.Value(from); strings.Compare(v, c.least) < 0 || strings.Compare(v, c.greatest) > 0 {
			f.report(KindStatistics, "row group %d, column %s: a value lies outside of what its statistics say", b.group, schema.Columns[column].Name)
		}
	}
}

// end holds the counts of nulls against those seen.
func (b *groupBounds) end(f *fileCheck) {
	for i := range b.columns {
		if c := &b.columns[i]; c.nulls != c.seen && schema.Columns[i].Nullable {
			f.report(KindStatistics, "row group %d, column %s: %d rows without a value, and its statistics say %d",
				b.group, schema.Columns[i].Name, c.seen, c.nulls)
		}
	}
}

// prober asks a file's Bloom filters for every value that the file has.
type prober struct {
	group  int
	recent map[string]bool // values asked for in this row group, not all
	last   string
}

// maxRecent bounds what a prober remembers: values beyond are asked for again.
const maxRecent = 64 << 10

func (p *prober) begin(rg int) {
	p.group, p.last = rg, ""
	p.recent = map[string]bool{}
}

func (p *prober) probe(f *fileCheck, rec arrow.Record) error {
	keys := rec.Column(colKey).(*array.String)
	for i := range keys.Len() {
		if v := keys.Value(i); !keys.IsNull(i) && v != p.last { // sorted: equal ones are together
			p.last = strings.Clone(v)
			if err := p.ask(f, colKey, v); err != nil {
				return err
			}
		}
	}
	items := rec.Column(colValues).(*array.List).ListValues().(*array.String)
	for i := range items.Len() {
		v := items.Value(i)
		if p.recent[v] {
			continue
		}
		if len(p.recent) == maxRecent {
			clear(p.recent)
		}
		p.recent[strings.Clone(v)] = true
		if err := p.ask(f, colValues, v); err != nil {
			return err
		}
	}
	return nil
}

func (p *prober) ask(f *fileCheck, column int, v string) error {
	f.probes++
	may, err := f.file.MayContain(p.group, column, v)
	if err == nil && !may {
		f.report(KindBloom, "row group %d: the Bloom filter on %s denies a value that is there", p.group, schema.Columns[column].Name)
	}
	return err
}
