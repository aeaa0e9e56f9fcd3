package awskeys

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/keytrail/keytrail/engine/awsclient"
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
	cfg, err := awsclient.Load(ctx, awsclient.Options{Profile: o.Profile, RoleARN: o.RoleARN, ExternalID: o.ExternalID, DefaultRegion: defaultRegion})
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
