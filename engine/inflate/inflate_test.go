package inflate_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/inflate"
)

// inflated fails the test unless z inflates src to want.
func inflated(t *testing.T, z *inflate.Inflater, src, want []byte) {
	t.Helper()
	got, err := z.Inflate(src)
	if err != nil {
		t.Errorf("inflate %d bytes that mean %d: %v", len(src), len(want), err)
	} else if !bytes.Equal(got, want) {
		t.Errorf("inflate %d bytes: got %d bytes that differ from the %d expected", len(src), len(got), len(want))
	}
}

// texts are data of many kinds and sizes.
func texts(t *testing.T) map[string][]byte {
	r := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 200_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	skewed := make([]byte, 300_000) // literals with codes of all lengths
	for i := range skewed {
		skewed[i] = byte(min(255, int(r.ExpFloat64()*3)))
	}
	periods := []byte{}
	for period := range 40 {
		periods = append(periods, bytes.Repeat(noise[:period+1], 500/(period+1)+r.IntN(10))...)
	}
	m := map[string][]byte{
		"nothing": {}, "a byte": {'x'}, "zeros": make([]byte, 10<<20),
		"noise": noise, "skewed": skewed, "periods": periods,
	}
	for _, n := range []int{1, 5, 100, 1000} {
		m[fmt.Sprintf("%d records", n)], _ = logObject(t, n)
	}
	return m
}

func TestLevels(t *testing.T) {
	z := inflate.New(16 << 20)
	for name, text := range texts(t) {
		for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ { // 0 is stored
			t.Run(fmt.Sprintf("%s/level=%d", name, level), func(t *testing.T) {
				inflated(t, z, pack(t, text, level), text)
			})
		}
	}
}

// TestPrefixes ends texts at every length, so that both loops, and the change
// from one to the other, meet every kind of end. Short texts get fixed codes.
func TestPrefixes(t *testing.T) {
	text := texts(t)["5 records"]
	z := inflate.New(1 << 20)
	for n := range 600 {
		inflated(t, z, pack(t, text[:n], gzip.BestCompression), text[:n])
	}
}

func TestRandomCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	z := inflate.New(1 << 30)
	for range 1000 {
		deflated, plain := randomBlock(r, r.IntN(3000))
		src := member(deflated, plain)
		inflated(t, z, src, plain)
		inflated(t, inflate.New(int64(len(plain))), src, plain)
	}
}

func TestLimit(t *testing.T) {
	for _, name := range []string{"5 records", "100 records", "periods", "noise"} {
		text := texts(t)[name]
		packed := pack(t, text, gzip.DefaultCompression)
		for extra := range 400 {
			inflated(t, inflate.New(int64(len(text)+extra)), packed, text)
		}
		for _, less := range []int{1, 2, 3, 100, 258, 300, 1000, len(text)} {
			for _, src := range [][]byte{packed, text} {
				got, err := inflate.New(int64(len(text) - less)).Inflate(src)
				if !errors.Is(err, inflate.ErrTooLarge) {
					t.Errorf("%s with a limit %d too low: got %d bytes, error %v", name, less, len(got), err)
				}
			}
		}
	}
}

func TestMembers(t *testing.T) {
	big, small := texts(t)["100 records"], []byte(`{"Records":[]}`)
	pad := make([]byte, 1000)
	gz := func(b []byte) []byte { return pack(t, b, gzip.DefaultCompression) }
	tests := []struct {
		name      string
		src, want []byte
	}{
		{"one empty", gz(nil), nil},
		{"empty first", slices.Concat(gz(nil), gz(small)), small},
		{"empty last", slices.Concat(gz(big), gz(nil)), big},
		{"small hint", slices.Concat(gz(big), gz(big), gz(small)), slices.Concat(big, big, small)},
		{"padding", slices.Concat(gz(big), pad), big},
		{"one zero", slices.Concat(gz(big), pad[:1]), big},
		{"gzip in gzip", gz(gz(big)), big},
		{"three levels", gz(gz(gz(big))), big},
		{"members in members", slices.Concat(gz(gz(big)), gz(gz(small))), slices.Concat(big, small)},
		{"split within", slices.Concat(gz(gz(big)[:5000]), gz(gz(big)[5000:])), big},
		{"magic's first byte alone", gz([]byte{0x1f}), []byte{0x1f}},
		{"plain", small, small},
		{"one plain byte", []byte("{"), []byte("{")},
		{"not quite gzip", []byte{0x1f, 0x8c}, []byte{0x1f, 0x8c}},
	}
	z := inflate.New(1 << 20)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inflated(t, z, test.src, test.want)
			inflated(t, inflate.New(1<<20), test.src, test.want)
		})
	}
}

// header is a member's header with the given flags and every optional part that
// they call for.
func header(flags byte) []byte {
	b := []byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3}
	if flags&4 != 0 {
		extra := strings.Repeat("\x00xtra", 77)
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(extra))), extra...)
	}
	if flags&8 != 0 {
		b = append(b, "caf\xe9.json\x00"...)
	}
	if flags&16 != 0 {
		b = append(b, strings.Repeat("a long comment ", 100)+"\x00"...)
	}
	if flags&2 != 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(crc32.ChecksumIEEE(b)))
	}
	return b
}

func TestHeaders(t *testing.T) {
	text := []byte(`{"Records":[]}`)
	z := inflate.New(1 << 20)
	for flags := range 256 {
		head, packed := header(byte(flags)), pack(t, text, gzip.BestSpeed)
		inflated(t, z, append(head, packed[10:]...), text)
		for n := 1; n < len(head); n++ {
			if _, err := z.Inflate(head[:n]); !errors.Is(err, inflate.ErrTruncated) {
				t.Fatalf("flags %08b, header cut at %d of %d: error %v", flags, n, len(head), err)
			}
		}
		if flags&2 != 0 {
			head[5] ^= 1
			if _, err := z.Inflate(append(head, packed[10:]...)); !errors.Is(err, inflate.ErrChecksum) {
				t.Errorf("flags %08b, wrong header CRC: error %v", flags, err)
			}
		}
	}
}

// TestShrink also says what an Inflater does with its buffer in general.
func TestShrink(t *testing.T) {
	text := texts(t)["100 records"]
	src := pack(t, text, gzip.DefaultCompression)
	z := inflate.New(1 << 20)
	first, err := z.Inflate(src)
	if err != nil {
		t.Fatal(err)
	}
	if &first[0] == &src[0] || cap(first) != len(first) {
		t.Errorf("result has capacity %d, want its length %d", cap(first), len(first))
	}
	z.Shrink(1 << 20)
	second, err := z.Inflate(src)
	if err != nil {
		t.Fatal(err)
	}
	if &first[0] != &second[0] {
		t.Error("buffer within bounds was not reused")
	}
	z.Shrink(1000)
	inflated(t, z, pack(t, []byte("{}"), gzip.DefaultCompression), []byte("{}"))
	if !bytes.Equal(second, text) {
		t.Error("a dropped buffer was written to")
	}
}

// TestSteady: objects of the same size cost no memory.
func TestSteady(t *testing.T) {
	_, src := logObject(t, 100)
	z := inflate.New(1 << 20)
	if n := testing.AllocsPerRun(20, func() {
		if _, err := z.Inflate(src); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for each object", n)
	}
}

// allocated is how many bytes fn allocates.
func allocated(fn func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

func TestBomb(t *testing.T) {
	const limit = 4 << 20
	honest := pack(t, make([]byte, 100<<20), gzip.BestCompression)
	claims := func(size uint32) []byte {
		b := bytes.Clone(honest)
		binary.LittleEndian.PutUint32(b[len(b)-4:], size)
		return b
	}
	cut := pack(t, make([]byte, 3<<20), gzip.BestCompression)
	cut = append(cut[:len(cut)-8], 0xff, 0xff, 0xff, 0xff)
	tests := []struct {
		name string
		src  []byte
		most int // bytes allocated
		want error
	}{
		{"honest", honest, limit, inflate.ErrTooLarge},
		{"claims 4 GB", claims(1<<32 - 1), limit, inflate.ErrTooLarge},
		{"claims nothing", claims(0), 3 * limit, inflate.ErrTooLarge}, // in all, by doubling; never two as large as limit
		{"in gzip", pack(t, honest, gzip.BestCompression), limit + 64*len(honest), inflate.ErrTooLarge},
		{"cut, last bytes claim 4 GB", cut, limit + 64*len(cut), inflate.ErrTruncated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			z := inflate.New(limit)
			var err error
			got := allocated(func() { _, err = z.Inflate(test.src) })
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if most := test.most + 64<<10; got > most {
				t.Errorf("allocated %d bytes, want at most %d", got, most)
			}
		})
	}
}
