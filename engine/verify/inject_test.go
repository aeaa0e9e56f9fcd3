package verify

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// Whatever is done to a file of touches, or to where it lies, is found.
func TestTouchesFaultsAreFound(t *testing.T) {
	clean := small(t, engine.Engine{})
	orders := clean.only(t, "table_name=orders", "day=2026-03-02")
	later := clean.only(t, "table_name=orders", "day=2026-03-03")
	users := clean.only(t, "table_name=users", "day=2026-03-03")
	// The rows of orders, changed by edit, written as a file once more.
	rewritten := func(buckets string, edit func(w *parquetio.Writer, rec arrow.Record) error) func(*testing.T, tree) {
		return func(t *testing.T, f tree) { f[orders] = rewriteFile(t, f[orders], buckets, edit) }
	}
	testInjected(t, clean, []injected{
		{"file dropped", func(_ *testing.T, f tree) { delete(f, orders) }, KindRollup, "2026-03-02"},
		{"file emptied", func(_ *testing.T, f tree) { f[orders] = nil }, KindCorrupt, orders},
		{"file cut", func(_ *testing.T, f tree) { f[orders] = f[orders][:len(f[orders])/2] }, KindCorrupt, orders},
		{"file lengthened", func(_ *testing.T, f tree) { f[orders] = append(slices.Clone(f[orders]), 0) }, KindCorrupt, orders},
		{"not Parquet", func(_ *testing.T, f tree) { f[orders] = []byte("hello") }, KindCorrupt, orders},
		{"days swapped", func(_ *testing.T, f tree) { f[orders], f[later] = f[later], f[orders] }, KindDay, orders},
		{"tables swapped", func(_ *testing.T, f tree) { f[later], f[users] = f[users], f[later] }, KindTable, users},
		{"tables swapped, by the rollup", func(_ *testing.T, f tree) { f[later], f[users] = f[users], f[later] }, KindRollup, "2026-03-03"},
		{"copied to another table", func(_ *testing.T, f tree) { f[strings.Replace(orders, "orders", "others", 1)] = f[orders] }, KindTable, "others"},
		{"copied as the next file", func(_ *testing.T, f tree) { f[strings.Replace(orders, "part-00", "part-01", 1)] = f[orders] }, KindLeftover, "part-01"},
		{"first file missing", func(_ *testing.T, f tree) {
			f[strings.Replace(orders, "part-00", "part-01", 1)] = f[orders]
			delete(f, orders)
		}, KindMissing, orders},
		{"a name nobody reads", func(_ *testing.T, f tree) { f[strings.Replace(orders, "part-00", "part-0", 1)] = f[orders] }, KindStray, "part-0.parquet"},
		{"rows reversed", rewritten("1", func(w *parquetio.Writer, rec arrow.Record) error {
			for i := rec.NumRows() - 1; i >= 0; i-- {
				if err := w.Append(rec, i, i+1); err != nil {
					return err
				}
			}
			return nil
		}), KindOrder, orders},
		{"two rows exchanged", rewritten("1", func(w *parquetio.Writer, rec arrow.Record) error {
			return appendRanges(w, rec, [][2]int64{{0, 5}, {6, 7}, {5, 6}, {7, rec.NumRows()}})
		}), KindOrder, orders},
		{"a row twice", rewritten("1", func(w *parquetio.Writer, rec arrow.Record) error {
			return appendRanges(w, rec, [][2]int64{{0, 5}, {4, rec.NumRows()}})
		}), KindDuplicate, orders},
		{"a row removed", rewritten("1", func(w *parquetio.Writer, rec arrow.Record) error {
			return appendRanges(w, rec, [][2]int64{{0, 5}, {6, rec.NumRows()}})
		}), KindRollup, "2026-03-02"},
		{"all rows removed", rewritten("1", func(*parquetio.Writer, arrow.Record) error { return nil }), KindMetadata, orders},
		{"a file of two", rewritten("2", appendAll), KindBucket, orders},
		{"a file of two, the other missing", rewritten("2", appendAll), KindMissing, "part-01"},
		{"a file of three", rewritten("3", appendAll), KindMetadata, orders},
		{"a file of no number", rewritten("", appendAll), KindMetadata, orders},
		{"other row groups", func(t *testing.T, f tree) {
			var b bytes.Buffer
			w := parquetio.NewWriter(&b, parquetio.WriterOptions{RowGroupRows: 7, Metadata: map[string]string{schema.MetadataBuckets: "1"}})
			eachRecord(t, f[orders], func(rec arrow.Record) error { return appendAll(w, rec) })
			if _, err := w.Close(); err != nil {
				t.Fatal(err)
			}
			f[orders] = b.Bytes()
		}, KindBytes, orders},
		{"Bloom filter emptied", func(t *testing.T, f tree) { f[orders] = emptyFilter(t, f[orders], "item_key") }, KindBloom, orders},
		{"Bloom filter of lists emptied", func(t *testing.T, f tree) { f[orders] = emptyFilter(t, f[orders], "key_values") }, KindBloom, orders},
		{"names of keys changed", func(t *testing.T, f tree) {
			f[orders] = editFooter(t, f[orders], func(meta *format.FileMetaData) { *keyNames(meta) = `[["id"]]` })
		}, KindBytes, orders},
		{"statistics changed", func(t *testing.T, f tree) { f[orders] = raiseMinimum(t, f[orders], "actor") }, KindStatistics, orders},
		{"time statistics changed", func(t *testing.T, f tree) { f[orders] = raiseMinimum(t, f[orders], "event_time") }, KindStatistics, orders},
		{"null counts changed", func(t *testing.T, f tree) { f[orders] = changeNulls(t, f[orders], "error_code") }, KindStatistics, orders},
	})
}

// A file of a time before files said of what names their keys are made is no fault.
func TestFilesWithoutKeyNames(t *testing.T) {
	older := tree{}
	for key, data := range small(t, engine.Engine{}) {
		if older[key] = data; strings.HasPrefix(key, "touches/") {
			older[key] = editFooter(t, data, func(meta *format.FileMetaData) {
				meta.KeyValueMetadata = slices.DeleteFunc(meta.KeyValueMetadata, func(kv format.KeyValue) bool { return kv.Key == schema.MetadataKeyNames })
			})
		}
	}
	if rep := look(t, older.mem(t)); rep.has(KindBytes, "") || rep.has(KindMetadata, "") {
		t.Error(rep.text())
	}
}

// What is left of a split that was cut short is found, after each of its puts.
func TestUnfinishedSplitIsFound(t *testing.T) {
	one := small(t, engine.Engine{})
	two := small(t, engine.Engine{MaxFileRows: 15})
	first := two.only(t, "table_name=orders", "day=2026-03-02", "part-00")
	last := 0
	file := func(n int) string { return strings.Replace(first, "part-00", "part-0"+string(rune('0'+n)), 1) }
	for two[file(last+1)] != nil {
		last++
	}
	if last != 3 {
		t.Fatalf("split into %d files", last+1)
	}
	for put := 1; put <= last; put++ {
		bad := tree{}
		for key, data := range one {
			bad[key] = data
		}
		for n := last; n > last-put; n-- {
			bad[file(n)] = two[file(n)]
		}
		rep := look(t, bad.mem(t))
		for n := last; n > last-put; n-- {
			if !rep.has(KindLeftover, file(n)) || !rep.has(KindJournal, file(n)) {
				t.Errorf("after %d puts, %s is not found:\n%s", put, file(n), rep.text())
			}
		}
		if rep.Total != 2*int64(put) {
			t.Errorf("after %d puts:\n%s", put, rep.text())
		}
	}
	testInjected(t, two, []injected{
		{"a file missing", func(_ *testing.T, f tree) { delete(f, file(2)) }, KindMissing, file(2)},
		{"files swapped", func(_ *testing.T, f tree) { f[file(1)], f[file(2)] = f[file(2)], f[file(1)] }, KindBucket, file(1)},
		{"first file of another split", func(_ *testing.T, f tree) { f[first] = one[first] }, KindLeftover, file(1)},
	})
}

func appendAll(w *parquetio.Writer, rec arrow.Record) error { return w.Append(rec, 0, rec.NumRows()) }

func appendRanges(w *parquetio.Writer, rec arrow.Record, ranges [][2]int64) error {
	for _, r := range ranges {
		if err := w.Append(rec, r[0], r[1]); err != nil {
			return err
		}
	}
	return nil
}

// rewriteFile writes a file of one batch anew, as edit has it.
func rewriteFile(t *testing.T, data []byte, buckets string, edit func(*parquetio.Writer, arrow.Record) error) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquetio.NewWriter(&b, parquetio.WriterOptions{Metadata: map[string]string{schema.MetadataBuckets: buckets}})
	eachRecord(t, data, func(rec arrow.Record) error { return edit(w, rec) })
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func eachRecord(t *testing.T, data []byte, fn func(arrow.Record) error) {
	t.Helper()
	f, err := parquetio.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	rec, err := f.Rows(0, 0, f.NumRows(), nil, int(f.NumRows())).Next()
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	if err := fn(rec); err != nil {
		t.Fatal(err)
	}
}
