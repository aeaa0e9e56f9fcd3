package inflate_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/keytrail/keytrail/engine/inflate"
)

const fuzzLimit = 1 << 20

// reference is what [inflate.Inflater.Inflate] promises, on compress/gzip: that
// rejects padding behind the last member, knows no levels, and is given one
// member at a time here to see where each ends.
func reference(src []byte) ([]byte, error) {
	data := src
	for level := 1; len(data) > 1 && data[0] == 0x1f && data[1] == 0x8b; level++ {
		if level > 3 {
			return nil, errors.New("too many levels")
		}
		in, out := bytes.NewReader(data), new(bytes.Buffer)
		var z gzip.Reader
		for member := 0; member == 0 || len(bytes.Trim(data[len(data)-in.Len():], "\x00")) > 0; member++ {
			if err := z.Reset(in); err != nil {
				return nil, fmt.Errorf("member %d: %w", member, err)
			}
			z.Multistream(false)
			n, err := io.Copy(out, io.LimitReader(&z, fuzzLimit+1))
			if err != nil {
				return nil, fmt.Errorf("member %d after %d bytes: %w", member, n, err)
			}
			if out.Len() > fuzzLimit {
				return nil, errors.New("too large")
			}
		}
		data = out.Bytes()
	}
	if len(data) == 0 && len(src) == 0 || len(src) == 1 && src[0] == 0x1f || len(data) > fuzzLimit {
		return nil, errors.New("no object")
	}
	return data, nil
}

// beyondReference reports whether src may have a header string longer than 511
// bytes, which compress/gzip does not read.
func beyondReference(src []byte, err error) bool {
	for _, run := range bytes.Split(src, []byte{0}) {
		if len(run) >= 512 && errors.Is(err, gzip.ErrHeader) {
			return true
		}
	}
	return false
}

// asMember makes a member around deflate data, with the trailer they call for,
// so that a fuzzer need not guess a CRC.
func asMember(data []byte) []byte {
	in := bytes.NewReader(data)
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(in), fuzzLimit+1))
	if err == nil {
		data = data[:len(data)-in.Len()]
	}
	return member(data, plain)
}

func compare(t *testing.T, z *inflate.Inflater, src []byte) {
	t.Helper()
	want, wantErr := reference(src)
	got, err := z.Inflate(src)
	if (err == nil) != (wantErr == nil) {
		if !beyondReference(src, wantErr) {
			t.Fatalf("error %v, compress/gzip has %v, of %x", err, wantErr, src)
		}
		return
	}
	if err == nil && !bytes.Equal(got, want) {
		t.Fatalf("%d bytes that differ from the %d of compress/gzip, of %x", len(got), len(want), src)
	}
	known := errors.Is(err, inflate.ErrEmpty) || errors.Is(err, inflate.ErrTruncated) || errors.Is(err, inflate.ErrCorrupt) ||
		errors.Is(err, inflate.ErrChecksum) || errors.Is(err, inflate.ErrTooLarge)
	if err != nil && !known {
		t.Fatalf("error %v wraps none of the package's", err)
	}
}

// FuzzInflate holds us equal to compress/gzip, result and whether there is an
// error, over any bytes, and over any bytes as the deflate data of a member.
func FuzzInflate(f *testing.F) {
	z := inflate.New(fuzzLimit) // one, since what an object leaves behind must not matter
	f.Fuzz(func(t *testing.T, src []byte) {
		compare(t, z, src)
		compare(t, z, asMember(src))
	})
}

// TestChanged changes, cuts and joins good objects at random.
func TestChanged(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	z := inflate.New(fuzzLimit)
	text := texts(t)["5 records"]
	for range 3000 {
		deflated, _ := randomBlock(r, r.IntN(300))
		if r.IntN(2) == 0 {
			deflated = pack(t, text[:r.IntN(len(text))], r.IntN(12)-2)[10:]
		}
		for range r.IntN(3) {
			deflated[r.IntN(len(deflated))] ^= 1 << r.IntN(8)
		}
		if r.IntN(4) == 0 {
			deflated = deflated[:r.IntN(len(deflated)+1)]
		}
		compare(t, z, deflated)
		compare(t, z, asMember(deflated))
		compare(t, z, append(asMember(deflated), asMember(deflated)...))
	}
}
