package parquetio

import (
	"fmt"

	"github.com/parquet-go/parquet-go/bloom"
)

// filterPlace is where the bits of a Bloom filter are.
type filterPlace struct {
	at   int64
	size int
}

// maxFilterHeader is more than a filter's header takes.
const maxFilterHeader = 64

// MayContain reports whether a text column of row group rg may hold value, or its
// lists may. False is certain. It is true where there is no Bloom filter.
func (f *File) MayContain(rg, column int, value string) (bool, error) {
	c := f.chunk(rg, column)
	if c == nil {
		return false, nil
	}
	if c.filterAt == 0 {
		return true, nil
	}
	place, err := f.filter(rg, column, c)
	if err != nil {
		return true, fmt.Errorf("%s: bloom filter: %w", f.name(rg, column), err)
	}
	if place.size == 0 {
		return true, nil
	}
	may := true
	err = guard("bloom filter", func() error {
		var err error
		filter := filterReader{f, place.at}
		may, err = bloom.CheckSplitBlock(filter, int64(place.size), bloomHash(value))
		return err
	})
	return may || err != nil, err
}

// filterReader reads within a filter.
type filterReader struct {
	f  *File
	at int64
}

func (r filterReader) ReadAt(b []byte, off int64) (int, error) {
	block, err := r.f.readAt(r.at+off, int64(len(b)))
	return copy(b, block), err
}

// filter finds a filter's bits, once. A filter of a kind unknown to us has none.
func (f *File) filter(rg, column int, c *chunkMeta) (filterPlace, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := [2]int{rg, column}
	if place, ok := f.filters[key]; ok {
		return place, nil
	}
	at := c.filterAt
	b, err := f.readAt(at, min(maxFilterHeader, f.size-at))
	if err != nil {
		return filterPlace{}, err
	}
	size, n, err := decodeFilterHeader(b)
	if err != nil {
		return filterPlace{}, err
	}
	place := filterPlace{at + int64(n), size}
	if size < 0 || size%bloom.BlockSize != 0 || int64(size) > f.size-place.at {
		return filterPlace{}, corrupt("%d bytes", size)
	}
	f.filters[key] = place
	return place, nil
}

// decodeFilterHeader decodes the header at the start of b and returns its length. size is
// that of the filter's bits, 0 for one of another kind than split blocks of plain bits
// by xxHash.
func decodeFilterHeader(b []byte) (size, length int, err error) {
	w := thriftWalk{b: b}
	known := 0
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			if size = int(w.int(kind)); size <= 0 {
				w.fail()
			}
		case 2, 3, 4: // algorithm, hash, compression
			if w.union(kind) == 1 {
				known++
			}
		default:
			w.skip(kind)
		}
	}
	if w.bad || size == 0 {
		return 0, 0, corrupt("header: %v", errThrift)
	}
	if known < 3 {
		size = 0
	}
	return size, w.at, nil
}

// union is which of its members a union has.
func (w *thriftWalk) union(kind byte) int64 {
	w.expect(kind, thriftStruct)
	id, kind := w.field(0)
	if kind == thriftStop {
		return 0
	}
	w.skip(kind)
	if _, kind = w.field(id); kind != thriftStop {
		w.fail()
	}
	return id
}
