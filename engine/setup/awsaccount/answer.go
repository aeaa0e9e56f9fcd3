package awsaccount

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/keytrail/keytrail/engine/awsclient"
	"github.com/keytrail/keytrail/engine/setup"
)

// ask makes a call and notes what it answered, which an error is as well. A service that
// could not be reached in a Region is not asked there again: each try may last.
func (a *account) ask(ctx context.Context, call, region, about string, do func() (any, error)) error {
	service, _, _ := strings.Cut(call, ":")
	if fault := a.down[service+" "+region]; fault != nil {
		return a.refused(call, about, fault)
	}
	out, err := do()
	fault, err := faultOf(ctx, err)
	if err != nil {
		return err
	}
	if fault != nil {
		if fault.Code == unreachable {
			a.down[service+" "+region] = fault
		}
		return a.refused(call, about, fault)
	}
	members, err := membersOf(out)
	if err != nil {
		return err
	}
	return a.add(call, about, nil, members)
}

// refused notes that a call was answered by an error.
func (a *account) refused(call, about string, fault *setup.Fault) error {
	return a.add(call, about, fault, nil)
}

func (a *account) add(call, about string, fault *setup.Fault, members map[string]any) error {
	answer, err := setup.NewAnswer(call, about, fault, members)
	if err == nil {
		a.answers = append(a.answers, answer)
	}
	return err
}

// unreachable is the code of what no service said: it did not answer.
const unreachable = "Unreachable"

// faultOf is what an error tells. Its own error is that of somebody who does not want to
// go on.
func faultOf(ctx context.Context, err error) (*setup.Fault, error) {
	var api smithy.APIError
	var answer *awshttp.ResponseError
	switch {
	case err == nil:
		return nil, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, errEndless):
		return nil, err
	case errors.As(err, &api):
		return &setup.Fault{Code: api.ErrorCode(), Message: awsclient.Mask(api.ErrorMessage(), err)}, nil
	case errors.As(err, &answer) && answer.HTTPStatusCode() > 0:
		return &setup.Fault{Code: "HTTP " + answer.HTTPResponse().Status, Message: "an answer that is not of AWS"}, nil
	}
	return &setup.Fault{Code: unreachable, Message: awsclient.Innermost(err).Error()}, nil
}

// membersOf are the members of an answer as the AWS command line prints them: without
// what is not set and without what the SDK adds.
func membersOf(out any) (map[string]any, error) {
	data, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	delete(members, "ResultMetadata")
	prune(members)
	return members, nil
}

func prune(v any) {
	switch x := v.(type) {
	case map[string]any:
		for name, member := range x {
			if member == nil {
				delete(x, name)
				continue
			}
			prune(member)
		}
	case []any:
		for _, e := range x {
			prune(e)
		}
	}
}
