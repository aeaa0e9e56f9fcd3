package partition

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// mergeOnce gathers the rows of p and merges them once.
func mergeOnce(ctx context.Context, dir string, p schema.Partition, present []Source, runs []Run, out Output) (Counts, error) {
	in, err := Gather(ctx, dir, p, runs)
	if err != nil {
		return Counts{}, errors.Join(err, closeAll(present))
	}
	counts, err := in.Merge(ctx, present, out)
	return counts, errors.Join(err, in.Close())
}

// Whatever the slicing into buffers, spills and an earlier file, the merge puts
// out the sorted set of rows.
func TestMergeIsTheSortedSet(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			touches := randomTouches(rng, 1+rng.IntN(3000))
			want := obviousSet(touches)

			present, incoming := deal(t, rng, touches)
			defer closeRuns(t, incoming)
			for p, rows := range want {
				var out collector
				var src []Source
				var held int64
				if present != nil {
					src, held = []Source{mustOpen(t, present, p)}, present.Rows(p)
				}
				counts, err := mergeOnce(context.Background(), t.TempDir(), p, src, incoming, &out)
				if err != nil {
					t.Fatal(err)
				}
				compareRendered(t, rows, out.rows)
				var came int64
				for _, r := range incoming {
					came += r.Rows(p)
				}
				if counts.Present != held || counts.New != came || counts.Out != int64(len(rows)) || counts.Dropped != held+came-counts.Out {
					t.Fatalf("counts %+v do not balance: held %d, came %d, out %d", counts, held, came, len(rows))
				}
			}
		})
	}
}

func TestMergeManyRunsGoesThroughGroups(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	touches := randomTouches(rng, 5000)
	for i := range touches {
		touches[i].TableName, touches[i].EventTime = "orders", touches[0].EventTime+rng.Int64N(1000)
	}
	want := obviousSet(touches)
	var runs []Run
	for len(touches) > 0 {
		n := min(len(touches), 7)
		runs = append(runs, spilled(t, touches[:n]))
		touches = touches[n:]
	}
	defer closeRuns(t, runs)
	if len(runs) < 5*fanIn {
		t.Fatalf("only %d runs", len(runs))
	}
	for p, rows := range want {
		var out collector
		counts, err := mergeOnce(context.Background(), t.TempDir(), p, nil, runs, &out)
		if err != nil {
			t.Fatal(err)
		}
		compareRendered(t, rows, out.rows)
		if counts.New != counts.Out+counts.Dropped || counts.New != 5000 {
			t.Fatalf("counts %+v do not balance", counts)
		}
		// Gathered once, they can be merged again.
		in, err := Gather(context.Background(), t.TempDir(), p, runs)
		if err != nil {
			t.Fatal(err)
		}
		if n := in.Rows(); n != 5000 {
			t.Errorf("%d rows gathered", n)
		}
		for range 2 {
			var again collector
			if got, err := in.Merge(context.Background(), nil, &again); err != nil || got != counts {
				t.Fatalf("%+v, %v; the first time %+v", got, err, counts)
			}
			compareRendered(t, rows, again.rows)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A group's run is in full batches, whatever ranges its rows came in.
func TestGroupsAreInFullBatches(t *testing.T) {
	touches := randomTouches(rand.New(rand.NewPCG(8, 8)), 3*BatchRows)
	for i := range touches {
		touches[i].TableName, touches[i].EventTime = "orders", touches[0].EventTime+int64(i%2000)
	}
	p := schema.PartitionOf(&touches[0])
	var runs []Run
	for i := range 4 {
		var some []schema.Touch
		for at := i; at < len(touches); at += 4 {
			some = append(some, touches[at])
		}
		b := NewBuffer()
		appendAll(t, b, some)
		runs = append(runs, b.Run())
	}
	group, _, err := mergeGroup(context.Background(), t.TempDir(), p, runs)
	if err != nil {
		t.Fatal(err)
	}
	defer group.Close()
	batches, rows := 0, mustOpen(t, group, p)
	for ; ; batches++ {
		rec, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	if batches == 0 || batches > 4*len(touches)/BatchRows {
		t.Errorf("%d batches of at most %d rows", batches, len(touches))
	}
}

func TestMergeOfKnownRowsChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	touches := randomTouches(rng, 400)
	held, again := spilled(t, touches), spilled(t, touches)
	for _, p := range held.Partitions() {
		if p.Table == schema.NoTable {
			continue // its name is no name: it would not go back where it was
		}
		// What a file holds is a set already.
		var set collector
		if _, err := mergeOnce(context.Background(), "", p, nil, []Run{held}, &set); err != nil {
			t.Fatal(err)
		}
		file := spilled(t, set.touches(p))
		counts, err := mergeOnce(context.Background(), "", p, []Source{mustOpen(t, file, p)}, []Run{again}, &collector{})
		if err != nil {
			t.Fatal(err)
		}
		if counts.Changed {
			t.Errorf("%v: merging rows it holds changed it: %+v", p, counts)
		}
		extra := set.touches(p)[0]
		extra.EventID = "ffffffff-new"
		counts, err = mergeOnce(context.Background(), "", p, []Source{mustOpen(t, file, p)}, []Run{spilled(t, []schema.Touch{extra})}, &collector{})
		if err != nil {
			t.Fatal(err)
		}
		if !counts.Changed || counts.Out != counts.Present+1 {
			t.Errorf("%v: one new row: %+v", p, counts)
		}
	}
}

func TestMergeCountsConflicts(t *testing.T) {
	a := schema.Touch{EventID: "e1", EventTime: 5, RecipientAccountID: "111122223333", TableName: "orders", ItemKey: `{"pk":"1"}`, UserAgent: "a"}
	b := a
	b.UserAgent = "b"
	other := a
	other.RecipientAccountID = "444455556666"
	var out collector
	counts, err := mergeOnce(context.Background(), "", schema.PartitionOf(&a), nil, []Run{spilled(t, []schema.Touch{b, a, other, a})}, &out)
	if err != nil {
		t.Fatal(err)
	}
	if counts.Out != 3 || counts.Dropped != 1 || counts.Conflicts != 1 {
		t.Errorf("counts %+v, want 3 out, 1 dropped, 1 conflict", counts)
	}
}

func TestRollbackForgetsAnObject(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	good, bad := randomTouches(rng, 700), randomTouches(rng, 3000)
	bad[17].RequestParameters = strings.Repeat("x", 3*chunkSize+5)
	b := NewBuffer()
	appendAll(t, b, good[:300])
	for range 3 {
		m := b.Mark()
		appendAll(t, b, bad)
		b.Rollback(m)
	}
	appendAll(t, b, good[300:])
	run := b.Run()
	want := obviousSet(good)
	if len(run.Partitions()) != len(want) {
		t.Errorf("%d partitions, want %d", len(run.Partitions()), len(want))
	}
	for p, rows := range want {
		var out collector
		if _, err := mergeOnce(context.Background(), "", p, nil, []Run{run}, &out); err != nil {
			t.Fatal(err)
		}
		compareRendered(t, rows, out.rows)
	}
}

func TestBufferMemoryIsCountedAndReused(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	touches := randomTouches(rng, 5000)
	b := NewBuffer()
	appendAll(t, b, touches)
	first := b.Bytes()
	if first < 5000*400 {
		t.Errorf("5000 rows in %d bytes cannot be", first)
	}
	for range 5 {
		run, err := b.Spill(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		run.Close()
		appendAll(t, b, touches)
	}
	if again := b.Bytes(); again > first+2*chunkSize {
		t.Errorf("after 5 spills the same rows take %d bytes, first %d", again, first)
	}
}

// deal spreads touches over runs, some in memory and some spilled, and perhaps
// an earlier file, with some rows in several of them.
func deal(t *testing.T, rng *rand.Rand, touches []schema.Touch) (present Run, incoming []Run) {
	t.Helper()
	hands := make([][]schema.Touch, 1+rng.IntN(6))
	for _, x := range touches {
		for first := true; first || rng.IntN(4) == 0; first = false {
			i := rng.IntN(len(hands))
			hands[i] = append(hands[i], x)
		}
	}
	for i, hand := range hands {
		switch {
		case i == 0 && rng.IntN(2) == 0:
			var set []schema.Touch
			for _, rows := range obviousSetOf(hand) {
				set = append(set, rows...)
			}
			present = spilled(t, set)
		case rng.IntN(2) == 0:
			incoming = append(incoming, spilled(t, hand))
		default:
			b := NewBuffer()
			appendAll(t, b, hand)
			incoming = append(incoming, b.Run())
		}
	}
	return present, incoming
}

func spilled(t *testing.T, touches []schema.Touch) Run {
	t.Helper()
	b := NewBuffer()
	appendAll(t, b, touches)
	run, err := b.Spill(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func appendAll(t *testing.T, b *Buffer, touches []schema.Touch) {
	t.Helper()
	for i := range touches {
		if err := b.Append(&touches[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func mustOpen(t *testing.T, r Run, p schema.Partition) Source {
	t.Helper()
	src, err := r.Open(p)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func closeRuns(t *testing.T, runs []Run) {
	t.Helper()
	for _, r := range runs {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// randomTouches draws from few values, so that rows meet in every way: equal,
// equal but for provenance, equal in the sort columns only.
func randomTouches(rng *rand.Rand, n int) []schema.Touch {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	touches := make([]schema.Touch, n)
	for i := range touches {
		touches[i] = schema.Touch{
			EventID: pick("", "a", "b", "c", "d"), TouchIndex: int32(rng.IntN(2)), TouchCount: 2,
			EventTime: int64(rng.IntN(3))*dayMicros + int64(rng.IntN(4)),
			EventName: pick("GetItem", "PutItem"), ReadOnly: schema.Tri(rng.IntN(3)), Mutates: rng.IntN(2) == 0,
			TableName: pick("orders", "customers", "", "../../x"),
			ItemKey:   pick("", `{"pk":"1"}`, `{"pk":"10"}`, `{"pk":"1","sk":"a"}`, `{"pk":"2"}`),
			UserAgent: pick("", "aws-cli/2", strings.Repeat("long ", 40)),
			SourceIP:  fmt.Sprint(rng.IntN(2)), SourceObject: pick("x", "y", "z"), SourceIndex: int32(rng.IntN(3)),
		}
		switch rng.IntN(4) {
		case 0:
			touches[i].KeyValues = []string{"1"}
		case 1:
			touches[i].KeyValues = []string{"1", ""}
		case 2:
			touches[i].Attributes = []string{"a", "b"}
		}
	}
	return touches
}

const dayMicros = 24 * 60 * 60 * 1_000_000

// obviousSet is what a merge should put out, rendered, per partition.
func obviousSet(touches []schema.Touch) map[schema.Partition][]string {
	out := map[schema.Partition][]string{}
	for p, rows := range obviousSetOf(touches) {
		for i := range rows {
			out[p] = append(out[p], render(&rows[i]))
		}
	}
	return out
}

func obviousSetOf(touches []schema.Touch) map[schema.Partition][]schema.Touch {
	byPart := map[schema.Partition][]schema.Touch{}
	for _, x := range touches {
		p := schema.PartitionOf(&x)
		byPart[p] = append(byPart[p], x)
	}
	for p, rows := range byPart {
		least := map[string]schema.Touch{}
		for _, x := range rows {
			id := identityOf(x)
			if old, ok := least[id]; !ok || provenanceLess(x, old) {
				least[id] = x
			}
		}
		set := make([]schema.Touch, 0, len(least))
		for _, x := range least {
			set = append(set, x)
		}
		slices.SortFunc(set, obviousCompare)
		byPart[p] = set
	}
	return byPart
}

func identityOf(x schema.Touch) string {
	x.SourceObject, x.SourceIndex, x.TableName = "", 0, ""
	return fmt.Sprintf("%#v", x)
}

func provenanceLess(x, y schema.Touch) bool {
	return x.SourceObject < y.SourceObject || x.SourceObject == y.SourceObject && x.SourceIndex < y.SourceIndex
}

func obviousCompare(x, y schema.Touch) int {
	if c := strings.Compare(x.ItemKey, y.ItemKey); c != 0 {
		return c
	}
	if x.EventTime != y.EventTime {
		return int(x.EventTime - y.EventTime)
	}
	if c := strings.Compare(x.EventID, y.EventID); c != 0 {
		return c
	}
	if x.TouchIndex != y.TouchIndex {
		return int(x.TouchIndex - y.TouchIndex)
	}
	// Beyond the sort columns any fixed order would do; the merge takes the
	// columns in the order of the contract.
	for _, c := range schema.Columns {
		var d int
		switch {
		case c.Text != nil:
			d = strings.Compare(*c.Text(&x), *c.Text(&y))
		case c.Tri != nil:
			d = int(*c.Tri(&x)) - int(*c.Tri(&y))
		case c.Flag != nil:
			d = int(schema.TriOf(*c.Flag(&x))) - int(schema.TriOf(*c.Flag(&y)))
		case c.List != nil:
			d = slices.Compare(*c.List(&x), *c.List(&y))
		case c.Int != nil:
			d = int(*c.Int(&x) - *c.Int(&y))
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// render shows a row as a batch holds it, without its table name.
func render(x *schema.Touch) string {
	var s strings.Builder
	for _, c := range schema.Columns {
		switch {
		case c.Text != nil:
			fmt.Fprintf(&s, "%s=%q ", c.Name, *c.Text(x))
		case c.Tri != nil:
			fmt.Fprintf(&s, "%s=%d ", c.Name, *c.Tri(x))
		case c.Flag != nil:
			fmt.Fprintf(&s, "%s=%d ", c.Name, schema.TriOf(*c.Flag(x)))
		case c.List != nil:
			fmt.Fprintf(&s, "%s=%q ", c.Name, *c.List(x))
		case c.Int != nil:
			fmt.Fprintf(&s, "%s=%d ", c.Name, *c.Int(x))
		case c.Time != nil:
			fmt.Fprintf(&s, "%s=%d ", c.Name, *c.Time(x))
		}
	}
	return s.String()
}

// collector is an Output that renders what it is given.
type collector struct {
	rows []string
	got  []schema.Touch
}

func (c *collector) Append(rows []schema.Rows) error {
	for _, r := range rows {
		for i := r.From; i < r.To; i++ {
			x := touchAt(r.Batch, i)
			c.got = append(c.got, x)
			c.rows = append(c.rows, render(&x))
		}
	}
	return nil
}

// touches returns the rows, as rows of p: the table is not in a file.
func (c *collector) touches(p schema.Partition) []schema.Touch {
	rows := slices.Clone(c.got)
	for i := range rows {
		rows[i].TableName = p.Table
	}
	return rows
}

func touchAt(b *schema.Batch, i int) (x schema.Touch) {
	for col, c := range schema.Columns {
		switch {
		case c.Text != nil:
			*c.Text(&x) = strings.Clone(b.Texts[col].Value(i))
		case c.Int != nil:
			*c.Int(&x) = b.Ints[col][i]
		case c.Time != nil:
			*c.Time(&x) = b.Times[col][i]
		case c.Flag != nil:
			*c.Flag(&x) = b.Flags[col][i] == schema.True
		case c.Tri != nil:
			*c.Tri(&x) = b.Flags[col][i]
		default:
			for list := b.Texts[col].Value(i); list != ""; {
				var item string
				item, list = schema.NextItem(list)
				*c.List(&x) = append(*c.List(&x), strings.Clone(item))
			}
		}
	}
	return x
}

func renderAll(b *schema.Batch) (rows []string) {
	for i := range b.Len {
		x := touchAt(b, i)
		rows = append(rows, render(&x))
	}
	return rows
}

func compareRendered(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Fatalf("row %d of %d (want %d):\n got %s\nwant %s", i, len(got), len(want), at(got, i), at(want, i))
		}
	}
}

func at(rows []string, i int) string {
	if i < len(rows) {
		return rows[i]
	}
	return "(none)"
}
