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

// thriftWalk goes through encoded structures. Once something is wrong, there is nothing
// left to be read, and all it reads is zero.
type thriftWalk struct {
	b   []byte
	at  int
	bad bool
}

// left is the number of bytes behind those that were read.
func (w *thriftWalk) left() int { return len(w.b) - w.at }

func (w *thriftWalk) fail() { w.bad, w.at = true, len(w.b) }

func (w *thriftWalk) take(n uint64) []byte {
	if n > uint64(w.left()) || w.bad {
		w.fail()
		return nil
	}
	w.at += int(n)
	return w.b[w.at-int(n) : w.at]
}

func (w *thriftWalk) byte() byte {
	if w.at >= len(w.b) {
		w.fail()
		return 0
	}
	w.at++
	return w.b[w.at-1]
}

func (w *thriftWalk) varint() uint64 {
	if at := w.at; at < len(w.b) && w.b[at] < 0x80 {
		w.at++
		return uint64(w.b[at])
	}
	return w.longVarint()
}

// longVarint reads one of several bytes.
func (w *thriftWalk) longVarint() (v uint64) {
	for i, c := range w.b[w.at:] {
		if i == binary.MaxVarintLen64-1 && c > 1 {
			break // overflow
		}
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			w.at += i + 1
			return v
		}
	}
	w.fail()
	return 0
}

func (w *thriftWalk) structure(depth int) {
	if depth > maxThriftDepth {
		w.fail()
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
		if of := head & 15; of > thriftByte && of <= thriftI64 {
			w.varints(n)
		} else {
			w.values(n, depth, of)
		}
	case kind == thriftMap:
		if n := w.varint(); n > 0 {
			types := w.byte()
			w.values(n, depth, types>>4, types&15)
		}
	case kind == thriftStruct:
		w.structure(depth + 1)
	default:
		w.fail()
	}
}

// varints passes over n of them.
func (w *thriftWalk) varints(n uint64) {
	at := w.at
	for ; n > 0 && at < len(w.b); at++ {
		if w.b[at] < 0x80 {
			n--
		}
	}
	if w.at = at; n > 0 {
		w.fail()
	}
}

// values walks n elements, or n pairs of a map. Each takes at least a byte.
func (w *thriftWalk) values(n uint64, depth int, kinds ...byte) {
	if n > uint64(w.left()) || depth > maxThriftDepth && n > 0 {
		w.fail()
	}
	for ; n > 0 && !w.bad; n-- {
		for _, kind := range kinds {
			w.value(kind, depth+1)
		}
	}
}
