package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/keytrail/keytrail/engine/object"
)

// resumes is how often a stream that broke off is taken up again. Requests that
// fail before the first byte are the SDK's to repeat.
const resumes = 4

// Open streams an object's bytes, as they are stored. When obj has an ETag and
// the object another one, it fails with [object.ErrChanged]. The caller closes
// the stream; ctx ends it.
func (s *Store) Open(ctx context.Context, obj object.Info) (io.ReadCloser, error) {
	r := &stream{ctx: ctx, store: s, key: obj.Key, etag: obj.ETag, left: resumes}
	if err := r.request(); err != nil {
		return nil, err
	}
	return r, nil
}

var errOtherBytes = errors.New("the store answered a ranged request with other bytes")

// stream reads one version of an object to its end, over several connections if
// it must.
type stream struct {
	ctx   context.Context
	store *Store
	key   string
	etag  string
	body  io.ReadCloser
	size  int64
	read  int64
	left  int
}

// request asks for what has not been read yet.
func (r *stream) request() error {
	in, err := r.store.getInput("open", r.key, r.etag)
	if err != nil {
		return err
	}
	get := r.store.get
	if r.read > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", r.read))
		get = r.store.ask
	}
	out, err := get(r.ctx, in)
	if err != nil {
		return r.store.fail(r.ctx, "open", r.key, err)
	}
	r.body = out.Body
	if r.read == 0 {
		r.size = aws.ToInt64(out.ContentLength)
		r.etag = aws.ToString(out.ETag)
		return nil
	}
	if from, _, size, ok := contentRange(out.ContentRange); !ok || from != r.read || size != r.size {
		return r.fail(errOtherBytes)
	}
	return nil
}

func (r *stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if err := r.ctx.Err(); err != nil { // what has come already could still be read
			return 0, r.fail(err)
		}
		n, err := r.body.Read(p)
		r.read += int64(n)
		switch {
		case err == nil, err == io.EOF && r.read == r.size:
			return n, err
		case err == io.EOF:
			err = fmt.Errorf("%w: %d of %d bytes", io.ErrUnexpectedEOF, r.read, r.size)
		}
		if r.left == 0 || r.ctx.Err() != nil || r.read >= r.size {
			return n, r.fail(err)
		}
		r.left--
		r.body.Close()
		if err := r.request(); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (r *stream) Close() error { return r.body.Close() }

func (r *stream) fail(err error) error { return r.store.fail(r.ctx, "read", r.key, err) }

// get asks quickly, and the SDK where that does not go well.
func (s *Store) get(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	if out := s.quick.get(ctx, in); out != nil {
		return s.pinned(in, out)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.ask(ctx, in)
}

// ask asks the SDK.
func (s *Store) ask(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	out, err := s.client.GetObject(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.pinned(in, out)
}

// pinned refuses another version than was asked for: not every service heeds If-Match.
func (s *Store) pinned(in *s3.GetObjectInput, out *s3.GetObjectOutput) (*s3.GetObjectOutput, error) {
	if in.IfMatch == nil || out.ETag == nil || strings.Trim(*in.IfMatch, `"`) == strings.Trim(*out.ETag, `"`) {
		return out, nil
	}
	out.Body.Close()
	return nil, &object.Error{Op: "read", Key: strings.TrimPrefix(*in.Key, s.prefix), Err: object.ErrChanged}
}

// getInput asks for one version of an object, or for the current one when etag
// is empty.
func (s *Store) getInput(op, key, etag string) (*s3.GetObjectInput, error) {
	name, err := s.name(op, key)
	if err != nil {
		return nil, err
	}
	return &s3.GetObjectInput{
		Bucket:              &s.bucket,
		Key:                 name,
		IfMatch:             optional(etag),
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	}, nil
}

// contentRange reads "bytes 0-9/100": the first and last byte sent and the
// size of the whole.
func contentRange(header *string) (from, to, size int64, ok bool) {
	n, err := fmt.Sscanf(aws.ToString(header), "bytes %d-%d/%d", &from, &to, &size)
	return from, to, size, err == nil && n == 3
}
