package parquetio

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// ErrCorrupt: the bytes are no touches file, or no longer.
var ErrCorrupt = errors.New("corrupt Parquet file")

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// guard runs fn and turns a panic, as libraries may have on corrupt input, into an
// error. Errors that fn returns pass unchanged.
func guard(what string, fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = corrupt("%s: %v", what, r)
		}
	}()
	return fn()
}

// decodeThrift decodes the structure at the start of b into v and returns its length.
//
// The library allocates lists of whatever length the bytes say, so b is walked first:
// a list that passes has all its elements in b.
func decodeThrift(what string, b []byte, v any) (int, error) {
	n, err := thriftLength(b)
	if err != nil {
		return 0, corrupt("%s: %v", what, err)
	}
	err = guard(what, func() error {
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), b[:n], v); err != nil {
			return corrupt("%s: %v", what, err)
		}
		return nil
	})
	return n, err
}

var errThrift = errors.New("cut or malformed structure")

const maxThriftDepth = 32

// Types of the compact protocol.
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI64    = 6 // and 4, 5: all varints
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// thriftLength is the length of the structure at the start of b.
func thriftLength(b []byte) (int, error) {
	w := thriftWalk{b: b}
	w.structure(0)
	if w.bad {
		return 0, errThrift
	}
	return w.at, nil
}

// thriftWalk goes through encoded structures. Once something is wrong, all it reads is
// zero.
type thriftWalk struct {
	b   []byte
	at  int
	bad bool
}

// left is the number of bytes behind those that were read.
func (w *thriftWalk) left() int { return len(w.b) - w.at }

func (w *thriftWalk) take(n uint64) []byte {
	if w.bad || n > uint64(w.left()) {
		w.bad = true
		return nil
	}
	w.at += int(n)
	return w.b[w.at-int(n) : w.at]
}

func (w *thriftWalk) byte() byte {
	if w.bad || w.at >= len(w.b) {
		w.bad = true
		return 0
	}
	w.at++
	return w.b[w.at-1]
}

func (w *thriftWalk) varint() uint64 {
	if w.at < len(w.b) && w.b[w.at] < 0x80 && !w.bad {
		w.at++
		return uint64(w.b[w.at-1])
	}
	v, n := binary.Uvarint(w.b[w.at:])
	if n <= 0 || w.bad {
		w.bad = true
		return 0
	}
	w.at += n
	return v
}

func (w *thriftWalk) structure(depth int) {
	if depth > maxThriftDepth {
		w.bad = true
	}
	for !w.bad {
		head := w.byte()
		if head == thriftStop {
			return
		}
		if head>>4 == 0 {
			w.varint() // field id
		}
		if kind := head & 15; kind > thriftFalse { // booleans are in the header
			w.value(kind, depth)
		}
	}
}

func (w *thriftWalk) value(kind byte, depth int) {
	switch {
	case kind == thriftTrue, kind == thriftFalse, kind == thriftByte:
		w.byte()
	case kind > thriftByte && kind <= thriftI64:
		w.varint()
	case kind == thriftDouble:
		w.take(8)
	case kind == thriftBinary:
		w.take(w.varint())
	case kind == thriftList, kind == thriftSet:
		head := w.byte()
		n := uint64(head >> 4)
		if n == 15 {
			n = w.varint()
		}
		w.values(n, depth, head&15)
	case kind == thriftMap:
		if n := w.varint(); n > 0 {
			types := w.byte()
			w.values(n, depth, types>>4, types&15)
		}
	case kind == thriftStruct:
		w.structure(depth + 1)
	default:
		w.bad = true
	}
}

// values walks n elements, or n pairs of a map. Each takes at least a byte.
func (w *thriftWalk) values(n uint64, depth int, kinds ...byte) {
	if n > uint64(w.left()) {
		w.bad = true
	}
	for ; n > 0 && !w.bad; n-- {
		for _, kind := range kinds {
			w.value(kind, depth+1)
		}
		if depth > maxThriftDepth {
			w.bad = true
		}
	}
}
