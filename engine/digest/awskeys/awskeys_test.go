package awskeys

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/digest/digesttest"
	"github.com/keytrail/keytrail/engine/object"
)

var now = time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)

// request is what the service gets to see.
type request struct {
	StartTime, EndTime float64
	NextToken          string
	scope              string // of the signature: day/region/service
}

// service stands in for CloudTrail: awsJson1.1 over HTTP.
func service(t *testing.T, answer func(w http.ResponseWriter, r request)) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var in request
		if err == nil {
			err = json.Unmarshal(body, &in)
		}
		if target := r.Header.Get("X-Amz-Target"); err != nil || !strings.HasSuffix(target, "CloudTrail_20131101.ListPublicKeys") {
			t.Errorf("asked for %q with %s: %v", target, body, err)
		}
		if c := r.Header.Get("Content-Type"); c != "application/x-amz-json-1.1" {
			t.Errorf("content type %q", c)
		}
		_, in.scope, _ = strings.Cut(r.Header.Get("Authorization"), "Credential=AKIAEXAMPLE/")
		in.scope, _, _ = strings.Cut(in.scope, ",")
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		answer(w, in)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	isolate(t)
}

// isolate keeps this machine's configuration and network out.
func isolate(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_PROFILE": "", "AWS_REGION": "",
	} {
		t.Setenv(name, value)
	}
}

func jsonKey(der []byte) string {
	return fmt.Sprintf(`{"Value":%q,"ValidityStartTime":1.7723232E9,"ValidityEndTime":1.7750016E9}`, base64.StdEncoding.EncodeToString(der))
}

func newDER(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return x509.MarshalPKCS1PublicKey(&key.PublicKey)
}

func regions(names ...string) (rs []digest.Region) {
	for _, name := range names {
		rs = append(rs, digest.Region{Name: name, From: digesttest.Start, To: digesttest.Start.AddDate(1, 0, 0)})
	}
	return rs
}

// Every page of every Region is fetched, signed for that Region, also when the
// service asks to slow down; and what is kept can be read back.
func TestFetchDigestKeys(t *testing.T) {
	ders := [][]byte{digesttest.DER(), newDER(t), newDER(t)}
	var asked []request
	throttled := false
	service(t, func(w http.ResponseWriter, r request) {
		asked = append(asked, r)
		switch {
		case !throttled:
			throttled = true
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		case r.NextToken == "":
			fmt.Fprintf(w, `{"PublicKeyList":[%s],"NextToken":"page 2"}`, jsonKey(ders[0]))
		case r.NextToken == "page 2":
			fmt.Fprintf(w, `{"PublicKeyList":[%s],"NextToken":"page 3"}`, jsonKey(ders[1]))
		default:
			fmt.Fprintf(w, `{"PublicKeyList":[%s]}`, jsonKey(ders[2]))
		}
	})
	keys := new(digest.Keys)
	if err := Fetch(t.Context(), keys, regions("eu-west-1", "us-gov-west-1", "evil.example/#"), now, Options{}); err != nil {
		t.Fatal(err)
	}
	if keys.Len() != 3 || len(asked) != 7 {
		t.Fatalf("%d keys from %d requests", keys.Len(), len(asked))
	}
	for i, want := range []string{"eu-west-1", "eu-west-1", "eu-west-1", "eu-west-1", "us-gov-west-1"} {
		if r := asked[i]; !strings.Contains(r.scope, "/"+want+"/cloudtrail/") || r.StartTime != float64(digesttest.Start.Unix()) || r.EndTime != float64(now.Unix()) {
			t.Errorf("request %d: %+v", i, r)
		}
	}
	var saved, again strings.Builder
	if err := keys.Write(&saved); err != nil {
		t.Fatal(err)
	}
	read, err := digest.ReadKeys(strings.NewReader(saved.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Write(&again); err != nil || again.String() != saved.String() || !strings.Contains(saved.String(), "2026-03-01T00:00:00Z") {
		t.Errorf("%v: kept\n%s\nread back\n%s", err, saved.String(), again.String())
	}
}

func TestFetchDigestKeysFails(t *testing.T) {
	good := jsonKey(digesttest.DER())
	cases := map[string]struct {
		status int
		body   string
		kind   error
		says   string
	}{
		"denied":      {400, `{"__type":"AccessDeniedException","message":"User is not authorized to perform: cloudtrail:ListPublicKeys"}`, object.ErrDenied, "allow cloudtrail:ListPublicKeys"},
		"unknown":     {400, `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`, object.ErrCredentials, "AWS_PROFILE"},
		"expired":     {400, `{"__type":"ExpiredTokenException"}`, object.ErrCredentials, "sign in again"},
		"throttled":   {400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`, nil, "run again later"},
		"other error": {400, `{"__type":"InvalidTimeRangeException","message":"no such time"}`, nil, "InvalidTimeRangeException: no such time"},
		"broken":      {500, `<html>`, nil, "HTTP status 500"},
		"not JSON":    {200, `<html>hello`, nil, "HTTP status 200"},
		"no key":      {200, `{"PublicKeyList":[{"Value":"bm90IGEga2V5"}]}`, nil, "PKCS #1"},
		"wrong key":   {200, `{"PublicKeyList":[` + strings.TrimSuffix(good, "}") + `,"Fingerprint":"00"}]}`, nil, "fingerprint"},
		"no end":      {200, `{"PublicKeyList":[],"NextToken":"x"}`, nil, "names itself"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			service(t, func(w http.ResponseWriter, r request) {
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			})
			t.Setenv("AWS_MAX_ATTEMPTS", "1")
			err := Fetch(t.Context(), new(digest.Keys), regions("eu-west-1"), now, Options{})
			if err == nil || !strings.Contains(err.Error(), c.says) || c.kind != nil && !errors.Is(err, c.kind) {
				t.Fatalf("%v; want it to say %q", err, c.says)
			}
			if s := err.Error(); !strings.Contains(s, "eu-west-1") || !strings.Contains(s, "--public-keys") || len(s) > 900 {
				t.Errorf("no help: %s", s)
			}
		})
	}
	t.Run("no credentials", func(t *testing.T) {
		isolate(t)
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
		if err := Fetch(t.Context(), new(digest.Keys), nil, now, Options{}); err != nil {
			t.Errorf("for no digests: %v", err)
		}
		err := Fetch(t.Context(), new(digest.Keys), regions("eu-west-1"), now, Options{})
		if !errors.Is(err, object.ErrCredentials) || !strings.Contains(err.Error(), "--public-keys") {
			t.Errorf("%v", err)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		service(t, nil)
		t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", "http://127.0.0.1:1")
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		err := Fetch(t.Context(), new(digest.Keys), regions("eu-west-1"), now, Options{})
		if err == nil || !strings.Contains(err.Error(), "connection refused") || !strings.Contains(err.Error(), "--public-keys") {
			t.Errorf("%v", err)
		}
	})
}

// The time that is asked for is one that the service knows.
func TestDigestKeySpan(t *testing.T) {
	day := func(y, d int) time.Time { return time.Date(y, 1, d, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct{ from, to, wantFrom, wantTo time.Time }{
		"past":     {day(2025, 1), day(2025, 9), day(2025, 1), day(2025, 9)},
		"to now":   {day(2025, 1), time.Time{}, day(2025, 1), now},
		"too old":  {day(1, 1), day(2025, 9), firstDigest, day(2025, 9)},
		"too new":  {day(2025, 1), day(9999, 9), day(2025, 1), now},
		"all new":  {day(9998, 1), day(9999, 9), now.Add(-time.Hour), now},
		"all old":  {day(1, 1), day(2, 9), firstDigest.Add(-time.Hour), firstDigest},
		"backward": {day(2025, 9), day(2025, 1), day(2025, 1).Add(-time.Hour), day(2025, 1)},
	} {
		if from, to := span(digest.Region{From: c.from, To: c.to}, now); !from.Equal(c.wantFrom) || !to.Equal(c.wantTo) {
			t.Errorf("%s: %v to %v", name, from, to)
		}
	}
}
