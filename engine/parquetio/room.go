package parquetio

import (
	"math/bits"
	"sync"
)

// largeRoom is the size of buffers that go from hand to hand. Smaller ones stay with the
// page reader that made them, of which there is one for each of many columns.
const largeRoom = 256 << 10

// rooms keeps large buffers, of 1, 2, 4 and 8 MB: every file has a dictionary or two of
// that size, and memory that is new costs as much as what is done with it.
var rooms [4]sync.Pool

// roomKind is which of the rooms has n bytes or more; none when there are too few.
func roomKind(n int) int { return bits.Len(uint(max(n, 1)-1) >> 20) }

// takeRoom returns a buffer of n bytes or more, with anything in it.
func takeRoom(n int) []byte {
	kind := roomKind(n)
	if n <= largeRoom || kind >= len(rooms) {
		return make([]byte, n)
	}
	if b, ok := rooms[kind].Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 1<<(20+kind))
}

// giveRoom gives a large buffer away and returns a small one.
func giveRoom(b []byte) []byte {
	b = b[:cap(b)]
	if len(b) <= largeRoom {
		return b
	}
	if kind := roomKind(len(b)); kind < len(rooms) && len(b) == 1<<(20+kind) {
		rooms[kind].Put(&b)
	}
	return nil
}
