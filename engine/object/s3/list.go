package s3

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/keytrail/keytrail/engine/object"
)

const pageKeys = 1000 // the most a page can have

// Children lists one level: the folders directly under prefix, as whole keys
// that end in "/", and the objects, both in key order. prefix is "" or ends in
// "/". A missing prefix has no children.
func (s *Store) Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error) {
	in := s.listInput(prefix)
	in.Delimiter = aws.String("/")
	err = s.pages(ctx, in, prefix, func(page *s3.ListObjectsV2Output) error {
		for _, p := range page.CommonPrefixes {
			key, err := s.keyOf(page, p.Prefix)
			if err != nil {
				return err
			}
			dirs = append(dirs, key)
		}
		return s.each(page, func(o object.Info) error {
			if o.Key != prefix { // an empty object that consoles make for a folder
				objects = append(objects, o)
			}
			return nil
		})
	})
	return dirs, objects, err
}

// List calls fn once per object whose key begins with prefix, in key order, on
// the caller's goroutine. It stops at fn's first error and returns it unchanged.
// A missing prefix lists nothing.
func (s *Store) List(ctx context.Context, prefix string, fn func(object.Info) error) error {
	return s.pages(ctx, s.listInput(prefix), prefix, func(page *s3.ListObjectsV2Output) error {
		return s.each(page, fn)
	})
}

// listInput asks for encoded keys: XML cannot hold every character that a key
// can, and one such key must not make a bucket unlistable.
func (s *Store) listInput(prefix string) *s3.ListObjectsV2Input {
	return &s3.ListObjectsV2Input{
		Bucket:              &s.bucket,
		Prefix:              aws.String(s.prefix + prefix),
		MaxKeys:             aws.Int32(pageKeys),
		EncodingType:        types.EncodingTypeUrl,
		RequestPayer:        s.payer(),
		ExpectedBucketOwner: s.owner(),
		// Says which archived objects have been restored for the time being.
		OptionalObjectAttributes: []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus},
	}
}

func (s *Store) pages(ctx context.Context, in *s3.ListObjectsV2Input, prefix string, fn func(*s3.ListObjectsV2Output) error) error {
	for {
		page, err := s.client.ListObjectsV2(ctx, in)
		if err != nil {
			return s.fail(ctx, "list", prefix, err)
		}
		if err := fn(page); err != nil {
			return err
		}
		if !aws.ToBool(page.IsTruncated) {
			return nil
		}
		in.ContinuationToken = page.NextContinuationToken
	}
}

func (s *Store) each(page *s3.ListObjectsV2Output, fn func(object.Info) error) error {
	for i := range page.Contents {
		o := &page.Contents[i]
		key, err := s.keyOf(page, o.Key)
		if err != nil {
			return err
		}
		if key == "" { // as above, for the store's root
			continue
		}
		info := object.Info{
			Key:          key,
			Size:         aws.ToInt64(o.Size),
			ETag:         aws.ToString(o.ETag),
			LastModified: aws.ToTime(o.LastModified).UTC(),
		}
		if archived(o, time.Now()) {
			info.StorageClass = string(o.StorageClass)
		}
		if err := fn(info); err != nil {
			return err
		}
	}
	return nil
}

// keyOf is the key in the store of a key in a page.
func (s *Store) keyOf(page *s3.ListObjectsV2Output, name *string) (string, error) {
	key := aws.ToString(name)
	if page.EncodingType == types.EncodingTypeUrl {
		plain, err := url.QueryUnescape(key)
		if err != nil {
			return "", &object.Error{Op: "list", Key: key, Err: fmt.Errorf("key is badly encoded: %w", err)}
		}
		key = plain
	}
	return strings.TrimPrefix(key, s.prefix), nil
}

// archived reports whether an object's bytes need a restore. GLACIER_IR, "instant
// retrieval", does not.
func archived(o *types.Object, now time.Time) bool {
	switch o.StorageClass {
	case types.ObjectStorageClassGlacier, types.ObjectStorageClassDeepArchive:
		restored := o.RestoreStatus
		return restored == nil || restored.RestoreExpiryDate == nil || restored.RestoreExpiryDate.Before(now)
	}
	return false
}
