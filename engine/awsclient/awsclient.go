// Package awsclient is what clients of AWS services have in common: how the configuration
// is read and a role assumed, and how an error of the SDK is said in few words.
//
// Each service's package has its own hints about what to do; the object store has its own
// transport, too, since it moves more than a few answers.
package awsclient

import (
	"cmp"
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// Options are what the AWS configuration does not say, or says otherwise. The zero value
// is good for most.
type Options struct {
	Profile    string // of the shared configuration files
	Region     string
	RoleARN    string // role to assume
	ExternalID string // to assume it with
	// DefaultRegion is taken where nobody names one, to assume a role in, for example;
	// empty: the configuration is returned without.
	DefaultRegion string
	// Attempts is how often a call is tried, unless AWS_MAX_ATTEMPTS says; 0 is 6.
	Attempts int
}

const (
	attempts   = 6
	maxBackoff = 10 * time.Second
	silence    = 30 * time.Second // how long an answer may take
)

// Load reads the AWS configuration and puts o on top of it. Nobody is asked yet. The SDK
// logs nothing: what matters comes back as an error.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(silence)),
		config.WithLogger(logging.Nop{}),
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
	cfg.Region = cmp.Or(cfg.Region, o.DefaultRegion)
	standard := retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = cmp.Or(cfg.RetryMaxAttempts, o.Attempts, attempts)
		r.MaxBackoff = maxBackoff
	})
	cfg.Retryer = func() aws.Retryer { return standard }
	if o.RoleARN != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), o.RoleARN, func(r *stscreds.AssumeRoleOptions) {
			r.RoleSessionName = "keytrail"
			if o.ExternalID != "" {
				r.ExternalID = &o.ExternalID
			}
		})
		cfg.Credentials = aws.NewCredentialsCache(role)
	}
	return cfg, nil
}
