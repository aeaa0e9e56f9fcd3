package parquetio

import (
	"fmt"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/format"
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
	r.f.indexBytes.Add(int64(len(b)))
	if err := readFull(r.f.r, b, r.at+off); err != nil {
		return 0, err
	}
	return len(b), nil
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
	var header format.BloomFilterHeader
	n, err := decodeThrift("header", b, &header)
	if err != nil {
		return filterPlace{}, err
	}
	place := filterPlace{at + int64(n), int(header.NumBytes)}
	if place.size <= 0 || place.size%bloom.BlockSize != 0 || int64(place.size) > f.size-place.at {
		return filterPlace{}, corrupt("%d bytes", place.size)
	}
	_, split := header.Algorithm.Value.(*format.SplitBlockAlgorithm)
	_, xxhash := header.Hash.Value.(*format.XxHash)
	_, plain := header.Compression.Value.(*format.BloomFilterUncompressed)
	if !split || !xxhash || !plain {
		place.size = 0
	}
	f.filters[key] = place
	return place, nil
}
