package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keytrail/keytrail/engine/object"
)

// trip is an HTTP client that asks nobody.
type trip func(*http.Request) *http.Response

func (f trip) Do(r *http.Request) (*http.Response, error) {
	response := f(r)
	response.Request = r
	if response.Header == nil {
		response.Header = http.Header{}
	}
	return response, nil
}

func respond(status int, text string) *http.Response {
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text))}
}

// TestRegionIsFound: without a Region the first request goes to us-east-1, and
// the refusal says where the bucket is.
func TestRegionIsFound(t *testing.T) {
	for _, c := range []struct {
		region string // that is configured
		status int
		code   string
	}{
		{"", http.StatusMovedPermanently, "PermanentRedirect"},
		{"", http.StatusBadRequest, "AuthorizationHeaderMalformed"},
		{"us-west-2", http.StatusMovedPermanently, "PermanentRedirect"},
		{"", http.StatusForbidden, "AccessDenied"},
	} {
		t.Run(c.region+" "+c.code, func(t *testing.T) {
			environment(t, "")
			t.Setenv("AWS_REGION", c.region)
			cfg, err := load(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var hosts []string
			cfg.HTTPClient = trip(func(r *http.Request) *http.Response {
				hosts = append(hosts, r.URL.Host)
				if !strings.Contains(r.URL.Host, "eu-south-2") {
					refusal := respond(c.status, "<Error><Code>"+c.code+"</Code></Error>")
					refusal.Header = http.Header{"X-Amz-Bucket-Region": {"eu-south-2"}}
					return refusal
				}
				return respond(http.StatusOK, page(""))
			})
			s, err := open(t.Context(), "s3://bucket/p", Options{}, cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.List(t.Context(), "", nil); err != nil {
				t.Error(err)
			}
			first := map[string]string{"": "us-east-1"}[c.region] + c.region
			want := fmt.Sprintf("[bucket.s3.%s.amazonaws.com bucket.s3.eu-south-2.amazonaws.com bucket.s3.eu-south-2.amazonaws.com]", first)
			if fmt.Sprint(hosts) != want {
				t.Errorf("asked %v, not %v", hosts, want)
			}
		})
	}
}

func TestOptionsReachTheService(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Header.Get("X-Amz-Request-Payer") != "requester":
			t.Errorf("%s %s does not pay", r.Method, r.URL)
		case r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333":
			t.Errorf("%s %s does not name the owner", r.Method, r.URL)
		case !strings.HasPrefix(r.URL.Path, "/bucket"):
			t.Errorf("%s %s has no bucket in its path", r.Method, r.URL)
		case isGet(r):
			serve(w, r, body, `"v1"`, -1)
		case isPut(r):
			io.Copy(io.Discard, r.Body)
			if r.Header.Get("X-Amz-Server-Side-Encryption") != "aws:kms" ||
				r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") != "key-1" {
				t.Errorf("put without encryption: %v", r.Header)
			}
			w.Header().Set("ETag", `"v2"`)
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		default:
			return false
		}
		return true
	})
	endpoint := f.URL
	t.Setenv("AWS_ENDPOINT_URL", "")
	s := f.open(t, Options{RequestPayer: true, ExpectedBucketOwner: "111122223333",
		SSE: "aws:kms", SSEKMSKeyID: "key-1", Endpoint: endpoint})
	if data, err := readAll(t, s, object.Info{Key: "k"}); err != nil || !bytes.Equal(data, body) {
		t.Errorf("open: %v", err)
	}
	if file, err := s.OpenAt(t.Context(), "k"); err != nil {
		t.Error(err)
	} else {
		file.Close()
	}
	if etag, err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, object.Condition{}); err != nil || etag != `"v2"` {
		t.Errorf("put: %s, %v", etag, err)
	}
	if _, _, err := s.Children(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if err := s.Delete(t.Context(), "k"); err != nil {
		t.Error(err)
	}
	if n := len(f.seen()); n != 5 {
		t.Errorf("%d requests, not 5", n)
	}
}

func TestRole(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			if !strings.Contains(r.Header.Get("Authorization"), "Credential=ROLEKEY/") {
				t.Errorf("signed by %s", r.Header.Get("Authorization"))
			}
			return false
		}
		r.ParseForm()
		if r.Form.Get("RoleArn") != "arn:aws:iam::111122223333:role/reader" {
			refuse(w, http.StatusForbidden, "AccessDenied", "not authorized to perform sts:AssumeRole")
			return true
		}
		if r.Form.Get("ExternalId") != "external" || r.Form.Get("RoleSessionName") != "keytrail" {
			t.Errorf("asked for the role with %v", r.Form)
		}
		io.WriteString(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
			`<AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>`+
			`<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
		return true
	})
	s := f.open(t, Options{RoleARN: "arn:aws:iam::111122223333:role/reader", ExternalID: "external"})
	if err := s.List(t.Context(), "", nil); err != nil {
		t.Error(err)
	}
	_, err := Open(t.Context(), "s3://bucket", Options{RoleARN: "arn:aws:iam::111122223333:role/other"})
	if !errors.Is(err, object.ErrCredentials) || !strings.Contains(err.Error(), "trust policy") {
		t.Errorf("a role that is not ours: %v", err)
	}
}

// Credentials that end in the middle of a run are told apart from a denial.
func TestCredentialsEnd(t *testing.T) {
	f := newFake(t, func(http.ResponseWriter, *http.Request) bool { return false })
	cfg, err := load(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		if ended {
			return aws.Credentials{}, errors.New("the session has ended")
		}
		return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: testSecret}, nil
	})
	s, err := open(t.Context(), "s3://bucket", Options{Endpoint: f.URL}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ended = true
	_, err = s.Open(t.Context(), object.Info{Key: "k"})
	if !errors.Is(err, object.ErrCredentials) || !strings.Contains(err.Error(), "the session has ended") {
		t.Errorf("after the end: %v", err)
	}
}
