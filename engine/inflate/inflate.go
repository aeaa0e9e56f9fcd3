package inflate

import (
	"errors"
	"fmt"
	"math"
)

// What can be wrong with an object. Errors wrap one of these and say what was
// found, and at which byte of the compressed data.
var (
	ErrEmpty     = errors.New("empty object")
	ErrTruncated = errors.New("truncated gzip")
	// ErrCorrupt: headers or deflate data make no sense, or something that is
	// neither another member nor zero padding follows the last one.
	ErrCorrupt = errors.New("corrupt gzip")
	// ErrChecksum: the CRC or length of the data, or a header's own CRC, is wrong.
	ErrChecksum = errors.New("gzip checksum mismatch")
	ErrTooLarge = errors.New("inflated size over the limit")
)

// maxLevels is how often an object may be gzipped over.
const maxLevels = 3

// Inflater inflates objects, one after the other, into a buffer that it keeps.
// It is not safe for concurrent use.
type Inflater struct {
	d decoder
}

// New returns an Inflater for objects of at most limit inflated bytes. It takes
// about 50 KB, and a buffer that fits its largest object so far and is never larger
// than limit; see [Inflater.Shrink]. While an object is inflated whose trailer does
// not tell its size, a smaller buffer may be held beside the one that replaces it.
func New(limit int64) *Inflater {
	z := new(Inflater)
	z.d.limit = int(max(0, min(limit, math.MaxInt)))
	return z
}

// Inflate returns the inflated bytes of src. They stand in a buffer that the
// Inflater owns and are valid until the next call, to which they must not be given
// as src. A src that does not begin like gzip is returned as it is. It is not kept.
//
// Several gzip members, one behind the other, are joined; zeros behind the last
// are ignored. Data that are gzip again are inflated again, three levels at most.
// The limit holds for each level, and for a src that is returned as it is.
//
// Errors wrap one of this package's; the bytes inflated until then are lost.
func (z *Inflater) Inflate(src []byte) ([]byte, error) {
	switch {
	case len(src) == 0:
		return nil, ErrEmpty
	case len(src) == 1 && src[0] == 0x1f:
		return nil, fmt.Errorf("%w: header cut off at byte 1", ErrTruncated)
	case !isGzip(src) && len(src) > z.d.limit:
		return nil, tooLarge(z.d.limit)
	}
	data := src
	for level := 1; isGzip(data); level++ {
		if level > maxLevels {
			return nil, fmt.Errorf("%w: gzip within gzip, more than %d levels deep", ErrCorrupt, maxLevels)
		}
		if level > 1 {
			z.d.out = nil // data are in there
		}
		if err := z.d.members(data); err != nil {
			if level > 1 {
				err = fmt.Errorf("gzip within gzip, level %d: %w", level, err)
			}
			return nil, err
		}
		data = z.d.out[:z.d.n:z.d.n]
	}
	return data, nil
}

// Shrink drops the buffer if it is larger than max bytes. Bytes that Inflate
// returned stay valid, but are no longer the Inflater's to reuse.
func (z *Inflater) Shrink(max int) {
	if cap(z.d.out) > max {
		z.d.out = nil
	}
}

// Held is the size of the buffer, in bytes.
func (z *Inflater) Held() int { return cap(z.d.out) }

// members inflates all members of src into out[:n].
func (d *decoder) members(src []byte) error {
	d.in, d.pos, d.hold, d.held, d.n = src, 0, 0, 0, 0
	defer func() { d.in = nil }() // it is the caller's
	d.reserve()
	for {
		if err := d.member(); err != nil {
			return err
		}
		rest := src[d.pos:]
		if allZero(rest) {
			return nil
		}
		if len(rest) == 1 && rest[0] == 0x1f {
			return d.truncated("header")
		}
		if !isGzip(rest) {
			return fmt.Errorf("%w: neither a member nor padding at byte %d", ErrCorrupt, d.pos)
		}
	}
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
