package awsclient

import (
	"errors"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
)

// Fault is an error of the SDK said in few words. It unwraps to the SDK's.
type Fault struct {
	Msg string
	Err error
}

func (f *Fault) Error() string { return f.Msg }
func (f *Fault) Unwrap() error { return f.Err }

// Answer is what a service said: its code and message, without the secrets of the request.
// ok is false for errors that are no service's.
func Answer(err error) (code, text string, ok bool) {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return "", "", false
	}
	return api.ErrorCode(), Mask(strings.TrimSuffix(api.ErrorCode()+": "+api.ErrorMessage(), ": "), err), true
}

// Mask takes out of a text what the request carried that nobody may see. AWS does not
// repeat it, but not all that answers in its place is AWS.
func Mask(text string, err error) string {
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) || answer.Response == nil || answer.Response.Request == nil {
		return text
	}
	return MaskSent(text, answer.Response.Request.Header)
}

// MaskSent is [Mask] where the headers of the request are at hand.
func MaskSent(text string, sent http.Header) string {
	for _, name := range []string{"Authorization", "X-Amz-Security-Token"} {
		value := sent.Get(name)
		_, signature, _ := strings.Cut(value, "Signature=")
		for _, secret := range []string{value, signature} {
			if secret != "" {
				text = strings.ReplaceAll(text, secret, "(hidden)")
			}
		}
	}
	return text
}

// Innermost is the error that all others are wrapped around: the SDK wraps many times.
func Innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
