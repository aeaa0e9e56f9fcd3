package awsaccount

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// bucket asks how a bucket is set. It is mostly, not always, in its trail's Region.
func (a *account) bucket(ctx context.Context, name, region string) error {
	a.tell("bucket " + name)
	client := s3.NewFromConfig(a.cfg, func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
		if a.options.Endpoint != "" {
			o.BaseEndpoint = &a.options.Endpoint
		}
		o.UsePathStyle = o.BaseEndpoint != nil
	})
	elsewhere := func(o *s3.Options) {}
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil {
		if r := answer.Response.Header.Get("X-Amz-Bucket-Region"); r != "" {
			region, elsewhere = r, func(o *s3.Options) { o.Region = r }
		}
	}
	if fault, _ := faultOf(ctx, err); fault != nil && fault.Code == unreachable {
		a.down["s3 "+region] = fault
	}
	for _, call := range []struct {
		name string
		do   func() (any, error)
	}{
		{"s3:GetBucketPolicy", func() (any, error) {
			return client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetPublicAccessBlock", func() (any, error) {
			return client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetBucketEncryption", func() (any, error) {
			return client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetBucketVersioning", func() (any, error) {
			return client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetBucketLifecycleConfiguration", func() (any, error) {
			return client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetObjectLockConfiguration", func() (any, error) {
			return client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &name}, elsewhere)
		}},
		{"s3:GetBucketLogging", func() (any, error) {
			return client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: &name}, elsewhere)
		}},
	} {
		if err := a.ask(ctx, call.name, region, name, call.do); err != nil {
			return err
		}
	}
	return nil
}

// key asks for the policy of a key, whose ARN names its Region: that of the bucket, which
// need not be the home of the trail.
func (a *account) key(ctx context.Context, id, region string) error {
	a.tell("key " + id)
	if name, err := arn.Parse(id); err == nil && name.Region != "" {
		region = name.Region
	}
	return a.ask(ctx, "kms:GetKeyPolicy", region, id, func() (any, error) {
		return kms.NewFromConfig(a.cfg).GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &id}, func(o *kms.Options) {
			if region != "" {
				o.Region = region
			}
		})
	})
}

// tables lists the tables of each Region, as one answer.
func (a *account) tables(ctx context.Context) error {
	if !a.options.Tables {
		return nil
	}
	regions := slices.Concat([]string{a.cfg.Region}, a.options.TableRegions)
	for i, region := range regions {
		if slices.Contains(regions[:i], region) {
			continue
		}
		a.tell("tables of " + region)
		if err := a.ask(ctx, "dynamodb:ListTables", region, region, func() (any, error) { return a.tablesOf(ctx, region) }); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) tablesOf(ctx context.Context, region string) (map[string]any, error) {
	client := dynamodb.NewFromConfig(a.cfg, func(o *dynamodb.Options) { o.Region = region })
	names := []string{}
	in := &dynamodb.ListTablesInput{}
	for range maxPages {
		out, err := client.ListTables(ctx, in)
		if err != nil {
			return nil, err
		}
		names = append(names, out.TableNames...)
		last := aws.ToString(out.LastEvaluatedTableName)
		if last == "" {
			return map[string]any{"TableNames": names}, nil
		}
		if last == aws.ToString(in.ExclusiveStartTableName) {
			break
		}
		in.ExclusiveStartTableName = &last
	}
	return nil, errEndless
}

// errEndless ends an answer that is never complete, which is no answer.
var errEndless = errors.New("the list of tables has no end")
