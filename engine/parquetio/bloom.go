package parquetio

import (
	"math/bits"
	"unsafe"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/format"
)

// bloomBits is the least number of filter bits per distinct value. Filters are rounded
// up to a power of two, which some readers ask for, so that it is between this and
// twice as many: of a thousand absent values then one to 33, on average twelve, are
// not recognised as absent. Filters end at maxBloom bytes.
const (
	bloomBits = 8
	maxBloom  = 128 << 20
)

func bloomHash(v string) uint64 {
	return xxhash.Sum64(unsafe.Slice(unsafe.StringData(v), len(v)))
}

// bloomFilter is the bits of a split block filter over the hashes.
func bloomFilter(hashes *hashSet) []byte {
	n := max((uint64(hashes.n)*bloomBits+7)/8, bloom.BlockSize)
	if bits.OnesCount64(n) > 1 {
		n = 1 << bits.Len64(n)
	}
	filter := make(bloom.SplitBlockFilter, min(n, maxBloom)/bloom.BlockSize)
	hashes.each(filter.Insert)
	return filter.Bytes()
}

func bloomHeader(numBytes int) *format.BloomFilterHeader {
	return &format.BloomFilterHeader{
		NumBytes:    int32(numBytes),
		Algorithm:   format.BloomFilterAlgorithm{Value: &format.SplitBlockAlgorithm{}},
		Hash:        format.BloomFilterHash{Value: &format.XxHash{}},
		Compression: format.BloomFilterCompression{Value: &format.BloomFilterUncompressed{}},
	}
}

// hashSet is a set of 64-bit hashes.
type hashSet struct {
	table []uint64 // open addressing; 0 is free
	n     int
	zero  bool // 0 is a member
}

func (s *hashSet) add(h uint64) {
	if h == 0 {
		if !s.zero {
			s.zero = true
			s.n++
		}
		return
	}
	if 2*s.n >= len(s.table) {
		old := s.table
		s.table = make([]uint64, max(1024, 2*len(old)))
		for _, o := range old {
			if o != 0 {
				s.table[s.slot(o)] = o
			}
		}
	}
	if at := s.slot(h); s.table[at] == 0 {
		s.table[at] = h
		s.n++
	}
}

// slot is where h is, or belongs.
func (s *hashSet) slot(h uint64) uint64 {
	mask := uint64(len(s.table) - 1)
	at := h & mask
	for s.table[at] != 0 && s.table[at] != h {
		at = (at + 1) & mask
	}
	return at
}

func (s *hashSet) each(fn func(uint64)) {
	if s.zero {
		fn(0)
	}
	for _, h := range s.table {
		if h != 0 {
			fn(h)
		}
	}
}

func (s *hashSet) reset() {
	clear(s.table)
	s.n, s.zero = 0, false
}
