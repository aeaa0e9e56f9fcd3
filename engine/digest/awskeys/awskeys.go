package awskeys

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/keytrail/keytrail/engine/digest"
)

// Options are what the AWS configuration does not say, or says otherwise. The zero
// value is good for most.
type Options struct {
	Profile    string // of the shared configuration files
	RoleARN    string // role to assume
	ExternalID string // to assume it with
}

const (
	defaultRegion = "us-east-1" // to assume a role in
	attempts      = 6           // AWS_MAX_ATTEMPTS overrides
	maxBackoff    = 10 * time.Second
	silence       = time.Minute // how long an answer may take
	maxPages      = 1000        // of one Region; a key lasts weeks, a page has several
)

// firstDigest is a time before CloudTrail signed anything. Names may say anything, and
// the service refuses times out of its range.
var firstDigest = time.Date(2015, 9, 1, 0, 0, 0, 0, time.UTC)

// Fetch adds to keys those that the Regions signed with in their times; now bounds
// them. Without Regions it asks nobody and needs no credentials.
func Fetch(ctx context.Context, keys *digest.Keys, regions []digest.Region, now time.Time, o Options) error {
	if len(regions) == 0 {
		return nil
	}
	cfg, err := load(ctx, o)
	if err != nil {
		return fmt.Errorf("%w: check the AWS configuration files and variables, or %s", err, offline)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return noCredentials(ctx, err)
	}
	client := cloudtrail.NewFromConfig(cfg)
	for _, r := range regions {
		if !regionName.MatchString(r.Name) {
			continue // a folder of some other name; no service answers for it
		}
		if err := list(ctx, client, keys, r, now); err != nil {
			return fail(ctx, r.Name, err)
		}
	}
	return nil
}

// regionName is the form of Regions' names. It keeps what somebody called a folder
// out of the name of the host that is asked.
var regionName = regexp.MustCompile(`^[a-z]{2,8}(-[a-z]{2,16}){1,3}-[0-9]{1,2}$`)

func load(ctx context.Context, o Options) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(silence)),
		config.WithLogger(logging.Nop{}), // what matters comes back as an error
	}
	if o.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, err
	}
	cfg.Region = cmp.Or(cfg.Region, defaultRegion)
	standard := retry.NewStandard(func(r *retry.StandardOptions) {
		r.MaxAttempts = cmp.Or(cfg.RetryMaxAttempts, attempts)
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

// list asks one Region, page by page.
func list(ctx context.Context, client *cloudtrail.Client, keys *digest.Keys, r digest.Region, now time.Time) error {
	from, to := span(r, now)
	in := &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to}
	for range maxPages {
		out, err := client.ListPublicKeys(ctx, in, func(o *cloudtrail.Options) { o.Region = r.Name })
		if err != nil {
			return err
		}
		for _, k := range out.PublicKeyList {
			err := keys.Add(digest.Key{Value: k.Value, Fingerprint: aws.ToString(k.Fingerprint),
				From: aws.ToTime(k.ValidityStartTime), To: aws.ToTime(k.ValidityEndTime)})
			if err != nil {
				return fmt.Errorf("key %q: %w", aws.ToString(k.Fingerprint), err)
			}
		}
		next := aws.ToString(out.NextToken)
		if next == "" {
			return nil
		}
		if next == aws.ToString(in.NextToken) {
			return fmt.Errorf("the answer after %q names itself as the next", next)
		}
		in.NextToken = &next
	}
	return fmt.Errorf("the list of keys has no end: gave up after %d pages", maxPages)
}

// span is the time to ask for.
func span(r digest.Region, now time.Time) (from, to time.Time) {
	from, to = r.From, r.To
	if to.IsZero() || to.After(now) {
		to = now
	}
	if to.Before(firstDigest) {
		to = firstDigest
	}
	if from.Before(firstDigest) {
		from = firstDigest
	}
	if !from.Before(to) {
		from = to.Add(-time.Hour)
	}
	return from.UTC(), to.UTC()
}
