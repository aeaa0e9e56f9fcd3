package s3

import (
	"cmp"
	"context"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	client := awshttp.NewBuildableClient().WithReadTimeout(0).WithDialerOptions(func(d *net.Dialer) {
		d.Timeout = maxDial
	}).WithTransportOptions(func(t *http.Transport) {
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
	standard := newRetryer(cfg.RetryMaxAttempts)
	cfg.Retryer = func() aws.Retryer { return standard }
	cfg.APIOptions = append(cfg.APIOptions, timed)
	if o.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN, func(r *stscreds.AssumeRoleOptions) {
			r.RoleSessionName = cmp.Or(o.RoleSessionName, "keytrail")
			r.ExternalID = optional(o.ExternalID)
		})
		cfg.Credentials = aws.NewCredentialsCache(role)
	}
	return cfg, nil
}

// connect makes the client. A service that is not AWS has no names for its
// buckets in DNS, so they go into the path.
func (s *Store) connect(cfg aws.Config) {
	s.quick = newQuick()
	s.client = s3.NewFromConfig(cfg, func(o *s3.Options) {
		if s.opts.Endpoint != "" {
			o.BaseEndpoint = aws.String(s.opts.Endpoint)
		}
		o.HTTPClient = &metered{o.HTTPClient, &s.meter}
		o.UsePathStyle = o.BaseEndpoint != nil
		o.DisableLogOutputChecksumValidationSkipped = true
		s.where = place{region: o.Region, endpoint: aws.ToString(o.BaseEndpoint)}
		o.EndpointResolverV2 = watched{o.EndpointResolverV2, s.quick}
	})
	s.quick.Options = s.client.Options()
}
