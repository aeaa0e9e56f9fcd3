package awsaccount

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/keytrail/keytrail/engine/setup"
)

// trails asks for all trails that log the account, those of other Regions and of its
// organization among them, and how each is set.
func (a *account) trails(ctx context.Context) ([]types.Trail, error) {
	client := cloudtrail.NewFromConfig(a.cfg)
	regions, err := a.regions(ctx, client)
	if err != nil {
		return nil, err
	}
	var all []types.Trail
	for _, region := range regions {
		a.tell("trails of " + region)
		out, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}, in(region))
		if err != nil {
			fault, err := faultOf(ctx, err)
			if err != nil {
				return nil, err
			}
			if unknownCaller(fault.Code) {
				return nil, fmt.Errorf("CloudTrail does not take the credentials: %w: sign in again, check AWS_PROFILE, and that the Region %s is switched on", fault, region)
			}
			if err := a.refused("cloudtrail:DescribeTrails", region, fault); err != nil {
				return nil, err
			}
			continue
		}
		for _, t := range out.TrailList {
			if !slices.ContainsFunc(all, func(o types.Trail) bool { return aws.ToString(o.TrailARN) == aws.ToString(t.TrailARN) }) {
				all = append(all, t)
			}
		}
	}
	return all, a.settings(ctx, client, all)
}

// regions are those with trails, that to begin in first. Who may not list trails
// everywhere sees those that log here.
func (a *account) regions(ctx context.Context, client *cloudtrail.Client) ([]string, error) {
	regions := []string{a.cfg.Region}
	in := &cloudtrail.ListTrailsInput{}
	for range maxPages {
		out, err := client.ListTrails(ctx, in)
		if err != nil {
			fault, err := faultOf(ctx, err)
			if err != nil {
				return nil, err
			}
			if fault.Code == unreachable {
				return nil, fmt.Errorf("CloudTrail in %s cannot be reached: %s: is the network there, and AWS_ENDPOINT_URL right?", a.cfg.Region, fault.Message)
			}
			return regions, a.refused("cloudtrail:ListTrails", "", fault)
		}
		for _, t := range out.Trails {
			if home := aws.ToString(t.HomeRegion); home != "" && !slices.Contains(regions, home) {
				regions = append(regions, home)
			}
		}
		next := aws.ToString(out.NextToken)
		if next == "" {
			return regions, nil
		}
		if next == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = &next
	}
	return nil, errors.New("CloudTrail's list of trails has no end")
}

// settings asks each trail's home for its settings. The answer of DescribeTrails gets
// beside each name whether the trail is logging.
func (a *account) settings(ctx context.Context, client *cloudtrail.Client, trails []types.Trail) error {
	logging := map[string]bool{}
	for _, t := range trails {
		arn, home := aws.ToString(t.TrailARN), in(aws.ToString(t.HomeRegion))
		a.tell(arn)
		for _, call := range []struct {
			name string
			do   func() (any, error)
		}{
			{"cloudtrail:GetTrailStatus", func() (any, error) {
				status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn}, home)
				if err == nil {
					logging[arn] = aws.ToBool(status.IsLogging)
				}
				return status, err
			}},
			{"cloudtrail:GetEventSelectors", func() (any, error) {
				return client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn}, home)
			}},
			{"cloudtrail:GetInsightSelectors", func() (any, error) {
				return client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: &arn}, home)
			}},
		} {
			if err := a.ask(ctx, call.name, aws.ToString(t.HomeRegion), arn, call.do); err != nil {
				return err
			}
		}
	}
	return a.describe(trails, logging)
}

func (a *account) describe(trails []types.Trail, logging map[string]bool) error {
	if len(trails) == 0 && slices.ContainsFunc(a.answers, func(x setup.Answer) bool { return x.Call == "cloudtrail:DescribeTrails" }) {
		return nil // refused, which is no list without trails
	}
	list := make([]any, len(trails))
	for i := range trails {
		members, err := membersOf(&trails[i])
		if err != nil {
			return err
		}
		if is, known := logging[aws.ToString(trails[i].TrailARN)]; known {
			members["IsLogging"] = is
		}
		list[i] = members
	}
	answer, err := setup.NewAnswer("cloudtrail:DescribeTrails", "", nil, map[string]any{"trailList": list})
	a.answers = append(a.answers, answer)
	return err
}

func in(region string) func(*cloudtrail.Options) {
	return func(o *cloudtrail.Options) {
		if region != "" {
			o.Region = region
		}
	}
}

// unknownCaller tells the codes of a service that does not know who asks.
func unknownCaller(code string) bool {
	switch code {
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return true
	}
	return false
}
