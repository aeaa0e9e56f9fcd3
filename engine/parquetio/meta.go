package parquetio

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// fileMeta is what a footer says, as far as reading needs it. Its texts are parts of
// the encoded footer.
//
// A footer has some thirty values for each of more than fifty columns in each row
// group. The library's decoder makes a structure of every one, which takes longer than
// all else that is done for a file that has no rows of an answer.
type fileMeta struct {
	rows   int64
	schema []byte // the encoded schema tree
	pairs  []metaPair
	groups []groupMeta
}

type metaPair struct{ key, value []byte }

type groupMeta struct {
	rows    int64
	columns []chunkMeta
}

// chunkMeta is a column chunk. Offsets are in the file; 0 says that there is none.
type chunkMeta struct {
	kind            format.Type
	codec           format.CompressionCodec
	path            []byte // as encoded
	dataAt, dictAt  int64
	filterAt        int64
	filterSize      int32 // with its header; 0 when the file does not say
	columnIndexSize int32
	offsetIndexSize int32
	columnIndexAt   int64
	offsetIndexAt   int64
	nulls           int64
	least, greatest []byte // nil: not known
	size            int64  // stored, with the dictionary
}

// leastChunk is less than a column chunk takes in a footer, and leastGroup than a row
// group: they bound the memory that a list's length can ask for.
const (
	leastChunk = 16
	leastGroup = 8
)

// decodeMeta decodes a footer.
func decodeMeta(footer []byte) (fileMeta, error) {
	w := thriftWalk{b: footer}
	m := w.fileMeta()
	if w.bad {
		return m, corrupt("footer: %v", errThrift)
	}
	if w.left() > 0 {
		return m, corrupt("footer: %d bytes left over", w.left())
	}
	return m, nil
}

func (w *thriftWalk) fileMeta() (m fileMeta) {
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 2:
			m.schema = w.schema(kind)
		case 3:
			m.rows = w.int(kind)
		case 4:
			m.groups = make([]groupMeta, w.list(kind, thriftStruct, leastGroup))
			from := w.at
			for i := range m.groups {
				m.groups[i] = w.groupMeta()
			}
			w.took(from, len(m.groups)*leastGroup)
		case 5:
			n := w.list(kind, thriftStruct, 1)
			m.pairs = nil
			for ; n > 0 && !w.bad; n-- {
				m.pairs = append(m.pairs, w.metaPair())
			}
		default:
			w.skip(kind)
		}
	}
	return m
}

// schema is the schema tree as it is encoded. One of our own is known by its bytes.
func (w *thriftWalk) schema(kind byte) []byte {
	if kind == thriftList && len(ownSchema) > 0 && !w.bad && bytes.HasPrefix(w.b[w.at:], ownSchema) {
		return w.take(uint64(len(ownSchema)))
	}
	return w.raw(kind)
}

func (w *thriftWalk) metaPair() (p metaPair) {
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			p.key = w.binary(kind)
		case 2:
			p.value = w.binary(kind)
		default:
			w.skip(kind)
		}
	}
	return p
}

func (w *thriftWalk) groupMeta() (g groupMeta) {
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			g.columns = make([]chunkMeta, w.list(kind, thriftStruct, leastChunk))
			from := w.at
			for i := range g.columns {
				w.chunkMeta(&g.columns[i])
			}
			w.took(from, len(g.columns)*leastChunk)
		case 3:
			g.rows = w.int(kind)
		default:
			w.skip(kind)
		}
	}
	return g
}

func (w *thriftWalk) chunkMeta(c *chunkMeta) {
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 3:
			w.columnMeta(kind, c)
		case 4:
			c.offsetIndexAt = w.int(kind)
		case 5:
			c.offsetIndexSize = int32(w.int(kind))
		case 6:
			c.columnIndexAt = w.int(kind)
		case 7:
			c.columnIndexSize = int32(w.int(kind))
		default:
			w.skip(kind)
		}
	}
}

func (w *thriftWalk) columnMeta(kind byte, c *chunkMeta) {
	w.expect(kind, thriftStruct)
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 1:
			c.kind = format.Type(w.int(kind))
		case 3:
			c.path = w.raw(kind)
		case 4:
			c.codec = format.CompressionCodec(w.int(kind))
		case 7:
			c.size = w.int(kind)
		case 9:
			c.dataAt = w.int(kind)
		case 11:
			c.dictAt = w.int(kind)
		case 12:
			w.statistics(kind, c)
		case 14:
			c.filterAt = w.int(kind)
		case 15:
			c.filterSize = int32(w.int(kind))
		default:
			w.skip(kind)
		}
	}
}

func (w *thriftWalk) statistics(kind byte, c *chunkMeta) {
	w.expect(kind, thriftStruct)
	for id, kind := w.field(0); kind != thriftStop; id, kind = w.field(id) {
		switch id {
		case 3:
			c.nulls = w.int(kind)
		case 5:
			c.greatest = w.binary(kind)
		case 6:
			c.least = w.binary(kind)
		default:
			w.skip(kind)
		}
	}
}

// ownSchema is the schema tree of files that this program writes, and ownPaths are the
// paths of their columns, as footers have them.
var (
	ownSchema []byte
	ownPaths  [][]byte
)

func init() {
	encoded, err := appendThrift(nil, &format.FileMetaData{Schema: schemaElements()})
	if err == nil { // else every schema is looked at
		m, _ := decodeMeta(encoded)
		ownSchema = bytes.Clone(m.schema)
	}
	for _, l := range leaves {
		ownPaths = append(ownPaths, encodePath(l.path))
	}
}

// encodePath encodes the few names of a path.
func encodePath(names []string) []byte {
	path := []byte{byte(len(names))<<4 | thriftBinary}
	for _, name := range names {
		path = binary.AppendUvarint(path, uint64(len(name)))
		path = append(path, name...)
	}
	return path
}
