package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/keytrail/keytrail/engine/digest/digesttest"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

const (
	wrongSecret = "wJalrXUtnFEMI+K7MDENG/bPxRfiCYwrongsecret"
	sessionText = "IQoJb3JpZ2luX2VjEXAMPLEsessiontoken//////////wEaCXVz"
)

// misfortune answers a request that should have been passed on.
type misfortune func(pass http.Handler, w http.ResponseWriter, r *http.Request)

func refusal(status int, code, message string) misfortune {
	return func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amz-Request-Id", "R1")
		if strings.Contains(r.Header.Get("X-Amz-Target"), "CloudTrail") {
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
	}
}

// htmlPage is what a proxy in between says, which shows the request it got.
func htmlPage(status int) misfortune {
	return func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<!DOCTYPE html><html><body><h1>Sorry</h1><pre>%s</pre></body></html>", requestText(r))
	}
}

func requestText(r *http.Request) string {
	text, _ := httputil.DumpRequest(r, false)
	return string(text)
}

// shown is what something that passes for S3 says of a request in its error message.
func shown(text string) string { return html.EscapeString(oneLine(text)) }

func cutShort(pass http.Handler, w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	pass.ServeHTTP(answer, r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()+1))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
}

var misfortunes = map[string]misfortune{
	"403":  refusal(403, "AccessDenied", "Access Denied"),
	"500":  refusal(500, "InternalError", "We encountered an internal error."),
	"slow": refusal(503, "SlowDown", "Please reduce your request rate."),
	"moved": func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://127.0.0.1:1"+r.URL.RequestURI())
		refusal(301, "PermanentRedirect", "The bucket must be addressed using the specified endpoint.")(nil, w, r)
	},
	"signature": func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		refusal(403, "SignatureDoesNotMatch", "The signature of this request does not match: "+shown(requestText(r)))(nil, w, r)
	},
	"token": func(_ http.Handler, w http.ResponseWriter, r *http.Request) {
		refusal(400, "InvalidToken", "The token "+shown(r.Header.Get("X-Amz-Security-Token"))+" is malformed")(nil, w, r)
	},
	"HTML 200": htmlPage(200), "HTML 403": htmlPage(403), "HTML 502": htmlPage(502), "HTML 301": htmlPage(301),
	"cut": cutShort,
	"hung up": func(_ http.Handler, w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
	},
}

// secretsProxy meets requests to the S3 server, those for objects only or all, with
// a misfortune, and notes what must not be told of any of them.
type secretsProxy struct {
	*httptest.Server
	mu      sync.Mutex
	secrets map[string]bool
	struck  int
}

func newSecretsProxy(t *testing.T, server *s3test.Server, objectsOnly bool, do misfortune) *secretsProxy {
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	sign := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	creds := aws.Credentials{AccessKeyID: server.AccessKey, SecretAccessKey: server.SecretKey}
	pass := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host
			// The server knows of no sessions.
			p.Out.Header.Del("X-Amz-Security-Token")
			if err := sign.SignHTTP(p.In.Context(), creds, p.Out, p.In.Header.Get("X-Amz-Content-Sha256"), "s3", "us-east-1", time.Now()); err != nil {
				t.Error(err)
			}
		},
	}
	p := &secretsProxy{secrets: map[string]bool{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		object := !r.URL.Query().Has("list-type") && (strings.HasSuffix(r.URL.Path, ".json.gz") || strings.HasSuffix(r.URL.Path, ".parquet"))
		hit := object || !objectsOnly
		p.note(r, hit)
		if hit {
			do(pass, w, r)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *secretsProxy) note(r *http.Request, hit bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if hit {
		p.struck++
	}
	for _, s := range []string{r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token"), r.URL.Query().Get("X-Amz-Signature")} {
		p.secrets[s] = true
		if _, signature, ok := strings.Cut(s, "Signature="); ok {
			p.secrets[signature] = true
		}
	}
	delete(p.secrets, "")
}

// Whatever answers, or does not, in S3's or CloudTrail's place: no command prints
// credentials or signatures, nor writes them into the ledger.
func TestSecretsAreNotTold(t *testing.T) {
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	store, err := s3.Open(t.Context(), "s3://"+bucket+"/logs", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	writeTrail(digesttest.New(func(key string, data []byte, _ map[string]string) {
		if _, err := store.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}))
	logs, lakeURL, local := "s3://"+bucket+"/logs", "s3://"+bucket+"/lake", filepath.Join(t.TempDir(), "lake")
	for _, l := range []string{lakeURL, local} {
		if status := runHere("ingest", logs, "--lake", l); status.status != exitDone {
			t.Fatalf("%+v", status)
		}
	}

	fair := newSecretsProxy(t, server, true, func(pass http.Handler, w http.ResponseWriter, r *http.Request) { pass.ServeHTTP(w, r) })
	proxies := map[string]*secretsProxy{}
	for name, do := range misfortunes {
		proxies[name] = newSecretsProxy(t, server, false, do)
		proxies[name+" for objects"] = newSecretsProxy(t, server, true, do)
	}
	said := map[string][]string{}
	var all sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, 16) // they wait a lot
	told := func(name, text string) {
		mu.Lock()
		defer mu.Unlock()
		said[name] = append(said[name], text)
	}
	do := func(name, endpoint, secret string) {
		fresh := filepath.Join(t.TempDir(), "lake")
		for _, args := range [][]string{
			{"ingest", logs, "--lake", fresh},
			{"ingest", logs, "--lake", lakeURL + "-" + url.PathEscape(name)},
			{"who", "orders", "--lake", lakeURL},
			{"verify", "--lake", lakeURL, "--source", logs},
			{"verify", "--lake", local, "--source", logs, "--digests", "--record=false"},
		} {
			all.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				buckets := endpoint
				if slices.Contains(args, "--digests") && !strings.HasSuffix(name, "for objects") {
					buckets = fair.URL // only CloudTrail's keys are out of reach
				}
				told(name, tell(t, buckets, endpoint, secret, args))
				if args[0] == "ingest" && args[3] == fresh {
					told(name, ledgerErrors(t, fresh))
				}
			})
		}
	}
	began := time.Now()
	do("refused", "http://127.0.0.1:1", server.SecretKey)
	do("wrong secret", server.Endpoint, wrongSecret)
	for name, p := range proxies {
		do(name, p.URL, server.SecretKey)
	}
	all.Wait()
	for name, texts := range said {
		// The value of an Authorization header begins with the last one.
		secrets := []string{server.SecretKey, wrongSecret, sessionText, "X-Amz-Signature", "AWS4-HMAC-SHA256"}
		if p := proxies[name]; p != nil {
			p.Close() // a command may have been gone before its request was answered
			if p.struck == 0 {
				t.Errorf("%s: nothing went wrong", name)
			}
			secrets = slices.AppendSeq(secrets, maps.Keys(p.secrets))
		}
		for _, text := range texts {
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("%s: tells %q in\n%s", name, s, text)
				}
			}
		}
	}
	t.Logf("%d kinds of trouble, %d commands each, in %v", len(said), 5, time.Since(began).Round(time.Millisecond))
}

// tell runs a command and returns all that it prints.
func tell(t *testing.T, buckets, keys, secret string, args []string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, builtBinary, args...)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+buckets, "AWS_ENDPOINT_URL_CLOUDTRAIL="+keys, "AWS_SECRET_ACCESS_KEY="+secret,
		"AWS_SESSION_TOKEN="+sessionText, "AWS_MAX_ATTEMPTS=2", "AWS_EC2_METADATA_DISABLED=true")
	begun := time.Now()
	out, _ := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Errorf("%v: still running after %v\n%s", args, time.Since(begun), out)
	}
	return fmt.Sprintf("keytrail %s\n%s", strings.Join(args, " "), out)
}

// ledgerErrors is why objects failed, according to the ledger of a lake that may
// not have come about.
func ledgerErrors(t *testing.T, lakeDir string) string {
	var text strings.Builder
	ctx := context.Background()
	l, err := openLake(ctx, lakeDir)
	if err != nil {
		return ""
	}
	days, err := l.LedgerDays(ctx)
	if err != nil {
		t.Error(err)
	}
	for _, day := range days {
		entries, err := l.Ledger(ctx, day)
		if err != nil {
			t.Error(err)
		}
		for _, e := range entries {
			_, _ = io.WriteString(&text, e.Error+"\n")
		}
	}
	return text.String()
}
