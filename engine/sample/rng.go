package sample

import (
	"math/bits"
	"math/rand/v2"
)

// rng is a seeded random stream. It uses the specified PCG generator and its own
// integer methods, so that a stream is the same in every Go release.
type rng struct{ src rand.PCG }

// newRNG returns the stream named by seed and path: streams of different paths
// are unrelated.
func newRNG(seed uint64, path ...uint64) *rng {
	hi, lo := scramble(seed), scramble(seed^0x9e3779b97f4a7c15)
	for _, p := range path {
		hi = scramble(hi ^ p)
		lo = scramble(lo + hi)
	}
	r := new(rng)
	r.src.Seed(hi, lo)
	return r
}

// scramble is the finaliser of SplitMix64: a bijection that scatters its input.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// intn is uniform in [0, n); n is positive.
func (r *rng) intn(n int) int {
	hi, _ := bits.Mul64(r.src.Uint64(), uint64(n))
	return int(hi)
}

// between is uniform in [lo, hi].
func (r *rng) between(lo, hi int) int { return lo + r.intn(hi-lo+1) }

// oneIn is true once in n draws.
func (r *rng) oneIn(n int) bool { return r.intn(n) == 0 }

// percent is true p times in a hundred draws.
func (r *rng) percent(p int) bool { return r.intn(100) < p }

// skewed is in [0, n) and favours small numbers: a tenth of them draws nearly
// half of the traffic, as hot keys do.
func (r *rng) skewed(n int) int {
	a, b := r.intn(1<<20), r.intn(1<<20)
	c := r.intn(1 << 20)
	return int(uint64(a) * uint64(b) >> 20 * uint64(c) >> 20 * uint64(n) >> 20)
}

// shuffle permutes n things.
func (r *rng) shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, r.intn(i+1))
	}
}

// pick draws one of choices.
func pick[T any](r *rng, choices []T) T { return choices[r.intn(len(choices))] }

// weighted draws an index in proportion to the weights, whose sum is total.
func weighted[T any](r *rng, choices []T, total int, weight func(*T) int) *T {
	n := r.intn(total)
	for i := range choices {
		if n -= weight(&choices[i]); n < 0 {
			return &choices[i]
		}
	}
	return &choices[len(choices)-1]
}

const (
	hexDigits = "0123456789abcdef"
	base36    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	base32    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	base62    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// appendHex appends n hexadecimal digits.
func (r *rng) appendHex(b []byte, n int) []byte {
	for n > 0 {
		v := r.src.Uint64()
		for i := 0; i < 16 && n > 0; i, n = i+1, n-1 {
			b = append(b, hexDigits[v&15])
			v >>= 4
		}
	}
	return b
}

// appendUUID appends a random (version 4) UUID.
func (r *rng) appendUUID(b []byte) []byte {
	at := len(b)
	b = r.appendHex(b, 36)
	u := b[at:]
	u[8], u[13], u[18], u[23] = '-', '-', '-', '-'
	u[14] = '4'
	u[19] = "89ab"[r.intn(4)]
	return b
}

// appendFrom appends n letters of an alphabet of at most 64.
func (r *rng) appendFrom(b []byte, alphabet string, n int) []byte {
	for n > 0 {
		v := r.src.Uint64()
		for i := 0; i < 6 && n > 0; i, n = i+1, n-1 {
			b = append(b, alphabet[(v&1023)*uint64(len(alphabet))>>10])
			v >>= 10
		}
	}
	return b
}

// hashed appends n letters that always belong to id: the access key of a
// session, the unique id of a role.
func hashed(b []byte, alphabet string, n int, id uint64) []byte {
	for i := uint64(0); n > 0; i++ {
		v := scramble(id ^ i<<56)
		for j := 0; j < 6 && n > 0; j, n = j+1, n-1 {
			b = append(b, alphabet[(v&1023)*uint64(len(alphabet))>>10])
			v >>= 10
		}
	}
	return b
}

// hash of a text (FNV-1a), for ids that belong to a name.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return scramble(h)
}
