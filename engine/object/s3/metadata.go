package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Metadata returns the user metadata of an object: by lower-case names, without the
// "x-amz-meta-" that they have as headers. It needs no right that reading the
// object does not need.
func (s *Store) Metadata(ctx context.Context, key string) (map[string]string, error) {
	name, err := s.name("head", key)
	if err != nil {
		return nil, err
	}
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket:              &s.bucket,
		Key:                 name,
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
	})
	if err != nil {
		return nil, s.fail(ctx, "head", key, err)
	}
	return out.Metadata, nil
}
