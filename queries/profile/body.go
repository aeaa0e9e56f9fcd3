package profile

import (
	"encoding/binary"
	"errors"
)

var errBody = errors.New("a row of the profile makes no sense")

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// body takes the body of a row apart. Once bad it gives zeros. Its texts are parts of it.
type body struct {
	rest string
	bad  bool
}

func (b *body) number() uint64 {
	var v uint64
	for i := 0; i < len(b.rest) && i < binary.MaxVarintLen64; i++ {
		c := b.rest[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			b.rest = b.rest[i+1:]
			return v
		}
	}
	b.rest, b.bad = "", true
	return 0
}

// signed is the inverse of [binary.AppendVarint].
func (b *body) signed() int64 {
	v := b.number()
	return int64(v>>1) ^ -int64(v&1)
}

// length is a number of things that each take a byte at least.
func (b *body) length() int {
	v := b.number()
	if v > uint64(len(b.rest)) {
		b.rest, b.bad = "", true
		return 0
	}
	return int(v)
}

func (b *body) text() string {
	n := b.length()
	s := b.rest[:n]
	b.rest = b.rest[n:]
	return s
}

// end says whether all of the body made sense.
func (b *body) end() error {
	if b.bad || b.rest != "" {
		return errBody
	}
	return nil
}
