package s3

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const (
	partSize   = 16 << 20
	maxParts   = 10_000
	partsAside = 4 // parts under way at a time
	abortTime  = 30 * time.Second
)

// parts writes the object in several requests. It exists, for readers, from the
// last of them on; the condition is checked there. The parts are sections of the
// body, so no part is held in memory.
func (w *write) parts(ctx context.Context) (etag string, err error) {
	created, err := w.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket:               &w.bucket,
		Key:                  w.key,
		ChecksumAlgorithm:    types.ChecksumAlgorithmCrc32,
		Metadata:             w.metadata(),
		ServerSideEncryption: types.ServerSideEncryption(w.opts.SSE),
		SSEKMSKeyId:          optional(w.opts.SSEKMSKeyID),
		RequestPayer:         w.payer(),
		ExpectedBucketOwner:  w.owner(),
	})
	if err != nil {
		return "", err
	}
	done, err := w.upload(ctx, created.UploadId)
	if err == nil {
		etag, err = w.complete(ctx, created.UploadId, done)
	}
	if err != nil {
		w.abort(ctx, created.UploadId)
	}
	return etag, err
}

func (w *write) upload(ctx context.Context, id *string) ([]types.CompletedPart, error) {
	size := partOf(w.body.size)
	var mu sync.Mutex
	var done []types.CompletedPart
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(partsAside)
	for off := int64(0); off < w.body.size; off += size {
		part := w.body.part(off, min(size, w.body.size-off))
		number := aws.Int32(int32(off/size) + 1)
		g.Go(func() error {
			out, err := w.client.UploadPart(ctx, &s3.UploadPartInput{
				Bucket:              &w.bucket,
				Key:                 w.key,
				UploadId:            id,
				PartNumber:          number,
				Body:                part.reader(),
				ContentLength:       aws.Int64(part.size),
				ChecksumAlgorithm:   types.ChecksumAlgorithmCrc32,
				RequestPayer:        w.payer(),
				ExpectedBucketOwner: w.owner(),
			})
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done = append(done, types.CompletedPart{PartNumber: number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
			return nil
		})
	}
	err := g.Wait()
	slices.SortFunc(done, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) })
	return done, err
}

func (w *write) complete(ctx context.Context, id *string, done []types.CompletedPart) (etag string, err error) {
	out, err := w.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket:              &w.bucket,
		Key:                 w.key,
		UploadId:            id,
		MultipartUpload:     &types.CompletedMultipartUpload{Parts: done},
		MpuObjectSize:       aws.Int64(w.body.size),
		IfNoneMatch:         w.ifNoneMatch(),
		IfMatch:             optional(w.cond.IfMatch),
		RequestPayer:        w.payer(),
		ExpectedBucketOwner: w.owner(),
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ETag), nil
}

// abort gives back what the parts take up, also when ctx has ended. What a lost
// connection leaves is for the bucket's lifecycle rule
// (AbortIncompleteMultipartUpload).
func (w *write) abort(ctx context.Context, id *string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	w.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket:              &w.bucket,
		Key:                 w.key,
		UploadId:            id,
		RequestPayer:        w.payer(),
		ExpectedBucketOwner: w.owner(),
	})
}

// partOf is the size of the parts of an object of that size.
func partOf(size int64) int64 {
	const step = 1 << 20
	least := (size + maxParts - 1) / maxParts
	return max(partSize, (least+step-1)/step*step)
}

// section is a piece of a body.
type section struct {
	at   io.ReaderAt
	off  int64
	size int64
}

func (s section) reader() *io.SectionReader { return io.NewSectionReader(s.at, s.off, s.size) }

func (s section) part(off, size int64) section {
	return section{at: s.at, off: s.off + off, size: size}
}

// seekAt reads a seekable body at any place, for several readers in turn.
type seekAt struct {
	mu sync.Mutex
	rs io.ReadSeeker
}

func (s *seekAt) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.rs.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s.rs, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
