package awskeys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

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
	var api smithy.APIError
	var dns *net.DNSError
	var status *awshttp.ResponseError
	switch {
	case errors.As(err, &api):
		hint, kind = judge(api.ErrorCode())
		return &text{mask(strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": "), err), err}, hint, kind
	case errors.As(err, &dns):
		return &text{"no address for " + dns.Name, err}, "check the network, or " + offline, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		return &text{"connection refused", err}, "is AWS_ENDPOINT_URL right? Or " + offline, nil
	case errors.As(err, &status) && status.HTTPStatusCode() > 0:
		return &text{fmt.Sprintf("an answer (HTTP status %d) that is not CloudTrail's", status.HTTPStatusCode()), err},
			"is AWS_ENDPOINT_URL right? Or " + offline, nil
	}
	return &text{innermost(err).Error(), err}, "run again, or " + offline, nil
}

// mask takes out of a message what the request carried that nobody may see. CloudTrail
// does not repeat it, but not all that answers in its place is CloudTrail.
func mask(text string, err error) string {
	var status *awshttp.ResponseError
	if !errors.As(err, &status) || status.Response == nil || status.Response.Request == nil {
		return text
	}
	for _, name := range []string{"Authorization", "X-Amz-Security-Token"} {
		value := status.Response.Request.Header.Get(name)
		_, signature, _ := strings.Cut(value, "Signature=")
		for _, secret := range []string{value, signature} {
			if secret != "" {
				text = strings.ReplaceAll(text, secret, "(hidden)")
			}
		}
	}
	return text
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
		object.ErrCredentials, &text{innermost(err).Error(), err}, offline)
}

// text says in few words what an error of the SDK says in many.
type text struct {
	msg string
	err error
}

func (t *text) Error() string { return t.msg }
func (t *text) Unwrap() error { return t.err }

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
