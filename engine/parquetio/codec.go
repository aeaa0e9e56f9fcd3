package parquetio

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// codec is zstd for Parquet pages. Its output depends on its input alone.
//
// The library's fast levels store literals raw where they found no matches, which
// leaves columns of hexadecimal ids at full size; entropy coding them always saves
// a third of a file for a seventh more writing time.
//
// It is also a codec of the Parquet library, for the small tables.
type codec struct{}

// level is how much time compressing may take.
type level uint8

const (
	fast level = iota
	thorough
	levels
)

var encoders [levels]sync.Pool

func init() {
	for l, speed := range [levels]zstd.EncoderLevel{fast: zstd.SpeedFastest, thorough: zstd.SpeedBetterCompression} {
		encoders[l].New = func() any { return newEncoder(speed) }
	}
}

// newEncoder returns an encoder, or the error why there is none.
func newEncoder(speed zstd.EncoderLevel) any {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(speed),
		zstd.WithAllLitEntropyCompression(true),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(maxDocumentBytes), // a larger one takes memory and finds no more
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(false), // pages have their own
		zstd.WithZeroFrames(true),
		zstd.WithSingleSegment(true), // so that every frame says its size
	)
	if err != nil {
		return err
	}
	return e
}

var decoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecodeAllCapLimit(true),
	)
	if err != nil {
		return err
	}
	return d
}}

// compress appends src, compressed, to dst.
func compress(dst, src []byte, l level) ([]byte, error) {
	got := encoders[l].Get()
	e, ok := got.(*zstd.Encoder)
	if !ok {
		return dst, fmt.Errorf("zstd: %w", got.(error))
	}
	defer encoders[l].Put(e)
	return e.EncodeAll(src, dst), nil
}

// decompress writes what src holds to dst[:0], which has room for all of it: more
// is an error, so that a corrupt frame cannot ask for memory.
func decompress(dst, src []byte) ([]byte, error) {
	got := decoders.Get()
	d, ok := got.(*zstd.Decoder)
	if !ok {
		return dst, fmt.Errorf("zstd: %w", got.(error))
	}
	defer decoders.Put(d)
	return d.DecodeAll(src, dst[:0])
}

func (codec) String() string                             { return "ZSTD" }
func (codec) CompressionCodec() format.CompressionCodec  { return format.Zstd }
func (codec) Encode(dst, src []byte) ([]byte, error)     { return compress(dst[:0], src, fast) }
func (codec) Decode(dst, src []byte) (_ []byte, e error) { return decompress(dst, src) }
