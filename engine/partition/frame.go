package partition

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/klauspost/compress/s2"

	"github.com/keytrail/keytrail/schema"
)

// A spilled batch is one frame: the buffers of its Arrow arrays behind one another,
// compressed together. Arrow's own file format has one dictionary for a whole file
// and a header of some kilobytes for every batch; here every batch has its own
// dictionaries, and one of a partition with five rows is small. Frames are read once,
// by the process that wrote them, so nothing in them is for other readers.
//
// Uncompressed: the number of rows, whether text is by number, then for each column
// its number of nulls, and unless all are, its buffers, each with its length and
// aligned to eight bytes.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is where a batch lies in a spill file.
type frame struct {
	at     int64
	stored uint32
	raw    uint32
	sum    uint32
}

// framer encodes batches, reusing its buffers.
type framer struct{ raw, packed []byte }

// encode returns the frame of rec, good until the next call.
func (f *framer) encode(rec arrow.Record) (packed []byte, fr frame, err error) {
	f.raw = f.raw[:0]
	f.number(int(rec.NumRows()))
	if rec.Schema() == schema.ArrowByNumber {
		f.number(1)
	} else {
		f.number(0)
	}
	for _, col := range rec.Columns() {
		f.number(col.NullN())
		if col.NullN() < col.Len() {
			f.column(col)
		}
	}
	n := s2.MaxEncodedLen(len(f.raw))
	if n < 0 {
		return nil, frame{}, fmt.Errorf("a batch of %d bytes", len(f.raw))
	}
	if cap(f.packed) < n {
		f.packed = make([]byte, n)
	}
	packed = s2.Encode(f.packed[:cap(f.packed)], f.raw)
	return packed, frame{stored: uint32(len(packed)), raw: uint32(len(f.raw)), sum: crc32.Checksum(packed, castagnoli)}, nil
}

func (f *framer) number(n int) { f.raw = binary.LittleEndian.AppendUint64(f.raw, uint64(n)) }

func (f *framer) buffer(b *memory.Buffer) {
	if b == nil {
		f.number(0)
		return
	}
	f.number(b.Len())
	f.raw = append(f.raw, b.Bytes()...)
	for len(f.raw)%8 != 0 {
		f.raw = append(f.raw, 0)
	}
}

func (f *framer) column(col arrow.Array) {
	data := col.Data()
	for _, b := range data.Buffers() {
		f.buffer(b)
	}
	switch a := col.(type) {
	case *array.Dictionary:
		f.text(a.Dictionary())
	case *array.List:
		f.text(a.ListValues())
	}
}

// text adds an array of text without nulls.
func (f *framer) text(a arrow.Array) {
	f.number(a.Len())
	f.buffer(a.Data().Buffers()[1])
	f.buffer(a.Data().Buffers()[2])
}

var errDamaged = errors.New("the temporary file is damaged")

// decode returns the batch of a frame's bytes. It keeps none of packed.
func decode(packed []byte, fr frame) (arrow.Record, error) {
	if crc32.Checksum(packed, castagnoli) != fr.sum {
		return nil, errDamaged
	}
	raw, err := s2.Decode(make([]byte, fr.raw), packed)
	if err != nil {
		return nil, errors.Join(errDamaged, err)
	}
	d := deframer{raw}
	rows, of := d.number(), schema.Arrow
	if d.number() == 1 {
		of = schema.ArrowByNumber
	}
	cols := make([]arrow.Array, len(schema.Columns))
	for i := range cols {
		cols[i] = d.column(rows, of.Field(i).Type)
	}
	return array.NewRecord(of, cols, int64(rows)), nil
}

// deframer reads what framer wrote; the checksum has said that it is that.
type deframer struct{ raw []byte }

func (d *deframer) number() int {
	n := binary.LittleEndian.Uint64(d.raw)
	d.raw = d.raw[8:]
	return int(n)
}

func (d *deframer) bytes() []byte {
	n := d.number()
	b := d.raw[:n:n]
	d.raw = d.raw[(n+7)&^7:]
	return b
}

func (d *deframer) column(rows int, t arrow.DataType) arrow.Array {
	nulls := d.number()
	if nulls == rows {
		return allNull(rows, t)
	}
	valid := bitmap(d.bytes())
	switch t.ID() {
	case arrow.STRING:
		ends := d.bytes()
		return newText(rows, ends, d.bytes(), valid, nulls)
	case arrow.DICTIONARY:
		numbers := arrow.Uint16Traits.CastFromBytes(d.bytes())
		return newNumbers(numbers, valid, nulls, d.text())
	case arrow.LIST:
		ends := arrow.Int32Traits.CastFromBytes(d.bytes())
		return newList(t, rows, ends, valid, nulls, d.text())
	case arrow.BOOL:
		return newFlags(rows, d.bytes(), valid, nulls)
	default:
		return newFixed(t, rows, d.bytes())
	}
}

func (d *deframer) text() *array.String {
	n := d.number()
	ends := d.bytes()
	return newText(n, ends, d.bytes(), nil, 0)
}
