package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/s3"
)

// storeFlags say how to reach buckets. They hold for sources and lakes alike.
type storeFlags struct{ s3.Options }

func (f *storeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.Profile, "profile", "", "AWS profile for buckets")
	flags.StringVar(&f.Region, "region", "", "AWS Region of buckets (default: found out)")
	flags.StringVar(&f.RoleARN, "role-arn", "", "IAM role to assume for buckets")
	flags.StringVar(&f.ExternalID, "external-id", "", "external id to assume the role with")
	flags.StringVar(&f.Endpoint, "endpoint", "", "URL of an S3-compatible server (default: $AWS_ENDPOINT_URL)")
	flags.BoolVar(&f.RequestPayer, "request-payer", false, "agree to pay for requests to requester-pays buckets")
	flags.StringVar(&f.ExpectedBucketOwner, "expected-bucket-owner", "", "account that must own the buckets")
	flags.StringVar(&f.SSE, "sse", "", "server-side encryption of what is written: AES256 or aws:kms")
	flags.StringVar(&f.SSEKMSKeyID, "sse-kms-key-id", "", "KMS key for --sse aws:kms")
}

type storeFlagsKey struct{}

func (f *storeFlags) attach(ctx context.Context) context.Context {
	return context.WithValue(ctx, storeFlagsKey{}, f)
}

func s3Options(ctx context.Context) s3.Options {
	if f, ok := ctx.Value(storeFlagsKey{}).(*storeFlags); ok {
		return f.Options
	}
	return s3.Options{}
}

func isBucket(url string) bool { return strings.HasPrefix(strings.ToLower(url), "s3://") }

var errNoLake = usagef("which lake? Name a directory or s3://bucket/prefix with --lake")

// checkPlace refuses what is neither a directory nor a bucket.
func checkPlace(url string) error {
	scheme, rest, ok := strings.Cut(url, "://")
	switch {
	case !ok || strings.EqualFold(scheme, "file"):
		return nil
	case !strings.EqualFold(scheme, "s3"):
		return usagef("%q is neither a directory nor s3://bucket/prefix", url)
	case strings.Trim(rest, "/") == "":
		return usagef("%q names no bucket: write s3://bucket/prefix", url)
	}
	return nil
}

// openInput opens a source that a person named.
func openInput(ctx context.Context, url string) (engine.Input, error) {
	if err := checkPlace(url); err != nil {
		return engine.Input{}, err
	}
	root, prefix := object.SplitSource(url)
	if isBucket(url) {
		store, err := s3.Open(ctx, root, s3Options(ctx))
		return engine.Input{Source: store, Prefix: prefix}, err
	}
	if _, err := dir.Open(strings.TrimPrefix(url, "file://")); err != nil {
		return engine.Input{}, err
	}
	store, err := dir.Open(root)
	return engine.Input{Source: store, Prefix: prefix}, err
}

// openLake opens a lake to read from, through the cache if the command has one.
func openLake(ctx context.Context, url string) (*lake.Lake, error) {
	store, err := lakeStore(ctx, url, dir.Open)
	if err == nil {
		store, err = cached(ctx, store)
	}
	if err != nil {
		return nil, err
	}
	return lake.Open(ctx, store)
}

// createLake opens a lake to write to, which an empty place becomes.
func createLake(ctx context.Context, url string) (*lake.Lake, error) {
	store, err := lakeStore(ctx, url, dir.Create)
	if err != nil {
		return nil, err
	}
	return lake.Create(ctx, store)
}

func lakeStore(ctx context.Context, url string, openDir func(string) (*dir.Store, error)) (lake.Store, error) {
	if url == "" {
		return nil, errNoLake
	}
	if err := checkPlace(url); err != nil {
		return nil, err
	}
	if isBucket(url) {
		return s3.Open(ctx, url, s3Options(ctx))
	}
	return openDir(strings.TrimPrefix(url, "file://"))
}
