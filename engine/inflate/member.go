package inflate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Header flags. The lowest says that the data are probably text, and the upper
// three are reserved; neither changes what we read, and the CRC would tell.
const (
	flagHeaderCRC = 1 << 1
	flagExtra     = 1 << 2
	flagName      = 1 << 3
	flagComment   = 1 << 4
)

const (
	fixedHeader   = 10 // bytes of a header without options
	trailerLength = 8
	deflateMethod = 8
)

// isGzip reports whether b begins like a gzip member.
func isGzip(b []byte) bool { return len(b) >= 2 && b[0] == 0x1f && b[1] == 0x8b }

// member reads the member that begins at pos.
func (d *decoder) member() error {
	if err := d.header(); err != nil {
		return err
	}
	d.start = d.n
	if err := d.deflated(); err != nil {
		return err
	}
	return d.trailer()
}

// header skips a member's header, of which pos is at the start (RFC 1952, 2.3).
func (d *decoder) header() error {
	start := d.pos
	b := d.in[d.pos:]
	if len(b) < fixedHeader {
		return d.truncated("header")
	}
	if b[2] != deflateMethod {
		return fmt.Errorf("%w: unknown compression method %d at byte %d", ErrCorrupt, b[2], start+2)
	}
	flags := b[3]
	b = b[fixedHeader:]
	if flags&flagExtra != 0 {
		if len(b) < 2 {
			return d.truncated("header")
		}
		size := 2 + int(binary.LittleEndian.Uint16(b))
		if len(b) < size {
			return d.truncated("header")
		}
		b = b[size:]
	}
	for _, text := range []byte{flagName, flagComment} {
		if flags&text == 0 {
			continue
		}
		end := bytes.IndexByte(b, 0)
		if end < 0 {
			return d.truncated("header")
		}
		b = b[end+1:]
	}
	d.pos = len(d.in) - len(b)
	if flags&flagHeaderCRC != 0 {
		if len(b) < 2 {
			return d.truncated("header")
		}
		want, got := binary.LittleEndian.Uint16(b), uint16(crc32.ChecksumIEEE(d.in[start:d.pos]))
		if want != got {
			return fmt.Errorf("%w: header has CRC %04x, not %04x as stored at byte %d", ErrChecksum, got, want, d.pos)
		}
		d.pos += 2
	}
	return nil
}

// trailer compares a member's data with the CRC and length behind them.
func (d *decoder) trailer() error {
	if len(d.in)-d.pos < trailerLength {
		return d.truncated("trailer")
	}
	b, data := d.in[d.pos:], d.out[d.start:d.n]
	if want, got := binary.LittleEndian.Uint32(b), crc32.ChecksumIEEE(data); want != got {
		return fmt.Errorf("%w: data have CRC %08x, not %08x as stored at byte %d", ErrChecksum, got, want, d.pos)
	}
	if want, got := binary.LittleEndian.Uint32(b[4:]), uint32(len(data)); want != got {
		return fmt.Errorf("%w: data have length %d, not %d (modulo 2^32) as stored at byte %d", ErrChecksum, got, want, d.pos+4)
	}
	d.pos += trailerLength
	return nil
}
