package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/keytrail/keytrail/engine/object"
)

// Options are what the AWS configuration does not say, or says otherwise. The
// zero value is good for most.
type Options struct {
	Profile         string // of the shared configuration files
	Region          string // of the bucket; found out when empty
	RoleARN         string // role to assume, with the three below
	RoleSessionName string // "keytrail" when empty
	ExternalID      string

	RequestPayer        bool   // we pay for requests to a requester-pays bucket
	ExpectedBucketOwner string // account that must own the bucket

	SSE         string // encryption of what is written: AES256, aws:kms, aws:kms:dsse; the bucket's default when empty
	SSEKMSKeyID string

	Endpoint    string // of an S3-compatible service; AWS_ENDPOINT_URL when empty
	Concurrency int    // connections kept open for reuse; 256 when 0

	Silence time.Duration // how long a connection may neither deliver nor take a byte; a minute when 0
}

// Store holds objects in a bucket. Safe for concurrent use.
type Store struct {
	client *s3.Client
	quick  *quick
	bucket string
	prefix string // "" or ending in "/"
	opts   Options
	where  place
	single int64 // larger objects are written in parts

	meter object.Meter
	gate  chan struct{} // has room for the requests that files make ahead of their reads
}

// Open opens s3://bucket/prefix. It makes one request, to learn early that the
// bucket is there and answers.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, &object.Error{Op: "open", Key: url, Err: err, Hint: "check the AWS configuration files and variables"}
	}
	return open(ctx, url, o, cfg)
}

func open(ctx context.Context, url string, o Options, cfg aws.Config) (*Store, error) {
	bucket, prefix, err := split(url)
	if err != nil {
		return nil, &object.Error{Op: "open", Key: url, Err: err, Hint: "write s3://bucket/prefix"}
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, noCredentials(ctx, url, err)
	}
	s := &Store{bucket: bucket, prefix: prefix, opts: o, single: singlePut, gate: make(chan struct{}, maxAhead)}
	s.connect(cfg)
	region, err := s.probe(ctx)
	if err == nil && region != "" {
		cfg.Region = region
		s.connect(cfg)
		_, err = s.probe(ctx)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

func split(url string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(url, "s3://")
	if !ok {
		return "", "", errors.New("not an S3 URL")
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	if bucket == "" {
		return "", "", errors.New("no bucket in the URL")
	}
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return bucket, prefix, nil
}

// probe asks for one key. It returns the bucket's Region when that is another
// one than was asked. A listing that is not allowed is no fault yet: a policy may
// allow parts of the prefix.
func (s *Store) probe(ctx context.Context) (region string, err error) {
	in := s.listInput("")
	in.MaxKeys = aws.Int32(1)
	_, err = s.client.ListObjectsV2(ctx, in, func(o *s3.Options) {
		o.RetryMaxAttempts = probeAttempts
	})
	if err == nil {
		return "", nil
	}
	if region := regionOf(err); region != "" && region != s.where.region && s.where.endpoint == "" {
		return region, nil
	}
	if err := s.fail(ctx, "list", s.URL(), err); !errors.Is(err, object.ErrDenied) {
		return "", err
	}
	return "", nil
}

// URL is s3://bucket/prefix/.
func (s *Store) URL() string { return "s3://" + s.bucket + "/" + s.prefix }

// Usage is what the store was asked for since it was opened: every request, also
// those that were repeated or refused, and the bytes that came as their answers.
func (s *Store) Usage() object.Usage { return s.meter.Usage() }

// name is the key in the bucket of a key in the store.
func (s *Store) name(op, key string) (*string, error) {
	if key == "" {
		return nil, &object.Error{Op: op, Key: key, Err: fmt.Errorf("%w: it is empty", object.ErrKey)}
	}
	return aws.String(s.prefix + key), nil
}

func (s *Store) payer() types.RequestPayer {
	if s.opts.RequestPayer {
		return types.RequestPayerRequester
	}
	return ""
}

func (s *Store) owner() *string { return optional(s.opts.ExpectedBucketOwner) }

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
