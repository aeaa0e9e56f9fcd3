package digest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/keytrail/keytrail/engine/object"
)

// Source is all that [Verify] asks of an object store. Safe for concurrent use.
type Source interface {
	// Children lists one level: the names under prefix that have more below,
	// each ending in "/", and the objects directly under it.
	Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error)
	// List calls fn once per object under prefix, in key order.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// Open streams the stored bytes; of any version when obj has no ETag.
	Open(ctx context.Context, obj object.Info) (io.ReadCloser, error)
}

// MetadataReader is a [Source] that keeps what CloudTrail says about an object beside
// its bytes. Without it, the newest digest of a chain cannot be proven.
type MetadataReader interface {
	// Metadata returns the user metadata of an object by lower-case names,
	// without "x-amz-meta-".
	Metadata(ctx context.Context, key string) (map[string]string, error)
}

// Names of a digest's metadata.
const (
	metaSignature = "signature"
	metaBackfill  = "backfill-generation-timestamp"
)

// errGzip: the bytes are there, but are not what CloudTrail writes.
var errGzip = errors.New("not one whole gzip member")

// copyInflated writes the inflated bytes of an object to w. Bytes that are not gzip
// were inflated on the way here, and go as they are.
func copyInflated(ctx context.Context, src Source, obj object.Info, w io.Writer) error {
	body, err := src.Open(ctx, obj)
	if err != nil {
		return err
	}
	defer body.Close()
	stored := &watched{r: body}
	in := bufio.NewReaderSize(stored, 64<<10)
	err = inflate(in, w)
	if stored.err != nil {
		return &object.Error{Op: "read", Key: obj.Key, Err: stored.err}
	}
	return err
}

func inflate(in *bufio.Reader, w io.Writer) error {
	if head, _ := in.Peek(2); !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		_, err := io.Copy(w, in)
		return err
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%w: %w", errGzip, err)
	}
	z.Multistream(false)
	data := &watched{r: z}
	if _, err := io.Copy(w, data); data.err != nil {
		return fmt.Errorf("%w: %w", errGzip, data.err)
	} else if err != nil {
		return err
	}
	if _, err := in.ReadByte(); err == nil {
		return fmt.Errorf("%w: bytes follow it", errGzip)
	}
	return nil
}

// watched remembers a reader's error, so that a fault of the store is not taken for
// one of the bytes.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// hash is the SHA-256 of an object's inflated bytes.
func hash(ctx context.Context, src Source, obj object.Info) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	err = copyInflated(ctx, src, obj, h)
	h.Sum(sum[:0])
	return sum, err
}

// maxDocument is the most inflated bytes of a digest: some hundred thousand logs.
const maxDocument = 128 << 20

// readDigest reads one digest. Its error is about the bytes, except for what
// [object.Error] stands for.
func readDigest(ctx context.Context, src Source, obj object.Info) (*digest, error) {
	var raw limited
	if err := copyInflated(ctx, src, obj, &raw); err != nil {
		return nil, err
	}
	return parseDocument(raw.Bytes())
}

// limited is a buffer that refuses to grow beyond a digest.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxDocument {
		return 0, fmt.Errorf("inflates to more than %d bytes", maxDocument)
	}
	return l.Buffer.Write(p)
}

// ReadFrom hides the buffer's own, which knows no limit.
func (l *limited) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{l}, r)
}
