package s3

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

const (
	defaultRegion      = "us-east-1" // any will do to learn the right one
	defaultConnections = 256
	attempts           = 8 // AWS_MAX_ATTEMPTS overrides
	probeAttempts      = 3 // a wrong endpoint should be told soon
	maxBackoff         = 20 * time.Second

	// retryTokens is what retries of all requests together may cost at a time,
	// 5 each. The SDK's 500 are for a few requests at once, not for hundreds
	// that are told to slow down together.
	retryTokens = 10_000
)

// place is where requests go.
type place struct {
	region   string
	endpoint string // "" for AWS itself
}

// load reads the AWS configuration and puts o on top of it.
func load(ctx context.Context, o Options) (aws.Config, error) {
	connections := cmp.Or(o.Concurrency, defaultConnections)
	limit := cmp.Or(o.Silence, silence)
	// The SDK's own read timeout would count an upload as silent until it is
	// answered, however well it gets on.
	client := awshttp.NewBuildableClient().WithReadTimeout(0).WithTransportOptions(func(t *http.Transport) {
		t.DialContext = impatient(t.DialContext, limit)
		t.MaxIdleConns = connections
		t.MaxIdleConnsPerHost = connections
		t.DisableCompression = true
	})
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithLogger(logging.Nop{}), // what matters comes back as an error
	}
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	cfg.Region = cmp.Or(cfg.Region, defaultRegion)
	standard := retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = cmp.Or(cfg.RetryMaxAttempts, attempts)
		r.MaxBackoff = maxBackoff
		r.RateLimiter = ratelimit.NewTokenRateLimit(retryTokens)
		r.Retryables = append(slices.Clone(r.Retryables), retry.IsErrorRetryableFunc(cutOff))
	})
	cfg.Retryer = func() aws.Retryer { return standard }
	if o.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN, func(r *stscreds.AssumeRoleOptions) {
			r.RoleSessionName = cmp.Or(o.RoleSessionName, "keytrail")
			r.ExternalID = optional(o.ExternalID)
		})
		cfg.Credentials = aws.NewCredentialsCache(role)
	}
	return cfg, nil
}

// cutOff reports an answer that broke off before its end, such as a page of a
// listing. The SDK would not ask again.
func cutOff(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// connect makes the client. A service that is not AWS has no names for its
// buckets in DNS, so they go into the path.
func (s *Store) connect(cfg aws.Config) {
	s.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		if s.opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.opts.Endpoint)
		}
		o.UsePathStyle = o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
		s.where = place{region: o.Region, endpoint: aws.ToString(o.BaseEndpoint)}
	})
}
