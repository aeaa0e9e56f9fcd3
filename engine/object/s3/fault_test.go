package s3

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// TestRefusals checks that what the service refuses with is told in one line,
// with its kind and what to do.
func TestRefusals(t *testing.T) {
	var status int
	var code, message string
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if status == 0 {
			return false
		}
		if r.Method == http.MethodHead {
			w.WriteHeader(status)
			return true
		}
		refuse(w, status, code, message)
		return true
	})
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	s := f.open(t, Options{})
	ops := map[string]func() error{
		"list": func() error { return s.List(t.Context(), "p/", nil) },
		"open": func() error { _, err := s.Open(t.Context(), object.Info{Key: "k"}); return err },
		"file": func() error { _, err := s.OpenAt(t.Context(), "k"); return err },
		"put": func() error {
			_, err := s.Put(t.Context(), "k", strings.NewReader("x"), 1, object.Condition{IfAbsent: true})
			return err
		},
		"delete": func() error { return s.Delete(t.Context(), "k") },
	}
	for _, c := range []struct {
		op, code string
		status   int
		message  string
		want     error
		hint     string
	}{
		{"list", "AccessDenied", 403, "Access Denied", object.ErrDenied, "allow s3:ListBucket on arn:aws:s3:::bucket"},
		{"open", "AccessDenied", 403, "Access Denied", object.ErrDenied, "allow s3:GetObject on arn:aws:s3:::bucket/root/*"},
		{"open", "AccessDenied", 403, "User: arn:aws:iam::1:user/x is not authorized to perform: kms:Decrypt on resource", object.ErrDenied, "allow kms:Decrypt"},
		{"open", "KMS.DisabledException", 400, "key is disabled", object.ErrDenied, "KMS key"},
		{"file", "AccessDenied", 403, "Access Denied", object.ErrDenied, "allow s3:GetObject"},
		{"put", "AccessDenied", 403, "Access Denied", object.ErrDenied, "allow s3:PutObject"},
		{"delete", "AccessDenied", 403, "Access Denied", object.ErrDenied, "allow s3:DeleteObject"},
		{"list", "NoSuchBucket", 404, "The specified bucket does not exist", object.ErrNoStore, "bucket's name (bucket)"},
		{"open", "NoSuchBucket", 404, "The specified bucket does not exist", object.ErrNoStore, "bucket's name"},
		{"open", "NoSuchKey", 404, "The specified key does not exist.", object.ErrNotExist, ""},
		{"file", "NoSuchKey", 404, "The specified key does not exist.", object.ErrNotExist, ""},
		{"open", "InvalidObjectState", 403, "The operation is not valid for the object's storage class", object.ErrArchived, "restore"},
		{"open", "PreconditionFailed", 412, "At least one precondition", object.ErrChanged, ""},
		{"put", "PreconditionFailed", 412, "At least one precondition", object.ErrCondition, ""},
		{"put", "ConditionalRequestConflict", 409, "conflict", object.ErrCondition, ""},
		{"list", "ExpiredToken", 400, "The provided token has expired.", object.ErrCredentials, "expired"},
		{"list", "InvalidAccessKeyId", 403, "does not exist in our records", object.ErrCredentials, "AWS_PROFILE"},
		{"list", "SignatureDoesNotMatch", 403, "The request signature we calculated", object.ErrCredentials, "secret key"},
		{"list", "RequestTimeTooSkewed", 403, "The difference", object.ErrCredentials, "clock"},
		{"list", "PermanentRedirect", 301, "must be addressed using", nil, "AWS_REGION"},
		{"open", "SlowDown", 503, "Please reduce your request rate.", nil, "slow down"},
		{"open", "InternalError", 500, "We encountered\nan internal error.", nil, ""},
	} {
		t.Run(c.op+" "+c.code, func(t *testing.T) {
			status, code, message = c.status, c.code, c.message
			err := ops[c.op]()
			var e *object.Error
			if !errors.As(err, &e) || e.Op == "" || e.Key == "" {
				t.Fatalf("no object.Error: %v", err)
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if !strings.Contains(e.Hint, c.hint) || (c.hint == "") != (e.Hint == "") {
				t.Errorf("hint %q, want %q", e.Hint, c.hint)
			}
			text := err.Error()
			if strings.ContainsAny(text, "\n") || len(text) > 400 {
				t.Errorf("not one line: %q", text)
			}
			if strings.Contains(text, testSecret) || strings.Contains(text, testToken) {
				t.Errorf("holds a secret: %q", text)
			}
			if c.want != object.ErrCondition && !strings.Contains(text, "REQ1") {
				t.Errorf("does not name the request: %q", text)
			}
		})
	}
}

// A listing that is denied as a whole may be allowed for a part: Open goes on.
// Anything else that the first request is told ends it.
func TestOpenTellsEarly(t *testing.T) {
	for code, want := range map[string]error{
		"AccessDenied": nil, "NoSuchBucket": object.ErrNoStore, "ExpiredToken": object.ErrCredentials,
	} {
		newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
			refuse(w, http.StatusForbidden, code, "no")
			return true
		})
		if _, err := Open(t.Context(), "s3://bucket", Options{}); !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, url := range []string{"", "bucket", "s3://", "s3:///x", "gs://b/x"} {
		if _, err := Open(t.Context(), url, Options{}); err == nil || !strings.Contains(err.Error(), "s3://bucket/prefix") {
			t.Errorf("open %q: %v", url, err)
		}
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens there now
	environment(t, "http://user:hunter2@"+l.Addr().String())
	start := time.Now()
	_, err = Open(t.Context(), "s3://bucket", Options{})
	if err == nil || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("a closed port: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the message holds a password: %v", err)
	}
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("took %v to say so", took)
	}
}

func TestNoCredentials(t *testing.T) {
	environment(t, "")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := Open(t.Context(), "s3://bucket", Options{})
	if !errors.Is(err, object.ErrCredentials) || !strings.Contains(err.Error(), "set AWS_PROFILE") {
		t.Errorf("without credentials: %v", err)
	}
	_, err = Open(t.Context(), "s3://bucket", Options{Profile: "nobody"})
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("with a profile that is not there: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, "s3://bucket", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
