// Package snstopic publishes to Amazon SNS.
package snstopic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"

	"github.com/keytrail/keytrail/engine/notify"
)

// Options say how to reach SNS, as those for buckets do.
type Options struct {
	Profile  string
	Endpoint string // URL of a compatible service
}

// Topic publishes to one topic.
type Topic struct{ client *sns.Client }

// New returns a publisher for a topic, whose ARN names its Region.
func New(ctx context.Context, topicARN string, o Options) (*Topic, error) {
	parts := strings.Split(topicARN, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[3] == "" || parts[5] == "" {
		return nil, fmt.Errorf("%q is no ARN of an SNS topic: arn:aws:sns:eu-west-1:111122223333:name", topicARN)
	}
	load := []func(*config.LoadOptions) error{config.WithRegion(parts[3])}
	if o.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, err
	}
	return &Topic{sns.NewFromConfig(cfg, func(s *sns.Options) {
		if o.Endpoint != "" {
			s.BaseEndpoint = aws.String(o.Endpoint)
		}
	})}, nil
}

// publishTimeout is the longest that the SDK may take, with all its tries: by itself it
// waits for an answer for ever.
const publishTimeout = time.Minute

// Publish implements [notify.Publisher]. The SDK tries again by itself what may
// succeed a moment later.
func (t *Topic) Publish(ctx context.Context, p notify.Publication) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	in := &sns.PublishInput{TopicArn: &p.TopicARN, Subject: &p.Subject, Message: &p.Message, MessageAttributes: map[string]types.MessageAttributeValue{}}
	for name, value := range p.Attributes {
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	if p.GroupID != "" {
		in.MessageGroupId, in.MessageDeduplicationId = &p.GroupID, &p.DeduplicationID
	}
	_, err := t.client.Publish(ctx, in)
	var fault smithy.APIError
	if errors.As(err, &fault) && fault.ErrorFault() == smithy.FaultClient && !passes(fault.ErrorCode()) {
		return &notify.Refused{Channel: "sns", Status: 400, Answer: notify.Plain(fault.ErrorCode()+" "+fault.ErrorMessage(), 200)}
	}
	return err
}

// passes reports whether a fault that SNS takes for the caller's is over by itself: too
// many requests, or credentials that have run out during a long night.
func passes(code string) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	_, again := retry.DefaultRetryableErrorCodes[code]
	return throttled || again || strings.Contains(code, "Throttl") || strings.Contains(code, "Expired")
}
