package s3

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keytrail/keytrail/engine/object"
)

// tail is what the first request of a file asks for: the end, where columnar
// files say what they hold.
const tail = 2 * blockSize

// OpenAt opens the current version of an object for random access; the file is an
// [object.Prefetcher]. Once the object has been replaced, reads that need another
// request fail with [object.ErrChanged]. ctx ends the reads too; Close does so as well
// and frees what was kept of it.
func (s *Store) OpenAt(ctx context.Context, key string) (object.File, error) {
	f := s.newFile(ctx)
	tail, err := f.open(key)
	if err != nil {
		f.cancel()
		return nil, err
	}
	f.ready()
	f.ahead.keep(tail)
	return f, nil
}

// OpenListed opens a version of an object as it was listed, without a request. Whether
// it still is the current one is seen by the first read; all else is as with
// [Store.OpenAt].
func (s *Store) OpenListed(ctx context.Context, obj object.Info) (object.File, error) {
	if obj.ETag == "" {
		return s.OpenAt(ctx, obj.Key)
	}
	f := s.newFile(ctx)
	f.info = obj
	f.ready()
	return f, nil
}

type file struct {
	ctx    context.Context
	cancel context.CancelFunc
	store  *Store
	info   object.Info
	ahead  *ahead  // what was announced
	blocks *blocks // all else
}

func (s *Store) newFile(ctx context.Context) *file {
	f := &file{store: s}
	f.ctx, f.cancel = context.WithCancel(ctx)
	return f
}

// ready is called once the size is known.
func (f *file) ready() {
	f.ahead = newAhead(f.ctx, f.info.Size, f.store.gate, f.fetch)
	f.blocks = newBlocks(f.info.Size, f.fetch)
}

func (f *file) Info() object.Info { return f.info }

func (f *file) Close() error {
	f.cancel()
	f.ahead.close()
	return nil
}

// Prefetch implements [object.Prefetcher]. It does not wait; what goes wrong is told to
// whoever reads.
func (f *file) Prefetch(ranges []object.Range) error {
	if err := f.ctx.Err(); err != nil {
		return f.fail(err)
	}
	f.ahead.announce(ranges)
	return nil
}

func (f *file) ReadAt(p []byte, off int64) (n int, err error) {
	if err := f.ctx.Err(); err != nil {
		return 0, f.fail(err)
	}
	for n < len(p) {
		rest, at := p[n:], off+int64(n)
		m, gap, err := f.ahead.readAt(rest, at)
		if gap > 0 {
			m, err = f.blocks.ReadAt(rest[:gap], at)
		}
		if n += m; err != nil {
			return n, f.fail(err)
		}
	}
	return n, nil
}

func (f *file) fail(err error) error {
	if err == io.EOF {
		return err
	}
	return f.store.fail(f.ctx, "read", f.info.Key, err)
}

// open learns size and version from a request for the end of the object.
func (f *file) open(key string) (end []byte, err error) {
	in, err := f.store.getInput("open", key, "")
	if err != nil {
		return nil, err
	}
	in.Range = aws.String(fmt.Sprintf("bytes=-%d", tail))
	out, err := f.store.get(f.ctx, in)
	if statusOf(err) == 416 { // there is no end of an empty object
		return nil, f.head(key)
	}
	if err != nil {
		return nil, f.store.fail(f.ctx, "open", key, err)
	}
	defer out.Body.Close()
	size := aws.ToInt64(out.ContentLength)
	if out.ContentRange != nil {
		from, to, whole, ok := contentRange(out.ContentRange)
		if !ok || to != whole-1 || whole-from != size {
			return nil, f.store.fail(f.ctx, "open", key, fmt.Errorf("content range %q makes no sense", *out.ContentRange))
		}
		size = whole
	}
	f.info = object.Info{Key: key, Size: size, ETag: aws.ToString(out.ETag), LastModified: aws.ToTime(out.LastModified).UTC()}
	if aws.ToInt64(out.ContentLength) > tail {
		return nil, nil // a store without ranges from the end: leave the body unread
	}
	end = make([]byte, aws.ToInt64(out.ContentLength))
	if _, err := io.ReadFull(out.Body, end); err != nil {
		return nil, nil // cut off: what is needed of it is asked for again
	}
	return end, nil
}

func (f *file) head(key string) error {
	out, err := f.store.client.HeadObject(f.ctx, &s3.HeadObjectInput{
		Bucket:              &f.store.bucket,
		Key:                 aws.String(f.store.prefix + key),
		RequestPayer:        f.store.payer(),
		ExpectedBucketOwner: f.store.owner(),
	})
	if err != nil {
		return f.store.fail(f.ctx, "open", key, err)
	}
	f.info = object.Info{Key: key, Size: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag),
		LastModified: aws.ToTime(out.LastModified).UTC()}
	return nil
}

// fetch fills p with the bytes from off, of the version that was opened. When the
// answer breaks off the SDK is asked for the rest.
func (f *file) fetch(p []byte, off int64) error {
	in, err := f.store.getInput("read", f.info.Key, f.info.ETag)
	if err != nil {
		return err
	}
	get := f.store.get
	for left := resumes; ; left-- {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", off, off+int64(len(p))-1))
		out, err := get(f.ctx, in)
		if err != nil {
			return f.fail(err)
		}
		from, _, size, ok := contentRange(out.ContentRange)
		if !ok || from != off || size != f.info.Size {
			out.Body.Close()
			return f.fail(errOtherBytes)
		}
		n, err := io.ReadFull(out.Body, p)
		out.Body.Close()
		if err == nil {
			return nil
		}
		if left == 0 || f.ctx.Err() != nil {
			return f.fail(fmt.Errorf("%w: %d of %d bytes at %d", err, n, len(p), off))
		}
		p, off, get = p[n:], off+int64(n), f.store.ask
	}
}
