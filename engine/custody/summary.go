package custody

import (
	"context"
	"hash/maphash"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// TableDay says what is proven of the rows of one table and event day, by the verdicts
// on the objects they were read from.
type TableDay struct {
	Table    string `json:"table_name"` // as the lake's partition is named
	Day      string `json:"day"`
	Objects  int64  `json:"objects"` // that the rows were read from
	Proven   int64  `json:"proven"`  // rows, as all below
	Unproven int64  `json:"unproven"`
	Altered  int64  `json:"altered"`
	// NotJudged are rows of objects that no validation has come to.
	NotJudged int64 `json:"not_judged"`
}

// Rows counts them.
func (t *TableDay) Rows() int64 { return t.Proven + t.Unproven + t.Altered + t.NotJudged }

// Summary joins the touches with the verdicts in the ledger, in order of table and day;
// with event days, YYYY-MM-DD, for those only. It takes 8 bytes of memory for each
// object in the ledger, whatever the number of rows.
func Summary(ctx context.Context, l *lake.Lake, days ...string) ([]TableDay, error) {
	q := reader.Query{Columns: []int{schema.ColumnIndex("source_object")}}
	if len(days) > 0 {
		q.FromDay, q.ToDay = slices.Min(days), slices.Max(days)
	}
	rulings, err := readRulings(ctx, l)
	if err != nil {
		return nil, err
	}
	var out []TableDay
	seen := make([]uint64, (len(rulings.of)+63)/64) // a bit per object
	var at schema.Partition
	_, err = reader.Scan(ctx, l, q, func(rec arrow.Record, p schema.Partition) error {
		if len(days) > 0 && !slices.Contains(days, p.DayString()) {
			return nil
		}
		if len(out) == 0 || p != at {
			at = p
			clear(seen)
			out = append(out, TableDay{Table: p.Table, Day: p.DayString()})
		}
		rulings.count(&out[len(out)-1], rec.Column(0).(*array.String), seen)
		return nil
	})
	return out, err
}

// rulings are the verdicts by name of object: sorted hashes of the names, with the
// ruling in the last bits. Two names in 2^61 would have to have the same hash, of a
// seed that nobody knows.
type rulings struct {
	seed maphash.Seed
	of   []uint64
}

// A ruling is a verdict on all that is known under a name, which may be several
// versions, or objects of several sources; the worst counts, since a row does not say
// which it is of. In order:
const (
	ruledProven = iota
	ruledUnproven
	notRuled
	ruledAltered
)

// ruling is the bits of a ruling.
const ruling = 7

func readRulings(ctx context.Context, l *lake.Lake) (*rulings, error) {
	r := &rulings{seed: maphash.MakeSeed()}
	days, err := l.LedgerDays(ctx)
	if err != nil {
		return nil, err
	}
	for _, day := range days {
		err := l.EachLedgerEntry(ctx, day, func(e lake.Entry) error {
			if e.Status == lake.Done && e.Touches > 0 {
				r.of = append(r.of, r.name(e.SourceObject)|rule(e.DigestVerdict))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(r.of)
	last := 0
	for i, v := range r.of { // of equal names the last is the worst
		if i > 0 && v&^ruling != r.of[last]&^ruling {
			last++
		}
		r.of[last] = v
	}
	if len(r.of) > 0 {
		r.of = r.of[:last+1]
	}
	return r, nil
}

func (r *rulings) name(s string) uint64 { return maphash.String(r.seed, s) &^ ruling }

func rule(verdict string) uint64 {
	switch digest.Status(verdict) {
	case digest.Proven:
		return ruledProven
	case digest.Unproven:
		return ruledUnproven
	case digest.Altered:
		return ruledAltered
	}
	return notRuled
}

// count adds rows to t. seen is the objects counted before.
func (r *rulings) count(t *TableDay, objects *array.String, seen []uint64) {
	for i := range objects.Len() {
		h := r.name(objects.Value(i))
		at, _ := slices.BinarySearch(r.of, h)
		if at == len(r.of) || r.of[at]&^ruling != h {
			t.NotJudged++ // the ledger does not have it, which verify reports
			continue
		}
		if bit := uint64(1) << (at % 64); seen[at/64]&bit == 0 {
			seen[at/64] |= bit
			t.Objects++
		}
		switch r.of[at] & ruling {
		case ruledProven:
			t.Proven++
		case ruledUnproven:
			t.Unproven++
		case ruledAltered:
			t.Altered++
		default:
			t.NotJudged++
		}
	}
}
