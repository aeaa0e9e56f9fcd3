package partition

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"

	"github.com/keytrail/keytrail/schema"
)

// A spilled batch is one frame: its columns behind one another, compressed together.
// Every frame has its own dictionaries, and one of a partition with five rows is
// small. Frames are read once, by the process that wrote them, so nothing in them is
// for other readers.
//
// Uncompressed: the number of rows and the size of each, then the columns by number.
// A column of text begins with how it stands: without values, by row, or by number
// with the dictionary before the numbers, which are as wide as they need to be. Texts
// are their lengths, then their bytes.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is where a batch lies in a spill file.
type frame struct {
	at     int64
	stored uint32
	raw    uint32
	sum    uint32
}

// How a column of text stands in a frame; from byNumber on, the width of its numbers
// in bytes is added.
const (
	withoutValues = iota
	byRow
	byNumber
)

// framer encodes batches, reusing its buffers.
type framer struct{ raw, packed []byte }

// encode returns the frame of b, good until the next call.
func (f *framer) encode(b *schema.Batch) (packed []byte, fr frame, err error) {
	f.raw = binary.LittleEndian.AppendUint32(f.raw[:0], uint32(b.Len))
	f.raw = appendNumbers(f.raw, b.Sizes)
	for i := range schema.Columns {
		switch schema.Columns[i].Type {
		case schema.Text, schema.List:
			f.text(&b.Texts[i])
		case schema.Int:
			f.raw = appendNumbers(f.raw, b.Ints[i])
		case schema.Time:
			for _, v := range b.Times[i] {
				f.raw = binary.LittleEndian.AppendUint64(f.raw, uint64(v))
			}
		default:
			for _, v := range b.Flags[i] {
				f.raw = append(f.raw, byte(v))
			}
		}
	}
	n := s2.MaxEncodedLen(len(f.raw))
	if n < 0 {
		return nil, frame{}, fmt.Errorf("a batch of %d bytes", len(f.raw))
	}
	f.packed = slices.Grow(f.packed[:0], n)
	packed = s2.Encode(f.packed[:cap(f.packed)], f.raw)
	return packed, frame{stored: uint32(len(packed)), raw: uint32(len(f.raw)), sum: crc32.Checksum(packed, castagnoli)}, nil
}

func appendNumbers[T uint32 | int32](dst []byte, numbers []T) []byte {
	for _, n := range numbers {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return dst
}

func (f *framer) text(t *schema.TextColumn) {
	switch {
	case t.AllNull:
		f.raw = append(f.raw, withoutValues)
	case t.Numbers == nil:
		f.raw = append(f.raw, byRow)
		f.values(t.Values)
	default:
		width := widthOf(len(t.Values))
		f.raw = append(f.raw, byNumber+byte(width))
		f.raw = binary.LittleEndian.AppendUint32(f.raw, uint32(len(t.Values)))
		f.values(t.Values)
		for _, n := range t.Numbers {
			switch width {
			case 1:
				f.raw = append(f.raw, byte(n))
			case 2:
				f.raw = binary.LittleEndian.AppendUint16(f.raw, uint16(n))
			default:
				f.raw = binary.LittleEndian.AppendUint32(f.raw, n)
			}
		}
	}
}

// widthOf is how many bytes the numbers of so many values take.
func widthOf(values int) int {
	switch {
	case values <= 1<<8:
		return 1
	case values <= 1<<16:
		return 2
	}
	return 4
}

func (f *framer) values(values []string) {
	for _, v := range values {
		f.raw = binary.LittleEndian.AppendUint32(f.raw, uint32(len(v)))
	}
	for _, v := range values {
		f.raw = append(f.raw, v...)
	}
}

var errDamaged = errors.New("the temporary file is damaged")

// raws keeps the bytes of decoded frames whose batches were released.
var raws = sync.Pool{New: func() any { return new([]byte) }}

// decode returns the batch of a frame's bytes. It keeps none of packed.
func decode(packed []byte, fr frame) (*schema.Batch, error) {
	if crc32.Checksum(packed, castagnoli) != fr.sum {
		return nil, errDamaged
	}
	room := raws.Get().(*[]byte)
	*room = slices.Grow((*room)[:0], int(fr.raw))
	raw, err := s2.Decode((*room)[:cap(*room)], packed)
	if err != nil {
		return nil, errors.Join(errDamaged, err)
	}
	return (&deframer{raw}).batch(func() { raws.Put(room) }), nil
}

// deframer reads what framer wrote; the checksum has said that it is that.
type deframer struct{ raw []byte }

func (d *deframer) batch(release func()) *schema.Batch {
	rows := int(d.number())
	b := schema.TakeBatch(rows, isNumbered, release)
	b.Notes = new(schema.Notes)
	takeNumbers(d, b.Sizes)
	for i := range schema.Columns {
		switch schema.Columns[i].Type {
		case schema.Text, schema.List:
			d.text(&b.Texts[i])
		case schema.Int:
			takeNumbers(d, b.Ints[i])
		case schema.Time:
			times, from := b.Times[i], d.bytes(8*rows)
			for row := range times {
				times[row] = int64(binary.LittleEndian.Uint64(from[8*row:]))
			}
		default:
			for row, v := range d.bytes(rows) {
				b.Flags[i][row] = schema.Tri(v)
			}
		}
	}
	return b
}

func (d *deframer) bytes(n int) []byte {
	b := d.raw[:n:n]
	d.raw = d.raw[n:]
	return b
}

func (d *deframer) number() uint32 { return binary.LittleEndian.Uint32(d.bytes(4)) }

func takeNumbers[T uint32 | int32](d *deframer, numbers []T) {
	from := d.bytes(4 * len(numbers))
	for i := range numbers {
		numbers[i] = T(binary.LittleEndian.Uint32(from[4*i:]))
	}
}

func (d *deframer) text(t *schema.TextColumn) {
	switch kind := d.bytes(1)[0]; kind {
	case withoutValues:
		t.AllNull = true
		clear(t.Numbers)
	case byRow:
		d.values(t.Values)
	default:
		t.Values = make([]string, d.number())
		d.values(t.Values)
		d.numbers(t.Numbers, int(kind-byNumber))
	}
}

func (d *deframer) numbers(numbers []uint32, width int) {
	from := d.bytes(width * len(numbers))
	for i := range numbers {
		switch width {
		case 1:
			numbers[i] = uint32(from[i])
		case 2:
			numbers[i] = uint32(binary.LittleEndian.Uint16(from[2*i:]))
		default:
			numbers[i] = binary.LittleEndian.Uint32(from[4*i:])
		}
	}
}

func (d *deframer) values(values []string) {
	lengths := d.bytes(4 * len(values))
	for i := range values {
		values[i] = view(d.bytes(int(binary.LittleEndian.Uint32(lengths[4*i:]))))
	}
}
