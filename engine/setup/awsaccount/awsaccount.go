package awsaccount

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/keytrail/keytrail/engine/awsclient"
	"github.com/keytrail/keytrail/engine/setup"
)

// Options are what the AWS configuration does not say, or says otherwise. The zero value
// is good for most.
type Options struct {
	Profile    string // of the shared configuration files
	Region     string // to begin in
	RoleARN    string // role to assume
	ExternalID string // to assume it with
	Endpoint   string // of S3
	Tables     bool   // list the tables of the Region, too

	// TableRegions are further Regions whose tables are listed.
	TableRegions []string

	// Progress is told what is being asked; may be nil.
	Progress func(what string)
}

const (
	defaultRegion = "us-east-1"
	maxPages      = 1000
)

// account is an account being asked.
type account struct {
	cfg     aws.Config
	options Options
	answers []setup.Answer
	down    map[string]*setup.Fault // by service and Region: why it cannot be reached
}

// Ask asks for everything about the account's trails, and what they deliver to. It fails
// when CloudTrail cannot be reached or does not know who asks; what is refused, and which
// other service cannot be reached, is among the answers.
func Ask(ctx context.Context, o Options) ([]setup.Answer, error) {
	cfg, err := load(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%w: check the AWS configuration files and variables", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("no AWS credentials: %w: sign in, set AWS_PROFILE, or judge saved answers with --saved", awsclient.Innermost(err))
	}
	a := &account{cfg: cfg, options: o, down: map[string]*setup.Fault{}}
	if err := a.ask(ctx, "sts:GetCallerIdentity", cfg.Region, "", func() (any, error) {
		return sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	}); err != nil {
		return nil, err
	}
	trails, err := a.trails(ctx)
	if err != nil {
		return nil, err
	}
	buckets, keys := map[string]bool{}, map[string]bool{}
	for _, t := range trails {
		if name := aws.ToString(t.S3BucketName); name != "" && !buckets[name] {
			buckets[name] = true
			if err := a.bucket(ctx, name, aws.ToString(t.HomeRegion)); err != nil {
				return nil, err
			}
		}
		if id := aws.ToString(t.KmsKeyId); id != "" && !keys[id] {
			keys[id] = true
			if err := a.key(ctx, id, aws.ToString(t.HomeRegion)); err != nil {
				return nil, err
			}
		}
	}
	if err := a.tables(ctx); err != nil {
		return nil, err
	}
	return a.answers, nil
}

// load reads the configuration. Few tries will do: what does not answer is noted as that.
func load(ctx context.Context, o Options) (aws.Config, error) {
	return awsclient.Load(ctx, awsclient.Options{
		Profile: o.Profile, Region: o.Region, RoleARN: o.RoleARN, ExternalID: o.ExternalID, DefaultRegion: defaultRegion, Attempts: 3,
	})
}

func (a *account) tell(what string) {
	if a.options.Progress != nil {
		a.options.Progress(what)
	}
}
