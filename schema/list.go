package schema

import (
	"encoding/binary"
	"unsafe"
)

// AppendItem appends an item to a packed list: its length as a varint, then its
// bytes. A list without items, or null, is no bytes at all.
func AppendItem(packed []byte, item string) []byte {
	packed = binary.AppendUvarint(packed, uint64(len(item)))
	return append(packed, item...)
}

// NextItem splits the first item off a packed list that has one.
func NextItem(packed string) (item, rest string) {
	n, k := int(packed[0]), 1
	if n >= 0x80 {
		long, size := binary.Uvarint(unsafe.Slice(unsafe.StringData(packed), len(packed))) // only read
		n, k = int(long), size
	}
	return packed[k : k+n], packed[k+n:]
}
