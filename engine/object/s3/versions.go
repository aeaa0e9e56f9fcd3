package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Versioning reports whether the bucket keeps older versions of objects, or has kept
// some: one whose versioning is suspended still has those.
func (s *Store) Versioning(ctx context.Context) (bool, error) {
	got, err := s.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{
		Bucket: &s.bucket, ExpectedBucketOwner: s.owner(),
	})
	if err != nil {
		return false, s.fail(ctx, "ask for versioning", "", err)
	}
	return got.Status != "", nil
}

// RemoveOlder removes the versions of objects under prefix that are not the present ones,
// with the marks of objects that were deleted, if remove is set. It counts them in any
// case. Marks go last: without its mark, what is left of a deleted object is there again.
func (s *Store) RemoveOlder(ctx context.Context, prefix string, remove bool) (n int64, err error) {
	pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{
		Bucket: &s.bucket, Prefix: aws.String(s.prefix + prefix), RequestPayer: s.payer(), ExpectedBucketOwner: s.owner(),
	})
	var marks []types.ObjectIdentifier
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return n, s.fail(ctx, "list versions", prefix, err)
		}
		for _, m := range page.DeleteMarkers {
			marks = append(marks, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		for _, v := range page.Versions {
			if aws.ToBool(v.IsLatest) {
				continue
			}
			n++
			if !remove {
				continue
			}
			if err := s.removeVersion(ctx, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId}); err != nil {
				return n, err
			}
		}
	}
	for _, m := range marks {
		if !remove {
			break
		}
		if err := s.removeVersion(ctx, m); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *Store) removeVersion(ctx context.Context, o types.ObjectIdentifier) error {
	_, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{
		Bucket: &s.bucket, Key: o.Key, VersionId: o.VersionId, RequestPayer: s.payer(), ExpectedBucketOwner: s.owner(),
	})
	if err != nil {
		return s.fail(ctx, "delete a version", aws.ToString(o.Key), err)
	}
	return nil
}
