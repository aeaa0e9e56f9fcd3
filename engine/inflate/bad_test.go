package inflate_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/inflate"
)

// TestCut: an object cut anywhere is truncated, whatever its blocks.
func TestCut(t *testing.T) {
	text := texts(t)["5 records"]
	z := inflate.New(1 << 20)
	for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.BestCompression, gzip.HuffmanOnly} {
		for _, n := range []int{10, len(text)} {
			src := pack(t, text[:n], level)
			for cut := 1; cut < len(src); cut++ {
				if got, err := z.Inflate(src[:cut]); !errors.Is(err, inflate.ErrTruncated) {
					t.Fatalf("level %d, cut at %d of %d: got %d bytes, error %v", level, cut, len(src), len(got), err)
				}
				if got, err := z.Inflate(slices.Concat(src, src[:cut])); !errors.Is(err, inflate.ErrTruncated) {
					t.Fatalf("level %d, second member cut at %d of %d: got %d bytes, error %v", level, cut, len(src), len(got), err)
				}
			}
		}
	}
}

func TestBad(t *testing.T) {
	good := pack(t, []byte(`{"Records":[]}`), gzip.DefaultCompression)
	gz := func(b []byte) []byte { return pack(t, b, gzip.DefaultCompression) }
	change := func(at int, b byte) []byte {
		src := bytes.Clone(good)
		if at < 0 {
			at += len(src)
		}
		src[at] ^= b
		return src
	}
	tests := []struct {
		name string
		src  []byte
		want error
		says string
	}{
		{"empty", nil, inflate.ErrEmpty, "empty object"},
		{"one byte", good[:1], inflate.ErrTruncated, "at byte 1"},
		{"two bytes", good[:2], inflate.ErrTruncated, "header cut off at byte 2"},
		{"method", change(2, 1), inflate.ErrCorrupt, "unknown compression method 9 at byte 2"},
		{"CRC", change(-8, 1), inflate.ErrChecksum, "data have CRC"},
		{"size", change(-4, 1), inflate.ErrChecksum, "data have length 14, not 15"},
		{"size, high byte", change(-1, 0x80), inflate.ErrChecksum, "data have length 14"},
		{"garbage behind", append(bytes.Clone(good), "garbage"...), inflate.ErrCorrupt, "neither a member nor padding at byte"},
		{"padding, then garbage", append(bytes.Clone(good), 0, 0, 'x'), inflate.ErrCorrupt, "neither a member nor padding at byte"},
		{"padding, then a member", slices.Concat(good, []byte{0}, good), inflate.ErrCorrupt, "neither a member nor padding at byte"},
		{"second member's CRC", slices.Concat(good, change(-8, 1)), inflate.ErrChecksum, "data have CRC"},
		{"four levels", gz(gz(gz(gz([]byte("{}"))))), inflate.ErrCorrupt, "more than 3 levels"},
		{"bad CRC within", gz(change(-8, 1)), inflate.ErrChecksum, "level 2"},
		{"cut within", gz(gz(good[:20])), inflate.ErrTruncated, "level 3"},
	}
	z := inflate.New(1 << 20)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := z.Inflate(test.src)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) || got != nil {
				t.Errorf("got %q, error %q; want error %q with %q", got, err, test.want, test.says)
			}
			inflated(t, z, good, []byte(`{"Records":[]}`)) // no fault leaves a trace
		})
	}
}

// TestBadBlocks has deflate data that no compressor writes, each met by the
// careful loop (little input follows) and by the fast one (much does).
func TestBadBlocks(t *testing.T) {
	last := func(kind int) *bitWriter { return new(bitWriter).bits(1, 1).bits(kind, 2) }
	head := func(lits, dists, lens int) *bitWriter { return last(2).bits(lits, 5).bits(dists, 5).bits(lens, 4) }
	// lengthCode is head with these lengths of the code of code lengths.
	lengthCode := func(lengths map[int]int) *bitWriter {
		w := head(0, 0, 15)
		for _, symbol := range lengthOrder {
			w.bits(lengths[symbol], 3)
		}
		return w
	}
	one := map[int]int{0: 1, 256: 1} // a complete code of NUL and the end
	matches := at(258, map[int]int{256: 1, 257: 1})
	tests := []struct {
		name string
		data *bitWriter
		says string
	}{
		{"reserved block", last(3), "reserved block type"},
		{"stored length", last(0).bits(0, 5).bits(5, 16).bits(5, 16), "complement"},
		{"287 literals", head(30, 0, 0), "too many symbols"},
		{"31 distances", head(0, 30, 0), "too many symbols"},
		{"length code over-subscribed", lengthCode(map[int]int{0: 1, 1: 1, 2: 1}), "code lengths are no Huffman code"},
		{"length code incomplete", lengthCode(map[int]int{0: 1, 1: 2}), "code lengths are no Huffman code"},
		{"length code of two bits", lengthCode(map[int]int{0: 2}), "code lengths are no Huffman code"},
		{"length code empty", lengthCode(nil), "unassigned code of a code length"},
		{"length code unassigned", lengthCode(map[int]int{1: 1}).bits(1, 1), "unassigned code of a code length"},
		{"repeats nothing", lengthCode(map[int]int{1: 1, 16: 1}).bits(1, 1), "repeats a code length before the first"},
		{"repeats too often", lengthCode(map[int]int{1: 1, 18: 1}).bits(1, 1).bits(127, 7).bits(1, 1).bits(127, 7), "more code lengths than symbols"},
		{"literals over-subscribed", new(bitWriter).dynamic(at(257, map[int]int{0: 1, 1: 1, 256: 1}), []int{1}), "codes of literals and lengths"},
		{"literals incomplete", new(bitWriter).dynamic(at(257, map[int]int{0: 2, 256: 1}), []int{1}), "codes of literals and lengths"},
		{"literals over-subscribed in depth", new(bitWriter).dynamic(at(257, map[int]int{0: 1, 1: 15, 2: 2, 3: 2, 256: 15}), []int{1}), "codes of literals and lengths"},
		{"distances over-subscribed", new(bitWriter).dynamic(at(257, one), []int{1, 1, 1}), "codes of distances"},
		{"distances incomplete", new(bitWriter).dynamic(at(257, one), []int{1, 2}), "codes of distances"},
		{"one distance of two bits", new(bitWriter).dynamic(at(257, one), []int{2}), "codes of distances"},
		{"no literal at all", new(bitWriter).dynamic(at(257, nil), []int{1}).bits(0, 1), "unassigned code of a literal"},
		{"unassigned literal", new(bitWriter).dynamic(at(257, map[int]int{0: 1}), []int{1}).bits(0, 9).bits(1, 1), "unassigned code of a literal"},
		{"symbol 286", last(1).huffman(huffmanCode{0b11000110, 8}), "unassigned code of a literal"},
		{"symbol 287", last(1).huffman(huffmanCode{0b11000111, 8}), "unassigned code of a literal"},
		{"no distances", new(bitWriter).dynamic(matches, []int{0}).bits(1, 1), "unassigned code of a distance"},
		{"unassigned distance", new(bitWriter).dynamic(matches, []int{1}).bits(1, 1).bits(1, 1), "unassigned code of a distance"},
		{"distance symbol 30", last(1).bits(0x0c, 8).bits(0x0c, 8).huffman(huffmanCode{1, 7}).huffman(huffmanCode{30, 5}), "unassigned code of a distance"},
		{"match first", last(1).huffman(huffmanCode{1, 7}).huffman(huffmanCode{0, 5}), "reaches back before the start"},
		{"too far", last(1).bits(0x0c, 8).huffman(huffmanCode{1, 7}).huffman(huffmanCode{1, 5}), "reaches back before the start"},
	}
	z := inflate.New(1 << 20)
	before := pack(t, []byte("data of another member"), gzip.NoCompression)
	for _, test := range tests {
		for _, follow := range []int{2, 100} {
			src := slices.Concat(before, member(test.data.data, nil)[:10+len(test.data.data)], bytes.Repeat([]byte{0x55}, follow))
			got, err := z.Inflate(src)
			if !errors.Is(err, inflate.ErrCorrupt) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s, %d bytes follow: got %d bytes, error %v; want %q", test.name, follow, len(got), err, test.says)
			}
		}
	}
}
