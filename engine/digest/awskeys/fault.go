package awskeys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/keytrail/keytrail/engine/awsclient"
	"github.com/keytrail/keytrail/engine/object"
)

// offline is what can be done without an answer.
const offline = `work offline: save the output of "aws cloudtrail list-public-keys" where it can be had, and name that file with --public-keys`

// fail turns an error of the SDK into one that names the Region, the cause and what
// to do about it.
func fail(ctx context.Context, region string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	why, hint, kind := explain(err)
	if kind != nil {
		why = fmt.Errorf("%w (%w)", kind, why)
	}
	return fmt.Errorf("public keys of %s: %w: %s", region, why, hint)
}

func explain(err error) (why error, hint string, kind error) {
	var dns *net.DNSError
	var status *awshttp.ResponseError
	code, said, answered := awsclient.Answer(err)
	switch {
	case answered:
		hint, kind = judge(code)
		return &awsclient.Fault{Msg: said, Err: err}, hint, kind
	case errors.As(err, &dns):
		return &awsclient.Fault{Msg: "no address for " + dns.Name, Err: err}, "check the network, or " + offline, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return &awsclient.Fault{Msg: "connection refused", Err: err}, "is AWS_ENDPOINT_URL right? Or " + offline, nil
	case errors.As(err, &status) && status.HTTPStatusCode() > 0:
		return &awsclient.Fault{Msg: fmt.Sprintf("an answer (HTTP status %d) that is not CloudTrail's", status.HTTPStatusCode()), Err: err},
			"is AWS_ENDPOINT_URL right? Or " + offline, nil
	}
	return &awsclient.Fault{Msg: awsclient.Innermost(err).Error(), Err: err}, "run again, or " + offline, nil
}

// judge says what to do about a code of the service ("CloudTrail API Reference,
// Common Errors").
func judge(code string) (hint string, kind error) {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized":
		return "allow cloudtrail:ListPublicKeys on *, or " + offline, object.ErrDenied
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return "they have expired: sign in again (aws sso login), or " + offline, object.ErrCredentials
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return "check AWS_PROFILE and the keys, and that the Region is switched on for the account; or " + offline, object.ErrCredentials
	case "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded":
		return "also after several tries: run again later, or " + offline, nil
	}
	return "run again, or " + offline, nil
}

func noCredentials(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("public keys: %w (%w): sign in, set AWS_PROFILE, or run under a role that may call cloudtrail:ListPublicKeys; or %s",
		object.ErrCredentials, &awsclient.Fault{Msg: awsclient.Innermost(err).Error(), Err: err}, offline)
}
