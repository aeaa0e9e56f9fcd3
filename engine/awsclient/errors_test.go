package awsclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// What a server says back of the request's secrets is not said on.
func TestAnswerHidesSecrets(t *testing.T) {
	sent := http.Header{}
	sent.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=feedc0de")
	sent.Set("X-Amz-Security-Token", "t0ken")
	err := error(&awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 403, Request: &http.Request{Header: sent}}},
		Err:      &smithy.GenericAPIError{Code: "AccessDenied", Message: "you sent feedc0de with t0ken"},
	}})
	code, said, ok := Answer(fmt.Errorf("list: %w", err))
	if !ok || code != "AccessDenied" || said != "AccessDenied: you sent (hidden) with (hidden)" {
		t.Errorf("%v %q: %s", ok, code, said)
	}
	if _, _, ok := Answer(errors.New("no route to host")); ok {
		t.Error("an error of the network is taken for an answer")
	}
}

func TestInnermost(t *testing.T) {
	cause := errors.New("connection refused")
	if got := Innermost(fmt.Errorf("operation error: %w", fmt.Errorf("dial: %w", cause))); got != cause {
		t.Error(got)
	}
}

// A Region that nobody named is the default one, and the environment's goes before it.
func TestRegion(t *testing.T) {
	for name, value := range map[string]string{"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_REGION": "", "AWS_DEFAULT_REGION": ""} {
		t.Setenv(name, value)
	}
	cfg, err := Load(t.Context(), Options{DefaultRegion: "us-east-1"})
	if err != nil || cfg.Region != "us-east-1" {
		t.Errorf("%q, %v", cfg.Region, err)
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	cfg, err = Load(t.Context(), Options{DefaultRegion: "us-east-1", Attempts: 3})
	if err != nil || cfg.Region != "eu-west-1" || cfg.Retryer().MaxAttempts() != 3 {
		t.Errorf("%q, %v", cfg.Region, err)
	}
	if _, err := Load(t.Context(), Options{Profile: "nobody"}); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a profile that is not there: %v", err)
	}
}
