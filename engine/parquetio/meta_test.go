package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// libraryMeta is a file's footer as the library decodes it.
func libraryMeta(t *testing.T, f *File) (meta format.FileMetaData) {
	t.Helper()
	footer, err := f.readFooter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeThrift("footer", footer, &meta); err != nil {
		t.Fatal(err)
	}
	return meta
}

// sameMeta holds a footer against the library's view of it.
func sameMeta(t *testing.T, got *fileMeta, want *format.FileMetaData) {
	t.Helper()
	if got.rows != want.NumRows || len(got.groups) != len(want.RowGroups) || len(got.pairs) != len(want.KeyValueMetadata) {
		t.Fatalf("%d rows, %d groups, %d pairs; want %d, %d, %d", got.rows, len(got.groups), len(got.pairs),
			want.NumRows, len(want.RowGroups), len(want.KeyValueMetadata))
	}
	for i, kv := range want.KeyValueMetadata {
		if string(got.pairs[i].key) != kv.Key || string(got.pairs[i].value) != kv.Value {
			t.Fatalf("pair %d: %s=%s, want %s=%s", i, got.pairs[i].key, got.pairs[i].value, kv.Key, kv.Value)
		}
	}
	for g, group := range want.RowGroups {
		if got.groups[g].rows != group.NumRows || len(got.groups[g].columns) != len(group.Columns) {
			t.Fatalf("group %d: %d rows, %d columns", g, got.groups[g].rows, len(got.groups[g].columns))
		}
		for i := range group.Columns {
			sameChunk(t, &got.groups[g].columns[i], &group.Columns[i])
		}
	}
}

func sameChunk(t *testing.T, got *chunkMeta, c *format.ColumnChunk) {
	t.Helper()
	m := &c.MetaData
	want := chunkMeta{
		kind: m.Type, codec: m.Codec, path: got.path,
		dataAt: m.DataPageOffset, dictAt: m.DictionaryPageOffset,
		filterAt: m.BloomFilterOffset, filterSize: m.BloomFilterLength,
		columnIndexAt: c.ColumnIndexOffset, columnIndexSize: c.ColumnIndexLength,
		offsetIndexAt: c.OffsetIndexOffset, offsetIndexSize: c.OffsetIndexLength,
		nulls: m.Statistics.NullCount, least: got.least, greatest: got.greatest, size: m.TotalCompressedSize,
	}
	if !bytes.Equal(got.least, m.Statistics.MinValue) || !bytes.Equal(got.greatest, m.Statistics.MaxValue) ||
		(got.least == nil) != (m.Statistics.MinValue == nil) || (got.greatest == nil) != (m.Statistics.MaxValue == nil) {
		t.Fatalf("bounds %q %q, want %q %q", got.least, got.greatest, m.Statistics.MinValue, m.Statistics.MaxValue)
	}
	if path := encodePath(m.PathInSchema); !bytes.Equal(got.path, path) {
		t.Fatalf("path %q, want %q", got.path, path)
	}
	if !reflect.DeepEqual(*got, want) {
		t.Fatalf("chunk %+v, want %+v", *got, want)
	}
}

// footers are of files of every kind that the tests write.
func footers(t testing.TB) [][]byte {
	all := [][]byte{}
	for _, file := range [][]byte{
		write(t, nil, WriterOptions{}),
		write(t, sample(1, 3), WriterOptions{}),
		write(t, odd(), WriterOptions{RowGroupRows: 7, Metadata: map[string]string{"b": "", "a": "x"}}),
		write(t, sample(2, 3000), WriterOptions{RowGroupRows: 1000}),
	} {
		f := File{r: bytes.NewReader(file), size: int64(len(file))}
		footer, err := f.readFooter()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, footer)
	}
	return all
}

// What is decoded of a footer is what the library decodes.
func TestMeta(t *testing.T) {
	for _, footer := range footers(t) {
		got, err := decodeMeta(footer)
		if err != nil {
			t.Fatal(err)
		}
		var want format.FileMetaData
		if _, err := decodeThrift("footer", footer, &want); err != nil {
			t.Fatal(err)
		}
		sameMeta(t, &got, &want)
		if !bytes.Equal(got.schema, ownSchema) {
			t.Error("the schema is not recognised as our own")
		}
	}
}

// Any footer is decoded as the library does, or refused, within memory that its length
// bounds. What the library refuses may pass: values that nobody asks for are not looked at.
func FuzzMeta(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 3))
	for _, footer := range footers(f) {
		f.Add(footer)
		for range 20 {
			bad := bytes.Clone(footer)
			bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
			f.Add(bad)
		}
	}
	f.Add([]byte("\x49\xfc\xff\x0f" + strings.Repeat("\x19\xfc\x40"+strings.Repeat("\x00", 65), 200)))
	for _, text := range []string{"", "\x00", "\x49\xfc\xff\xff\xff\x0f\x00", "\x19\xfc\xff\xff\xff\x0f\x19\xfc\xff\xff\xff\x0f"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, footer []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := decodeMeta(footer)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 64*uint64(len(footer))+1<<20 {
			t.Fatalf("%d bytes for a footer of %d", took, len(footer))
		}
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatal(err)
			}
			return
		}
		var want format.FileMetaData
		if n, err := decodeThrift("footer", footer, &want); err == nil && n == len(footer) && plainFooter(&want, footer) {
			sameMeta(t, &got, &want)
		}
	})
}

// plainFooter reports whether a footer has nothing that can be said in two ways: it is
// what the library writes.
func plainFooter(meta *format.FileMetaData, footer []byte) bool {
	again, err := appendThrift(nil, meta)
	return err == nil && slices.Equal(again, footer)
}

func BenchmarkOpen(b *testing.B) {
	for _, groups := range []int{1, 8} {
		b.Run(fmt.Sprintf("groups=%d", groups), func(b *testing.B) {
			file := write(b, sample(1, 1000*groups), WriterOptions{RowGroupRows: 1000, Metadata: map[string]string{schema.MetadataBuckets: "1"}})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(bytes.NewReader(file), int64(len(file))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
