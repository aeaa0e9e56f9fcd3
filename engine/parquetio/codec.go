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

var encoders = sync.Pool{New: func() any {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithAllLitEntropyCompression(true),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), // pages have their own
		zstd.WithZeroFrames(true),
		zstd.WithSingleSegment(true), // so that every frame says its size
	)
	if err != nil {
		return err
	}
	return e
}}

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
func compress(dst, src []byte) ([]byte, error) {
	got := encoders.Get()
	e, ok := got.(*zstd.Encoder)
	if !ok {
		return dst, fmt.Errorf("zstd: %w", got.(error))
	}
	defer encoders.Put(e)
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
func (codec) Encode(dst, src []byte) ([]byte, error)     { return compress(dst[:0], src) }
func (codec) Decode(dst, src []byte) (_ []byte, e error) { return decompress(dst, src) }
