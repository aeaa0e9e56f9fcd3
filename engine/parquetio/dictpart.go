package parquetio

import (
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// blockSize is what a block of our frames inflates to, but for the last.
const blockSize = 64 << 10

// partOf is how much of a dictionary of so many bytes and values the first need of these
// are likely to take: somewhat more than their share.
func partOf(size, n, need int) int { return size/n*need + size/16 + blockSize }

// readPart reads the beginning of a large dictionary when that has the first need values,
// of which the last is the one that rows ask for. One of documents takes megabytes, and a
// few rows have a few of them. The page's checksum has been found right.
func (r *pageReader) readPart(h pageHeader, packed []byte, need int) (ok bool) {
	size, n := int(h.inflated), int(h.values)
	if r.meta.codec != format.Zstd || size <= largeRoom || n <= 0 || need > n {
		return false
	}
	var frame zstd.Header
	if frame.Decode(packed) != nil || !frame.HasFCS || frame.FrameContentSize != uint64(size) {
		return false
	}
	packed = firstBlocks(packed, frame.HeaderSize, partOf(size, n, need)/blockSize)
	if packed == nil {
		return false
	}
	if cap(r.dictPacked) < size+overrun {
		giveRoom(r.dictPacked)
		r.dictPacked = takeRoom(size + overrun)
	}
	// That the frame is cut is an error, behind the bytes of whole blocks.
	part, _ := decompress(r.dictPacked[:0:size+overrun], packed)
	return r.dict.beginPlain(part, n, need)
}

// firstBlocks cuts a frame behind n blocks; nil if it has no more than these.
func firstBlocks(frame []byte, at, n int) []byte {
	const rle = 1
	for range n {
		if len(frame)-at < 3 {
			return nil
		}
		head := int(frame[at]) | int(frame[at+1])<<8 | int(frame[at+2])<<16
		last, kind, size := head&1 == 1, head>>1&3, head>>3
		if kind == rle {
			size = 1
		}
		if at += 3 + size; last || at >= len(frame) {
			return nil
		}
	}
	return frame[:at:at]
}

// beginPlain takes n values of which src has the first need or more.
func (t *texts) beginPlain(src []byte, n, need int) (ok bool) {
	t.data, t.ends, t.gap, t.more = src, append(t.ends[:0], 0), 4, n
	return t.upTo(need) == nil
}
