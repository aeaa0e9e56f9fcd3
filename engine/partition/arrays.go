package partition

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// Arrow's builders grow as they go and know nothing of how much will come; arrays
// are made here from buffers of the right size.

// bitmap is a validity bitmap or the values of a flag.
type bitmap []byte

func newBitmap(n int) bitmap { return make(bitmap, (n+7)/8) }

func (b bitmap) set(i int) { b[i>>3] |= 1 << (i & 7) }

// validity is the buffer of a column with so many nulls, nil when it has none.
func (b bitmap) validity(nulls int) *memory.Buffer {
	if nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(b)
}

// texts collects values for an array of text.
type texts struct {
	ends []int32
	data []byte
}

func newTexts(n, size int) *texts {
	return &texts{make([]int32, 1, n+1), make([]byte, 0, size)}
}

func (t *texts) add(v []byte) {
	t.data = append(t.data, v...)
	t.ends = append(t.ends, int32(len(t.data)))
}

func (t *texts) array(valid bitmap, nulls int) *array.String {
	return newText(len(t.ends)-1, arrow.Int32Traits.CastToBytes(t.ends), t.data, valid, nulls)
}

func newText(n int, ends, data []byte, valid bitmap, nulls int) *array.String {
	return array.NewStringData(array.NewData(arrow.BinaryTypes.String, n,
		[]*memory.Buffer{valid.validity(nulls), memory.NewBufferBytes(ends), memory.NewBufferBytes(data)}, nil, nulls, 0))
}

func newList(t arrow.DataType, n int, ends []int32, valid bitmap, nulls int, items arrow.Array) arrow.Array {
	return array.NewListData(array.NewData(t, n,
		[]*memory.Buffer{valid.validity(nulls), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(ends))},
		[]arrow.ArrayData{items.Data()}, nulls, 0))
}

func newFixed(t arrow.DataType, n int, data []byte) arrow.Array {
	return array.MakeFromData(array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(data)}, nil, 0, 0))
}

func newFlags(n int, set, valid bitmap, nulls int) arrow.Array {
	return array.NewBooleanData(array.NewData(arrow.FixedWidthTypes.Boolean, n,
		[]*memory.Buffer{valid.validity(nulls), memory.NewBufferBytes(set)}, nil, nulls, 0))
}

// newNumbers is a column of numbers into a dictionary.
func newNumbers(numbers []uint16, valid bitmap, nulls int, dict *array.String) arrow.Array {
	return array.NewDictionaryData(array.NewDataWithDictionary(schema.NumberType, len(numbers),
		[]*memory.Buffer{valid.validity(nulls), memory.NewBufferBytes(arrow.Uint16Traits.CastToBytes(numbers))},
		nulls, 0, dict.Data().(*array.Data)))
}

// Columns without any value share what they are made of.
var (
	noEnds       = make([]int32, BatchRows+1)
	noNumbers    = make([]uint16, BatchRows)
	noBits       = newBitmap(BatchRows)
	noItems      = newTexts(0, 0).array(nil, 0)
	noDictionary = func() *array.String {
		t := newTexts(1, 0)
		t.add(nil)
		return t.array(nil, 0)
	}()
)

// allNull is a column of at most BatchRows rows without any value.
func allNull(n int, t arrow.DataType) arrow.Array {
	switch t.ID() {
	case arrow.STRING:
		return newText(n, arrow.Int32Traits.CastToBytes(noEnds[:n+1]), nil, noBits, n)
	case arrow.DICTIONARY:
		return newNumbers(noNumbers[:n], noBits, n, noDictionary)
	case arrow.LIST:
		return newList(t, n, noEnds[:n+1], noBits, n, noItems)
	default:
		return newFlags(n, noBits, noBits, n)
	}
}
