package partition

// chunkSize is the arena's unit of growth. It bounds what a reset arena keeps
// unused and is the unit in which memory use is counted.
const chunkSize = 1 << 20

// ref is a value in an arena: its offset and length. The zero ref is no value.
type ref struct{ off, n uint32 }

const refSize = 8

// arena holds the bytes of values, without pointers to any of them. A value
// never crosses a chunk; one longer than a chunk gets a chunk of its own length,
// which then covers several chunk numbers.
type arena struct {
	chunks [][]byte // indexed by offset / chunkSize; nil where covered by an earlier, longer one
	used   int      // bytes used of the last chunk
	free   [][]byte // chunks kept by reset
	size   int64    // bytes held, free ones included
}

// maxArena is where 32-bit offsets end.
const maxArena = 1<<32 - chunkSize

// fits reports whether n more bytes can still be addressed.
func (a *arena) fits(n int) bool {
	return int64(len(a.chunks)+1)*chunkSize+int64(n) < maxArena
}

func (a *arena) put(v string) ref {
	if len(v) == 0 {
		return ref{}
	}
	dst, r := a.alloc(len(v))
	copy(dst, v)
	return r
}

func (a *arena) alloc(n int) ([]byte, ref) {
	if len(a.chunks) == 0 || a.used+n > chunkSize {
		a.grow(n)
	}
	last := len(a.chunks) - 1
	if n > chunkSize {
		// grow placed a chunk of its own, first of the numbers it covers.
		for a.chunks[last] == nil {
			last--
		}
		a.used = chunkSize
		return a.chunks[last], ref{uint32(last * chunkSize), uint32(n)}
	}
	at := a.used
	a.used += n
	return a.chunks[last][at : at+n], ref{uint32(last*chunkSize + at), uint32(n)}
}

func (a *arena) grow(n int) {
	a.used = 0
	if n > chunkSize {
		a.chunks = append(a.chunks, make([]byte, n))
		a.size += int64(n)
		for covered := chunkSize; covered < n; covered += chunkSize {
			a.chunks = append(a.chunks, nil)
		}
		return
	}
	if k := len(a.free); k > 0 {
		a.chunks = append(a.chunks, a.free[k-1])
		a.free = a.free[:k-1]
		return
	}
	a.chunks = append(a.chunks, make([]byte, chunkSize))
	a.size += chunkSize
}

func (a *arena) get(r ref) []byte {
	if r.n == 0 {
		return nil
	}
	chunk := a.chunks[r.off/chunkSize]
	at := r.off % chunkSize
	return chunk[at : at+r.n]
}

// arenaMark is a position to go back to.
type arenaMark struct{ chunks, used int }

func (a *arena) mark() arenaMark { return arenaMark{len(a.chunks), a.used} }

// rollback forgets what was put since m. Chunks of the common size are kept.
func (a *arena) rollback(m arenaMark) {
	for _, c := range a.chunks[m.chunks:] {
		switch {
		case len(c) == chunkSize:
			a.free = append(a.free, c)
		default:
			a.size -= int64(len(c))
		}
	}
	a.chunks = a.chunks[:m.chunks]
	a.used = m.used
}

// shrink frees half of what is kept for reuse.
func (a *arena) shrink() {
	half := len(a.free) / 2
	a.size -= int64(len(a.free)-half) * chunkSize
	clear(a.free[half:])
	a.free = a.free[:half]
}
