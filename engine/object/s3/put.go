package s3

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/keytrail/keytrail/engine/object"
)

// singlePut is the largest object that one request writes.
const singlePut = 64 << 20

// writeID is the metadata that tells one of our writes from another's. When the
// answer to a conditional put is lost, the retry finds the condition broken, or
// the upload complete, by ourselves; the id says so.
const writeID = "keytrail-write"

// Put writes an object whole and returns its ETag. body is read from its current
// position, more than once if a request must be repeated, and must hold size
// bytes. Readers see the old object or the new one. It fails with
// [object.ErrCondition] when cond does not hold, also when another conditional
// put is under way.
func (s *Store) Put(ctx context.Context, key string, body io.ReadSeeker, size int64, cond object.Condition) (string, error) {
	name, err := s.name("put", key)
	if err != nil {
		return "", err
	}
	start, err := body.Seek(0, io.SeekCurrent)
	if err != nil {
		return "", s.fail(ctx, "put", key, err)
	}
	end, err := body.Seek(0, io.SeekEnd)
	if err == nil && end-start != size {
		err = fmt.Errorf("body has %d bytes, not %d", end-start, size)
	}
	if err != nil {
		return "", s.fail(ctx, "put", key, err)
	}
	w := &write{Store: s, key: name, body: section{at: &seekAt{rs: body}, off: start, size: size}, cond: cond}
	send := w.whole
	if size > s.single {
		send = w.parts
	}
	if size > s.single || cond != (object.Condition{}) {
		w.id = rand.Text()
	}
	etag, err := send(ctx)
	if err == nil {
		return etag, nil
	}
	err = s.fail(ctx, "put", key, err)
	if w.id != "" && !refused(err) {
		if etag, ok := w.written(ctx); ok {
			return etag, nil
		}
	}
	if cond.IfMatch != "" && errors.Is(err, object.ErrNotExist) {
		err = &object.Error{Op: "put", Key: key, Err: object.ErrCondition}
	}
	return "", err
}

// refused reports whether err says for certain that nothing was written.
func refused(err error) bool {
	for _, kind := range []error{object.ErrDenied, object.ErrNoStore, object.ErrCredentials} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// write is one put.
type write struct {
	*Store
	key  *string
	body section
	cond object.Condition
	id   string // "" when repeating the request does no harm
}

// whole writes the object in one request.
func (w *write) whole(ctx context.Context) (etag string, err error) {
	out, err := w.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:               &w.bucket,
		Key:                  w.key,
		Body:                 w.body.reader(),
		ContentLength:        aws.Int64(w.body.size),
		IfNoneMatch:          w.ifNoneMatch(),
		IfMatch:              optional(w.cond.IfMatch),
		Metadata:             w.metadata(),
		ServerSideEncryption: types.ServerSideEncryption(w.opts.SSE),
		SSEKMSKeyId:          optional(w.opts.SSEKMSKeyID),
		RequestPayer:         w.payer(),
		ExpectedBucketOwner:  w.owner(),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ETag), nil
}

// written reports whether the object that is there is this write, which then did
// happen although no answer came.
func (w *write) written(ctx context.Context) (etag string, ok bool) {
	out, err := w.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket:              &w.bucket,
		Key:                 w.key,
		RequestPayer:        w.payer(),
		ExpectedBucketOwner: w.owner(),
	}, func(o *s3.Options) { o.RetryMaxAttempts = probeAttempts })
	if err != nil || out.Metadata[writeID] != w.id {
		return "", false
	}
	return aws.ToString(out.ETag), true
}

func (w *write) ifNoneMatch() *string {
	if w.cond.IfAbsent {
		return aws.String("*")
	}
	return nil
}

func (w *write) metadata() map[string]string {
	if w.id == "" {
		return nil
	}
	return map[string]string{writeID: w.id}
}

// Delete removes an object. A missing one is no error.
func (s *Store) Delete(ctx context.Context, key string) error {
	name, err := s.name("delete", key)
	if err != nil {
		return err
	}
	_, err = s.client.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket:              &s.bucket,
		Key:                 name,
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	})
	if err != nil {
		if err = s.fail(ctx, "delete", key, err); errors.Is(err, object.ErrNotExist) {
			return nil
		}
	}
	return err
}
