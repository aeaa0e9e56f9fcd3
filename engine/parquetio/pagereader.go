package parquetio

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// readAhead is how many bytes of neighbouring pages are read in one go.
const readAhead = 256 << 10

// pageReader reads pages of one column chunk, one after another. The decoded page is
// in its fields until the next is read.
type pageReader struct {
	f        *File
	rg       int
	column   int
	leaf     leaf
	meta     *chunkMeta
	index    *chunkIndex
	want     []int      // pages still to be read, in order
	wantRows []RowRange // the rows wanted of them, and some before
	keep     bool       // they will be wanted again
	page     int        // the decoded page
	ahead    []byte
	from     int64 // offset of ahead in the file

	dict    texts
	hasIDs  bool // dict has been read
	hasPart bool // not all of it

	packed, dictPacked []byte // room for what a page inflates to, and the dictionary

	// The page. Values stand behind each other; nulls have none.
	rows   int
	defs   []byte // nil in a required column
	reps   []byte // nil but in a list
	values int
	before int // values of rows before all that are wanted: not decoded everywhere
	behind int // the same, of those behind
	byID   bool
	ids    []uint32
	texts  texts
	fixed  []byte // numbers, bits

	numbers []byte // room for numbers that do not stand in the page as they are
	times   []int64
}

// pageReaders keeps the buffers of readers that are done for the next: whoever reads a
// few rows needs one for each of many columns, and each inflates whole pages.
var pageReaders = sync.Pool{New: func() any { return new(pageReader) }}

// maxSpareRoom is the size of buffers that are not worth keeping.
const maxSpareRoom = 1 << 20

// newPageReader reads the pages that have rows of the ranges, which are in order.
func newPageReader(f *File, rg, column int, ranges []RowRange) (*pageReader, error) {
	index, err := f.index(rg, column)
	if err != nil {
		return nil, err
	}
	r := pageReaders.Get().(*pageReader)
	*r = pageReader{
		f: f, rg: rg, column: column, leaf: leaves[column],
		meta: f.chunk(rg, column), index: index, want: index.having(ranges), wantRows: ranges,
		dict: r.dict, packed: r.packed, dictPacked: r.dictPacked, defs: r.defs, reps: r.reps, ids: r.ids, texts: r.texts, numbers: r.numbers, times: r.times,
	}
	if r.leaf.maxDef == 0 {
		r.defs = nil
	}
	if r.leaf.maxRep == 0 {
		r.reps = nil
	}
	return r, nil
}

// done gives the reader's buffers to the next. What was read of it must not be used
// any more.
func (r *pageReader) done() {
	r.packed, r.dictPacked = giveRoom(r.packed), giveRoom(r.dictPacked)
	if r.dict.room()+r.texts.room()+cap(r.packed)+cap(r.dictPacked) < maxSpareRoom {
		r.f, r.meta, r.index, r.ahead, r.fixed = nil, nil, nil, nil, nil // the file is not to be kept with them
		r.dict.data, r.texts.data, r.wantRows = nil, nil, nil
		pageReaders.Put(r)
	}
}

// name says which column chunk an error is about.
func (r *pageReader) name() string { return r.f.name(r.rg, r.column) }

// first is the first row of the decoded page.
func (r *pageReader) first() int64 { return r.index.pages[r.page].row }

// read decodes the next page wanted.
func (r *pageReader) read() error {
	if len(r.want) == 0 {
		return corrupt("%s: no more pages", r.name())
	}
	r.page = r.want[0]
	stored, err := r.stored()
	if err == nil {
		err = r.decode(stored, r.page)
	}
	if err != nil {
		return fmt.Errorf("%s, page %d: %w", r.name(), r.page, err)
	}
	r.want = r.want[1:]
	return nil
}

// stored returns the page with its header, from a read that takes along those of the
// next pages that are wanted too.
func (r *pageReader) stored() ([]byte, error) {
	at, end := r.place(r.page)
	if at < r.from || end > r.from+int64(len(r.ahead)) {
		until := end
		for _, p := range r.want[1:] {
			next, nextEnd := r.place(p)
			if next != until || nextEnd-at > readAhead {
				break
			}
			until = nextEnd
		}
		ahead, err := r.f.readPages(at, until-at)
		if err != nil {
			return nil, err
		}
		if r.keep {
			r.f.keep(at, ahead)
		}
		r.ahead, r.from = ahead, at
	}
	return r.ahead[at-r.from : end-r.from], nil
}

// place is where a page is in the file.
func (r *pageReader) place(p int) (at, end int64) {
	location := r.index.pages[p]
	return location.at, location.at + int64(location.size)
}

// decode splits a data page into levels and values.
func (r *pageReader) decode(stored []byte, p int) error {
	h, raw, err := r.open(stored)
	if err != nil {
		return err
	}
	if h.kind != format.DataPage || !h.data {
		return corrupt("no data page of version 1")
	}
	r.rows = int(r.index.end(p) - r.index.pages[p].row)
	n := int(h.values)
	if n < r.rows || r.leaf.maxRep == 0 && n != r.rows {
		return corrupt("%d values for %d rows", n, r.rows)
	}
	r.defs, r.reps, r.values = r.defs[:0], r.reps[:0], n
	if r.leaf.maxRep > 0 {
		if r.reps, raw, err = decodeLevels(r.reps, raw, 1, n); err != nil {
			return err
		}
		if starts := bytes.Count(r.reps, []byte{0}); starts != r.rows || r.reps[0] != 0 {
			return corrupt("%d rows, not %d", starts, r.rows)
		}
	}
	if r.leaf.maxDef > 0 {
		if r.defs, raw, err = decodeLevels(r.defs, raw, int(r.leaf.maxDef), n); err != nil {
			return err
		}
		if bytes.IndexByte(r.defs, 3) >= 0 {
			return corrupt("level 3")
		}
		r.values = bytes.Count(r.defs, []byte{r.leaf.maxDef})
	}
	from, to := r.wanted(p)
	r.before, r.behind = r.valuesBefore(from), r.values-r.valuesBefore(to)
	return r.decodeValues(raw, h.encoding)
}

// wanted are the first row that is wanted of a page and the one after the last, counted
// from the page's first. Pages come in order.
func (r *pageReader) wanted(p int) (from, to int) {
	first, end := r.index.pages[p].row, r.index.end(p)
	for len(r.wantRows) > 0 && r.wantRows[0].To <= first {
		r.wantRows = r.wantRows[1:]
	}
	if len(r.wantRows) == 0 {
		return 0, 0
	}
	from = int(max(r.wantRows[0].From, first) - first)
	for i := 0; i < len(r.wantRows) && r.wantRows[i].From < end; i++ {
		to = int(min(r.wantRows[i].To, end) - first)
	}
	return from, to
}

// valuesBefore is how many values the page has before a row.
func (r *pageReader) valuesBefore(row int) int {
	switch {
	case r.leaf.maxRep > 0:
		return bytes.Count(r.defs[:r.levelAfter(0, row)], []byte{r.leaf.maxDef})
	case r.leaf.maxDef > 0:
		return bytes.Count(r.defs[:row], []byte{1})
	}
	return row
}

// levelAfter is the level of a list column's page n rows after that which begins at a
// level.
func (r *pageReader) levelAfter(level, n int) int {
	for n > 0 && level < len(r.reps) {
		some := min(n, len(r.reps)-level) // rows have at least one each
		n -= bytes.Count(r.reps[level:level+some], []byte{0})
		level += some
	}
	if next := bytes.IndexByte(r.reps[level:], 0); next >= 0 {
		return level + next
	}
	return len(r.reps)
}

// open returns what a page holds, valid until the next page is opened.
func (r *pageReader) open(stored []byte) (h pageHeader, raw []byte, err error) {
	h, packed, err := checkPage(stored)
	if err == nil {
		raw, err = r.unpack(h, packed)
	}
	return h, raw, err
}

// checkPage decodes the header of a page and returns the rest, which is as it was written.
func checkPage(stored []byte) (h pageHeader, packed []byte, err error) {
	h, n, err := decodePageHeader(stored)
	if err != nil {
		return h, nil, err
	}
	packed = stored[n:]
	if int(h.size) != len(packed) {
		return h, nil, corrupt("%d bytes, not %d", len(packed), h.size)
	}
	if uint32(h.sum) != crc32.ChecksumIEEE(packed) {
		return h, nil, corrupt("checksum does not match")
	}
	return h, packed, nil
}

func (r *pageReader) unpack(h pageHeader, packed []byte) ([]byte, error) {
	switch r.meta.codec {
	case format.Uncompressed:
		if h.inflated != h.size {
			return nil, corrupt("%d bytes, not %d", len(packed), h.inflated)
		}
		return packed, nil
	case format.Zstd:
		return r.inflate(packed, int64(h.inflated))
	}
	return nil, corrupt("codec %s", r.meta.codec)
}

// overrun is how many bytes more than there are the library has to be allowed to write
// so that it need not look before each step.
const overrun = 64

// inflate takes memory only for a size on which the page's header and its frame agree.
func (r *pageReader) inflate(packed []byte, size int64) ([]byte, error) {
	var frame zstd.Header
	if err := frame.Decode(packed); err != nil {
		return nil, corrupt("%v", err)
	}
	if !frame.HasFCS || int64(frame.FrameContentSize) != size {
		return nil, corrupt("frame of %d bytes, not %d", frame.FrameContentSize, size)
	}
	if int64(cap(r.packed)) < size+overrun {
		giveRoom(r.packed)
		r.packed = takeRoom(int(size + overrun))
	}
	raw, err := decompress(r.packed[:0:size+overrun], packed)
	if err != nil {
		return nil, corrupt("%v", err)
	}
	if int64(len(raw)) != size {
		return nil, corrupt("%d bytes, not %d", len(raw), size)
	}
	return raw, nil
}
