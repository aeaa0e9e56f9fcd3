package inflate_test

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"math/rand/v2"
)

// bitWriter writes deflate data by hand: what no compressor would.
type bitWriter struct {
	data []byte
	n    int // bits
}

// bits writes the low count bits of v, lowest first.
func (w *bitWriter) bits(v, count int) *bitWriter {
	for i := range count {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		w.data[w.n/8] |= byte(v >> i & 1 << (w.n % 8))
		w.n++
	}
	return w
}

// huffman writes a Huffman code, highest bit first.
func (w *bitWriter) huffman(c huffmanCode) *bitWriter {
	return w.bits(int(bits.Reverse32(uint32(c.code))>>(32-c.length)), c.length)
}

type huffmanCode struct{ code, length int }

// canonical gives the codes of an alphabet with these code lengths.
func canonical(lengths []int) []huffmanCode {
	codes := make([]huffmanCode, len(lengths))
	next := 0
	for l := 1; l <= 15; l++ {
		next <<= 1
		for symbol := range lengths {
			if lengths[symbol] == l {
				codes[symbol] = huffmanCode{next, l}
				next++
			}
		}
	}
	return codes
}

// lengthOrder is the order in which a dynamic block stores the lengths of the
// code of code lengths (RFC 1951, 3.2.7).
var lengthOrder = []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic writes the head of a last, dynamic block, whose code lengths (those of
// literals, then distances) take four bits each.
func (w *bitWriter) dynamic(lits, dists []int) *bitWriter {
	w.bits(1, 1).bits(2, 2).bits(len(lits)-257, 5).bits(len(dists)-1, 5).bits(len(lengthOrder)-4, 4)
	own := make([]int, 19)
	for i := range 16 {
		own[i] = 4
	}
	for _, symbol := range lengthOrder {
		w.bits(own[symbol], 3)
	}
	codes := canonical(own)
	for _, l := range lits {
		w.huffman(codes[l])
	}
	for _, l := range dists {
		w.huffman(codes[l])
	}
	return w
}

// at is a list of code lengths that are 0 but for some symbols.
func at(n int, lengths map[int]int) []int {
	list := make([]int, n)
	for symbol, l := range lengths {
		list[symbol] = l
	}
	return list
}

// randomLengths is a complete code for some of the n symbols, of which need has a
// code: a random tree of depth 15 at most, sometimes a deep one.
func randomLengths(r *rand.Rand, n, need int) []int {
	depths := []int{1, 1}
	deep := r.IntN(2) == 0
	for want := 2 + r.IntN(n-2); len(depths) < want; {
		i := r.IntN(len(depths))
		if deep && r.IntN(8) > 0 {
			i = len(depths) - 1
		}
		if depths[i] == 15 {
			deep = false
			if r.IntN(100) == 0 {
				break
			}
			continue
		}
		depths[i]++
		depths = append(depths, depths[i])
	}
	symbols := r.Perm(n)
	for i, symbol := range symbols {
		if symbol == need {
			symbols[0], symbols[i] = symbols[i], symbols[0]
		}
	}
	lengths := make([]int, n)
	r.Shuffle(len(depths), func(i, j int) { depths[i], depths[j] = depths[j], depths[i] })
	for i, l := range depths {
		lengths[symbols[i]] = l
	}
	return lengths
}

// Base and extra bits of the length symbols from 257 and of the distance symbols
// (RFC 1951, 3.2.5).
var (
	lengthBase  = []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = []int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// randomBlock is one dynamic block of random codes and symbols, and its meaning.
func randomBlock(r *rand.Rand, symbols int) (deflated, plain []byte) {
	lits, dists := randomLengths(r, 286, 256), randomLengths(r, 30, 0)
	w := new(bitWriter).dynamic(lits, dists)
	litCodes, distCodes := canonical(lits), canonical(dists)
	for range symbols {
		symbol := r.IntN(286)
		if r.IntN(2) == 0 {
			symbol = 257 + r.IntN(29)
		}
		switch {
		case lits[symbol] == 0 || symbol == 256:
		case symbol < 256:
			w.huffman(litCodes[symbol])
			plain = append(plain, byte(symbol))
		default:
			dist := r.IntN(30)
			back := 0
			if dists[dist] != 0 {
				back = distBase[dist] + r.IntN(1<<distExtra[dist])
			}
			if back == 0 || back > len(plain) {
				continue
			}
			length := lengthBase[symbol-257] + r.IntN(1<<lengthExtra[symbol-257])
			w.huffman(litCodes[symbol]).bits(length-lengthBase[symbol-257], lengthExtra[symbol-257])
			w.huffman(distCodes[dist]).bits(back-distBase[dist], distExtra[dist])
			for range length {
				plain = append(plain, plain[len(plain)-back])
			}
		}
	}
	return w.huffman(litCodes[256]).data, plain
}

// member puts a plain header before deflate data and a trailer behind them.
func member(deflated, plain []byte) []byte {
	b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, deflated...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(plain))
	return binary.LittleEndian.AppendUint32(b, uint32(len(plain)))
}
