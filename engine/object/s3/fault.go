package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/keytrail/keytrail/engine/awsclient"
	"github.com/keytrail/keytrail/engine/object"
)

// cause is what went wrong, in few words, with one of package object's errors
// and the SDK's own below it.
type cause struct {
	kind error // may be nil
	text string
	err  error
}

func (c *cause) Error() string {
	if c.kind == nil {
		return c.text
	}
	return fmt.Sprintf("%v (%s)", c.kind, c.text)
}

func (c *cause) Unwrap() []error {
	if c.kind == nil {
		return []error{c.err}
	}
	return []error{c.kind, c.err}
}

// fail turns an error of the SDK into one that names the operation, the object,
// the cause and what to do about it. It never holds credentials: the service's
// messages name keys at most by id, see also mask.
func (s *Store) fail(ctx context.Context, op, key string, err error) error {
	var known *object.Error
	if errors.As(err, &known) {
		return err
	}
	if ctx.Err() != nil {
		return &object.Error{Op: op, Key: key, Err: ctx.Err()}
	}
	e := &object.Error{Op: op, Key: key, Err: err}
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		hint, kind := s.judge(op, api.ErrorCode(), statusOf(err), api.ErrorMessage())
		e.Err, e.Hint = &cause{kind: kind, text: describe(api, err), err: err}, hint
	case statusOf(err) >= http.StatusMultipleChoices: // below, the answer broke off
		hint, kind := s.judge(op, "", statusOf(err), "")
		e.Err, e.Hint = &cause{kind: kind, text: fmt.Sprintf("HTTP status %d", statusOf(err)), err: err}, hint
	default:
		e.Hint, e.Err = s.unreachable(err)
	}
	return e
}

// judge says what kind of fault a code of the service is, and what to do ("Amazon
// S3 API Reference, Error responses"). Answers to HEAD have no code but a status.
func (s *Store) judge(op, code string, status int, message string) (hint string, kind error) {
	switch code {
	case "NoSuchKey", "NotFound", "NoSuchVersion":
		return "", object.ErrNotExist
	case "NoSuchBucket":
		return fmt.Sprintf("check the bucket's name (%s) and the account or endpoint asked", s.bucket), object.ErrNoStore
	case "InvalidBucketName":
		return "bucket names have 3 to 63 lower-case letters, digits, dots and hyphens", object.ErrNoStore
	case "InvalidObjectState":
		return "restore it first (aws s3api restore-object), then run again", object.ErrArchived
	case "PreconditionFailed", "ConditionalRequestConflict":
		if op == "put" {
			return "", object.ErrCondition
		}
		return "", object.ErrChanged
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired":
		return "they have expired: sign in again (aws sso login) or fetch new ones", object.ErrCredentials
	case "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken":
		return "the service does not know them: check AWS_PROFILE, AWS_ACCESS_KEY_ID and the endpoint", object.ErrCredentials
	case "SignatureDoesNotMatch":
		return "the secret key does not fit the access key: check both", object.ErrCredentials
	case "RequestTimeTooSkewed":
		return "this machine's clock is off by more than 15 minutes: set it", object.ErrCredentials
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return "the bucket is in another Region: set AWS_REGION to it", nil
	case "SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "ThrottlingException":
		return "the store asks to slow down, also after many retries: run again later, or with fewer --jobs", nil
	}
	switch {
	case strings.HasPrefix(code, "KMS."):
		return "the KMS key of the object cannot be used: check that it is enabled and that we may use it", object.ErrDenied
	case code == "AccessDenied", code == "Forbidden", code == "AllAccessDisabled", status == http.StatusForbidden:
		return s.permission(op, message), object.ErrDenied
	case status == http.StatusNotFound:
		return "", object.ErrNotExist
	case status == http.StatusPreconditionFailed && op == "put":
		return "", object.ErrCondition
	case status == http.StatusPreconditionFailed:
		return "", object.ErrChanged
	}
	return "", nil
}

// permission names the IAM action that an operation needs.
func (s *Store) permission(op, message string) string {
	bucket := "arn:aws:s3:::" + s.bucket
	objects := bucket + "/" + s.prefix + "*"
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		if strings.Contains(message, action) {
			return "allow " + action + " on the KMS key of the bucket"
		}
	}
	switch op {
	case "list":
		return "allow s3:ListBucket on " + bucket
	case "put":
		return "allow s3:PutObject on " + objects + ", and kms:GenerateDataKey on its KMS key if it has one"
	case "delete":
		return "allow s3:DeleteObject on " + objects
	}
	return "allow s3:GetObject on " + objects + ", and kms:Decrypt on its KMS key if it has one"
}

// unreachable explains why there was no answer.
func (s *Store) unreachable(err error) (hint string, why error) {
	where := "the Region's endpoint"
	if s.where.endpoint != "" {
		where = "the endpoint " + redact(s.where.endpoint)
	}
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "check the network, the Region and AWS_ENDPOINT_URL", &cause{text: "no address for " + dns.Name, err: err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing answers at " + where + ": is it running, is AWS_ENDPOINT_URL right?", &cause{text: "connection refused", err: err}
	case isCredentials(err):
		return "sign in again or fetch new ones", &cause{kind: object.ErrCredentials, text: innermost(err).Error(), err: err}
	}
	return "", &cause{text: innermost(err).Error(), err: err}
}

// noCredentials explains why there are none.
func noCredentials(ctx context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return &object.Error{Op: "open", Key: url, Err: ctx.Err()}
	}
	hint := "none found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run under a role"
	text := innermost(err).Error()
	var api smithy.APIError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns), errors.Is(err, syscall.ECONNREFUSED):
		hint = "the service that issues them cannot be reached: check the network, the Region and AWS_ENDPOINT_URL"
	case errors.As(err, &api):
		text = describe(api, err)
		hint = "the role could not be assumed: check its ARN, its trust policy and that we may call sts:AssumeRole"
		if strings.Contains(api.ErrorCode(), "Expired") {
			hint = "they have expired: sign in again (aws sso login) or fetch new ones"
		}
	case strings.Contains(err.Error(), "SSO"), strings.Contains(err.Error(), "sso"):
		hint = "sign in again: aws sso login"
	}
	return &object.Error{Op: "open", Key: url, Hint: hint, Err: &cause{kind: object.ErrCredentials, text: text, err: err}}
}

// isCredentials reports whether a request was not sent for want of credentials.
func isCredentials(err error) bool {
	return strings.Contains(err.Error(), "get identity: ") || strings.Contains(err.Error(), "failed to refresh cached credentials")
}

// describe is the service's code and message, with the request's id for a
// support case.
func describe(api smithy.APIError, err error) string {
	text := api.ErrorCode()
	if m := api.ErrorMessage(); m != "" && m != text {
		text += ": " + m
	}
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return oneLine(text)
	}
	if response.ServiceRequestID() != "" {
		text += ", request " + response.ServiceRequestID()
	}
	if response.Response != nil && response.Response.Response != nil && response.Response.Request != nil {
		text = awsclient.MaskSent(text, response.Response.Request.Header)
	}
	return oneLine(text)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// innermost is the first cause of all: the SDK wraps it in many words, and joins
// it with why it does not try again.
func innermost(err error) error {
	for {
		below := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			below = joined.Unwrap()[0]
		}
		if below == nil {
			return err
		}
		err = below
	}
}

func statusOf(err error) int {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// regionOf is the bucket's Region if the service named it in a refusal.
func regionOf(err error) string {
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.Response != nil && response.Response.Response != nil {
		return response.Response.Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}

// redact drops a password from an endpoint's URL.
func redact(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "that was set"
	}
	return u.Redacted()
}
