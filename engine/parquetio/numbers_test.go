package parquetio

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"

	"github.com/keytrail/keytrail/schema"
)

// A dictionary of numbers is begun where they repeat and ends where one does not fit.
func TestSmallInts(t *testing.T) {
	ones := make([]int32, 16)
	for i := range ones {
		ones[i] = 1
	}
	for _, tt := range []struct {
		name  string
		pages [][]int32
		want  []bool // which pages are numbered
		dict  []int32
	}{
		{"few values", [][]int32{append(slices.Clone(ones), 0, 255), {3}}, []bool{false, false}, nil},
		{"repeated", [][]int32{append(slices.Clone(ones), 255, 1, 1, 1, 1, 1, 1, 1), {1, 0}}, []bool{true, true}, []int32{1, 255, 0}},
		{"too large", [][]int32{ones, {7, 256}, ones}, []bool{true, false, false}, []int32{1}},
		{"negative", [][]int32{ones, {-1}}, []bool{true, false}, []int32{1}},
	} {
		var d smallInts
		for range 2 { // again after reset
			d.reset()
			for i, page := range tt.pages {
				ids, ok := d.number(nil, page)
				if ok != tt.want[i] {
					t.Errorf("%s: page %d is numbered: %v", tt.name, i, ok)
				}
				for k := range ids {
					if ok && d.values[ids[k]] != page[k] {
						t.Errorf("%s: page %d: %d stands for %d", tt.name, i, d.values[ids[k]], page[k])
					}
				}
			}
			if !slices.Equal(d.values, tt.dict) {
				t.Errorf("%s: dictionary %v, want %v", tt.name, d.values, tt.dict)
			}
		}
	}
}

// Numbers of the touches that one call makes are in a dictionary; positions are not.
func TestNumberEncodings(t *testing.T) {
	f := open(t, write(t, sample(16, 20_000), WriterOptions{}))
	for column, want := range map[string]format.Encoding{
		"touch_index": format.RLEDictionary, "touch_count": format.RLEDictionary,
		"source_index": format.Plain, "event_time": format.DeltaBinaryPacked,
	} {
		if got := dataEncodings(t, f, column); len(got) != 1 || !got[want] {
			t.Errorf("%s: data pages are %v, want %s", column, got, want)
		}
	}
}

func numberReader(column string, values int) *pageReader {
	return &pageReader{leaf: leaves[schema.ColumnIndex(column)], values: values}
}

// Files have had times as they are.
func TestPlainTimes(t *testing.T) {
	raw := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1), 1<<40)
	r := numberReader("event_time", 2)
	if err := r.decodeValues(raw, format.Plain); err != nil || !slices.Equal(r.fixed, raw) {
		t.Errorf("%v, %v", r.fixed, err)
	}
}

// Values of a page that are damaged, though its checksum is right, are others or an
// error.
func TestDamagedNumbers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(17, 9))
	times := make([]int64, 1000)
	for i := range times {
		times[i] = 1_740_128_400_000_000 + rnd.Int64N(86_400_000_000)
	}
	packed, err := new(delta.BinaryPackedEncoding).EncodeInt64(nil, times)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := new(chunk).appendIDs(nil, []int32{0, 1, 1, 2, 0, 2, 2, 2}, 3)
	if err != nil {
		t.Fatal(err)
	}
	dictionary := texts{data: make([]byte, 12), ends: []uint32{0, 4, 8, 12}}
	for _, tt := range []struct {
		column   string
		values   int
		encoding format.Encoding
		raw      []byte
		size     int
	}{
		{"event_time", len(times), format.DeltaBinaryPacked, packed, 8 * len(times)},
		{"touch_index", 8, format.RLEDictionary, ids, 32},
	} {
		failed := 0
		for range 20_000 {
			raw := slices.Clone(tt.raw)
			raw[rnd.IntN(min(len(raw), 40))] ^= byte(1 + rnd.IntN(255))
			raw = raw[:len(raw)-rnd.IntN(2)*rnd.IntN(len(raw))]
			r := numberReader(tt.column, tt.values)
			r.dict, r.hasIDs = dictionary, true
			switch err := r.decodeValues(raw, tt.encoding); {
			case err != nil && !errors.Is(err, ErrCorrupt):
				t.Fatalf("%s: %v", tt.column, err)
			case err != nil:
				failed++
			case len(r.fixed) != tt.size:
				t.Fatalf("%s: %d bytes, want %d", tt.column, len(r.fixed), tt.size)
			}
		}
		if failed == 0 {
			t.Errorf("%s: no damage was noticed", tt.column)
		}
	}
}
