package parquetio

// field reads the header of the next field behind the one with the given id. Behind
// the last, and where something is wrong, its kind is thriftStop.
func (w *thriftWalk) field(before int64) (id int64, kind byte) {
	head := w.byte()
	if head == thriftStop {
		return 0, thriftStop
	}
	if kind = head & 15; kind == thriftStop {
		w.fail()
	}
	if step := head >> 4; step > 0 {
		return before + int64(step), kind
	}
	return zigzag(w.varint()), kind
}

// skip passes over a field's value.
func (w *thriftWalk) skip(kind byte) {
	if kind > thriftFalse { // booleans are in the header
		w.value(kind, 1)
	}
}

func (w *thriftWalk) expect(kind, want byte) {
	if kind != want {
		w.fail()
	}
}

// int reads a number of any width.
func (w *thriftWalk) int(kind byte) int64 {
	if kind <= thriftByte || kind > thriftI64 {
		w.fail()
		return 0
	}
	return zigzag(w.varint())
}

func (w *thriftWalk) binary(kind byte) []byte {
	w.expect(kind, thriftBinary)
	return w.take(w.varint())
}

// list reads the head of a list of so many elements, each at least least bytes long.
func (w *thriftWalk) list(kind, of byte, least int) int {
	w.expect(kind, thriftList)
	head := w.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = w.varint()
	}
	if n == 0 || w.bad {
		return 0
	}
	if head&15 != of || n > uint64(w.left()/least) {
		w.fail()
		return 0
	}
	return int(n)
}

// took refuses a list that is shorter than memory was taken for.
func (w *thriftWalk) took(from, least int) {
	if w.at-from < least {
		w.fail()
	}
}

// raw is a field's value as it is encoded.
func (w *thriftWalk) raw(kind byte) []byte {
	from := w.at
	w.skip(kind)
	return w.b[from:w.at]
}

func zigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }
