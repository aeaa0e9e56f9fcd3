package verify

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/keytrail/keytrail/engine/parquetio"
	"github.com/keytrail/keytrail/schema"
)

// rewrite writes rows to nowhere and compares the bytes with those stored.
type rewrite struct {
	stored  io.ReaderAt
	size    int64
	writer  *parquetio.Writer
	at      int64 // bytes compared, up to the first that differs
	differs bool
	err     error // of reading what is stored
	sum     hash.Hash
	buf     []byte
}

// newRewrite compares with what is stored: a file of so many buckets, or of a time before
// files said of what names their keys are made.
func newRewrite(stored io.ReaderAt, size int64, buckets int, named bool) *rewrite {
	w := &rewrite{stored: stored, size: size, sum: sha256.New()}
	w.writer = parquetio.NewWriter(w, parquetio.WriterOptions{
		Metadata:     map[string]string{schema.MetadataBuckets: strconv.Itoa(buckets)},
		OmitKeyNames: !named,
	})
	return w
}

// append writes the rows of rec. A nil rewrite takes no rows.
func (w *rewrite) append(rec arrow.Record) error {
	if w == nil || w.differs {
		return nil
	}
	if err := w.writer.Append(rec, 0, rec.NumRows()); err != nil {
		// Rows that cannot be written are not what a file was written from.
		w.differs = w.err == nil
	}
	return w.err
}

// finish ends the file; differs then says whether any byte does.
func (w *rewrite) finish() error {
	if w.differs {
		return nil
	}
	if _, err := w.writer.Close(); err != nil {
		w.differs = w.err == nil
	}
	if w.at != w.size {
		w.differs = w.err == nil
	}
	return w.err
}

// Write compares what the writer writes with what is stored in its place.
func (w *rewrite) Write(b []byte) (int, error) {
	n := min(int64(len(b)), w.size-w.at)
	w.buf = append(w.buf[:0], make([]byte, n)...)
	if got, err := w.stored.ReadAt(w.buf, w.at); got < len(w.buf) {
		w.err = err
		return 0, err
	}
	same := samePrefix(b, w.buf)
	w.at += int64(same)
	w.sum.Write(b[:same])
	if same < len(b) {
		w.differs = true
		return same, io.ErrShortWrite
	}
	return len(b), nil
}

// samePrefix is how many leading bytes are the same.
func samePrefix(a, b []byte) int {
	if bytes.Equal(a, b) {
		return len(a)
	}
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
