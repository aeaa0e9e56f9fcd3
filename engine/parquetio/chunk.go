package parquetio

import (
	"fmt"
	"hash/crc32"
	"math"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// tinyChunk is the size up to which a chunk of one page is not compressed: it would
// seldom get smaller, and small partitions consist of such. That goes for files of
// one row group, since there are readers that expect a column's codec to be the
// first row group's.
const tinyChunk = 256

// chunk collects the finished pages of a column chunk.
type chunk struct {
	kind   format.Type
	pages  []pageInfo
	body   []byte // pages with their headers, as stored
	first  page   // the only page so far: whether it is compressed is not known yet
	held   bool   // first is not in body yet
	levels int64
	nulls  int64
	plain  int64                      // bytes with headers, uncompressed
	coded  []format.PageEncodingStats // data pages by encoding, as they first came

	raw, spare, scratch, packed []byte
}

func (k *chunk) reset() {
	if k.first.raw != nil {
		k.spare, k.first = k.first.raw, page{}
	}
	k.pages, k.body, k.held = k.pages[:0], k.body[:0], false
	k.levels, k.nulls, k.plain = 0, 0, 0
	k.coded = k.coded[:0]
}

// stamp tells the page being filled from the chunk's others.
func (k *chunk) stamp() uint32 { return uint32(len(k.pages)) }

func (k *chunk) add(p page) error {
	if len(p.raw) > math.MaxInt32 {
		return fmt.Errorf("a page of %d bytes is more than Parquet holds", len(p.raw))
	}
	k.levels += int64(p.levels)
	k.nulls += int64(p.nulls)
	k.count(p.encoding)
	if len(k.pages) == 0 {
		k.pages = append(k.pages, p.pageInfo)
		k.first, k.held = p, true
		k.raw, k.spare = k.spare, nil // raw belongs to first now
		return nil
	}
	if err := k.release(true); err != nil {
		return err
	}
	k.pages = append(k.pages, p.pageInfo)
	return k.store(p, len(k.pages)-1, true)
}

func (k *chunk) count(encoding format.Encoding) {
	for i := range k.coded {
		if k.coded[i].Encoding == encoding {
			k.coded[i].Count++
			return
		}
	}
	k.coded = append(k.coded, format.PageEncodingStats{PageType: format.DataPage, Encoding: encoding, Count: 1})
}

// release stores the page that was held back.
func (k *chunk) release(compressed bool) error {
	if !k.held {
		return nil
	}
	k.held = false
	return k.store(k.first, 0, compressed)
}

func (k *chunk) store(p page, at int, compressed bool) error {
	header := format.PageHeader{
		Type: format.DataPage,
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues:               int32(p.levels),
			Encoding:                p.encoding,
			DefinitionLevelEncoding: format.RLE,
			RepetitionLevelEncoding: format.RLE,
			Statistics:              format.Statistics{NullCount: int64(p.nulls)},
		}),
	}
	from := len(k.body)
	var err error
	if k.body, err = k.appendPage(k.body, &header, p.raw, compressed, p.level); err != nil {
		return err
	}
	k.pages[at].offset = int64(from)
	k.pages[at].size = len(k.body) - from
	return nil
}

// appendPage appends a page with its header to dst.
func (k *chunk) appendPage(dst []byte, header *format.PageHeader, raw []byte, compressed bool, l level) ([]byte, error) {
	stored := raw
	if compressed {
		packed, err := compress(k.packed[:0], raw, l)
		if err != nil {
			return dst, err
		}
		k.packed, stored = packed, packed
	}
	header.UncompressedPageSize = int32(len(raw))
	header.CompressedPageSize = int32(len(stored))
	header.CRC = int32(crc32.ChecksumIEEE(stored))
	start := len(dst)
	dst, err := appendThrift(dst, header)
	if err != nil {
		return dst, fmt.Errorf("page header: %w", err)
	}
	k.plain += int64(len(dst) - start + len(raw))
	return append(dst, stored...), nil
}

func appendThrift(dst []byte, v any) ([]byte, error) {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	return append(dst, b...), err
}
