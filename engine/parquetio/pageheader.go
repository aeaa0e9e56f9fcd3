package parquetio

import "github.com/parquet-go/parquet-go/format"

// pageHeader is what stands before a page, as far as reading needs it.
type pageHeader struct {
	kind     format.PageType
	size     int32 // of what follows
	inflated int32
	sum      int32 // CRC-32
	data     bool  // has a version 1 data page's header
	dict     bool  // has a dictionary page's
	values   int32 // of either
	encoding format.Encoding
}

// decodePageHeader decodes the header at the start of b and returns its length.
func decodePageHeader(b []byte) (h pageHeader, length int, err error) {
	w := thriftWalk{b: b}
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			h.kind = format.PageType(w.int(kind))
		case 2:
			h.inflated = int32(w.int(kind))
		case 3:
			h.size = int32(w.int(kind))
		case 4:
			h.sum = int32(w.int(kind))
		case 5:
			h.data = true
			w.valuesHeader(kind, &h)
		case 7:
			h.dict = true
			w.valuesHeader(kind, &h)
		default:
			w.skip(kind)
		}
	}
	if w.bad {
		return h, 0, corrupt("page header: %v", errThrift)
	}
	return h, w.at, nil
}

// valuesHeader reads what the headers of data and of dictionary pages begin with.
func (w *thriftWalk) valuesHeader(kind byte, h *pageHeader) {
	w.expect(kind, thriftStruct)
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			h.values = int32(w.int(kind))
		case 2:
			h.encoding = format.Encoding(w.int(kind))
		default:
			w.skip(kind)
		}
	}
}

// pageLocation says where a page is, with its header, and which row is its first.
type pageLocation struct {
	at, row int64
	size    int32
}

// leastLocation is the least that one takes in an offset index.
const leastLocation = 4

// decodeLocations decodes an offset index.
func decodeLocations(b []byte) (pages []pageLocation, err error) {
	w := thriftWalk{b: b}
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		if id != 1 {
			w.skip(kind)
			continue
		}
		pages = make([]pageLocation, w.list(kind, thriftStruct, leastLocation))
		for i := range pages {
			w.pageLocation(&pages[i])
		}
	}
	if w.bad {
		return nil, corrupt("%v", errThrift)
	}
	if w.left() > 0 {
		return nil, corrupt("%d bytes left over", w.left())
	}
	return pages, nil
}

func (w *thriftWalk) pageLocation(p *pageLocation) {
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			p.at = w.int(kind)
		case 2:
			p.size = int32(w.int(kind))
		case 3:
			p.row = w.int(kind)
		default:
			w.skip(kind)
		}
	}
}
