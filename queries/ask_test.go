package queries

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// lakeOf makes a lake that holds touches.
func lakeOf(t *testing.T, touches []schema.Touch) *lake.Lake {
	t.Helper()
	ctx := context.Background()
	l, err := lake.Create(ctx, objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	parts := map[schema.Partition][]schema.Touch{}
	for _, v := range touches {
		p := schema.PartitionOf(&v)
		parts[p] = append(parts[p], v)
	}
	for p, rows := range parts {
		slices.SortFunc(rows, func(a, b schema.Touch) int {
			return cmp.Or(cmp.Compare(a.ItemKey, b.ItemKey), cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID))
		})
		var file bytes.Buffer
		w := parquetio.NewWriter(&file, parquetio.WriterOptions{Metadata: map[string]string{schema.MetadataBuckets: "1"}, RowGroupRows: 3})
		if err := w.Append(batchOf(t, rows), 0, int64(len(rows))); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.PutTouches(ctx, p, 0, bytes.NewReader(file.Bytes()), int64(file.Len()), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestAskFindsInALakeWhatACollectorFindsInAllRows(t *testing.T) {
	all := history(t)
	odd := all[0]
	odd.TableName, odd.TableARN, odd.EventID = "../../etc", arnPrefix+"../../etc", "odd"
	stranger := all[0]
	stranger.TableARN, stranger.EventID = "arn:aws:dynamodb:eu-west-1:999988887777:table/customers", "stranger"
	all = append(all, odd, stranger)
	l := lakeOf(t, all)
	key := []Member{{"pk", "customer#1042"}, {"sk", "profile"}}
	for name, c := range map[string]struct {
		who                Who
		touches, couldHave int
	}{
		"item":              {Who{Table: "customers", Key: key}, 6, 0},
		"item of one table": {Who{Table: arnPrefix + "customers", Key: key}, 5, 0},
		"could have":        {Who{Table: "customers", Key: key, CouldHave: true}, 6, 4},
		"key of any table":  {Who{Key: key[:1]}, 8, 0},
		"value":             {Who{Values: []string{"order#7"}, CouldHave: true}, 1, 1},
		"actor":             {Who{Actor: "maren*", Ops: []string{schema.OpReadBulk, schema.OpDeleteItem}}, 5, 0},
		"day":               {Who{Table: "customers", Key: key, From: micros(t, "2026-03-03T00:00:00Z")}, 5, 0},
		"until":             {Who{Table: "customers", To: micros(t, "2026-03-02T08:20:00Z")}, 1, 0},
		"no such table":     {Who{Table: "nothing"}, 0, 0},
		"name of no path":   {Who{Table: "../../etc"}, 1, 0},
		"other such name":   {Who{Table: "../etc"}, 0, 0},
		"rows of no table":  {Who{Table: schema.NoTable}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Ask(context.Background(), l, c.who, Columns(c.who, Table))
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Touches) != c.touches || len(got.CouldHave) != c.couldHave {
				t.Errorf("%d touches and %d calls, want %d and %d\n%s\n%s", len(got.Touches), len(got.CouldHave), c.touches, c.couldHave, brief(got.Touches), brief(got.CouldHave))
			}
		})
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Ask(ctx, lakeOf(t, history(t)), Who{Actor: "*"}, nil); err == nil {
		t.Error("a cancelled question was answered")
	}
}

// Of the rows that a question about an item leaves to be looked at, few are not in its
// answer, and what was read for it is known.
func TestAskSaysWhatItRead(t *testing.T) {
	l := lakeOf(t, history(t))
	who := Who{Table: "customers", Key: []Member{{"sk", "profile"}, {"pk", "customer#1042"}}}
	got, err := Ask(context.Background(), l, who, Columns(who, Table))
	if err != nil {
		t.Fatal(err)
	}
	if got.Read.Rows != got.Count || got.Read.RowsSeen <= got.Count || got.Read.ColumnBytes == 0 {
		t.Errorf("%d touches: %+v", got.Count, got.Read)
	}
	who.Key[0].Value = "no such value"
	if got, err = Ask(context.Background(), l, who, Columns(who, Table)); err != nil || got.Read.Rows != 0 || got.Read.ColumnBytes != 0 {
		t.Errorf("nothing found: %+v, %v", got.Read, err)
	}
}

// A statement that names the item is found by the item and again among statements.
func TestAskWithCouldHaveTakesEachTouchOnce(t *testing.T) {
	all := history(t)
	statement := all[2] // an update of the item
	statement.EventID, statement.EventName, statement.Statement = "statement", "ExecuteStatement", "UPDATE customers SET iban=? WHERE pk='customer#1042' AND sk='profile'"
	l := lakeOf(t, append(all, statement))
	who := Who{Table: "customers", Key: []Member{{"pk", "customer#1042"}, {"sk", "profile"}}, CouldHave: true}
	got, err := Ask(context.Background(), l, who, Columns(who, Table))
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 6 || len(got.Touches) != 6 {
		t.Errorf("%d touches counted, want 6\n%s", got.Count, brief(got.Touches))
	}
}

// Whoever asks for a table that is not there is told of those that are, also when
// the name is none that a table can have; and else of that table's days alone.
func TestHoldingsFor(t *testing.T) {
	all := history(t)
	odd := all[0]
	odd.TableName, odd.TableARN, odd.EventID = "../../etc", arnPrefix+"../../etc", "odd"
	l := lakeOf(t, append(all, odd))
	for table, want := range map[string]string{
		"customers": "Table customers has days 2026-03-02 to 2026-03-03.",
		"custmers":  "Did you mean customers?",
		"c!":        "Tables here: customers, orders;",
		"":          "Tables here: customers, orders;",
	} {
		w := Who{Table: table, Actor: "nobody"}
		held, err := HoldingsFor(t.Context(), l, w)
		if err != nil {
			t.Fatal(err)
		}
		if got := held.Hint(w); !strings.Contains(got, want) {
			t.Errorf("%q: %q is not in %q", table, want, got)
		}
	}
}

// What was listed for an answer that is empty is not listed again for the hint, and names
// of key members come from one file.
func TestHintListsNothingTwice(t *testing.T) {
	l := &lister{Lake: lakeOf(t, history(t))}
	for table, c := range map[string]struct {
		want  string
		lists int // beside the answer's
	}{
		"customers":             {"Keys of table customers have no member id, but pk and sk.", 0},
		arnPrefix + "customers": {"Keys of table ", 0},
		"custmers":              {"Did you mean customers?", 1},
	} {
		w := Who{Table: table, Key: []Member{{"id", "1"}}}
		a, err := Ask(t.Context(), l, w, Columns(w, Table))
		if err != nil || !a.Empty() {
			t.Fatal(a, err)
		}
		l.scans = 0
		held, err := a.Holdings(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		if err := held.FindKeyNames(t.Context(), l, table); err != nil {
			t.Fatal(err)
		}
		if hint := held.Hint(w); !strings.Contains(hint, c.want) || l.scans != c.lists {
			t.Errorf("%s: %q after %d listings", table, hint, l.scans)
		}
	}
}

// A newest file without a key is no reason not to know the members' names.
func TestKeyNamesOfAnOlderFile(t *testing.T) {
	all := history(t)
	later := all[0]
	later.ItemKey, later.KeyValues, later.KeyScope, later.EventID = "", nil, schema.ScopeTable, "later"
	later.EventTime += 30 * 86_400_000_000
	l := lakeOf(t, append(all, later))
	w := Who{Table: "customers", Key: []Member{{"id", "1"}}}
	held, err := HoldingsFor(t.Context(), l, w)
	if err == nil {
		err = held.FindKeyNames(t.Context(), l, w.Table)
	}
	if err != nil || !slices.Equal(held.KeyNames, []string{"pk", "sk"}) {
		t.Errorf("%q, %v", held.KeyNames, err)
	}
}
