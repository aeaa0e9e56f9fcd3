package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/digest/digesttest"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// keyService answers ListPublicKeys.
func keyService(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPublicKeys") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/cloudtrail/") {
			t.Errorf("asked for %v", r.Header)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"PublicKeyList":[{"Value":%q,"ValidityStartTime":1.7E9,"ValidityEndTime":1.9E9}]}`, base64.StdEncoding.EncodeToString(digesttest.DER()))
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", server.URL)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

// The keys that CloudTrail gave are kept, and the validation repeated without it.
func TestVerifyDigestsKeysOfCloudTrail(t *testing.T) {
	work := t.TempDir()
	logs, lake, keys := filepath.Join(work, "logs"), filepath.Join(work, "lake"), filepath.Join(work, "keys.json")
	writeTrail(digesttest.New(func(key string, data []byte, _ map[string]string) {
		if err := writeFile(logs, key, data); err != nil {
			t.Fatal(err)
		}
	}))
	if out, err := keytrail("ingest", logs, "--lake", lake); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	keyService(t)
	status, out, errs := runVerifyCmd(t, "--lake", lake, "--source", logs, "--digests", "--save-public-keys", keys)
	if status != exitDone || errs != "" || !strings.Contains(out, "6 proven, 0 unproven") {
		t.Fatalf("exit status %d\n%s%s", status, out, errs)
	}
	t.Setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", "http://127.0.0.1:1")
	status, again, errs := runVerifyCmd(t, "--lake", lake, "--source", logs, "--digests", "--public-keys", keys)
	if want := strings.ReplaceAll(out, "Recorded   6 verdicts in the ledger written\n", ""); status != exitDone || again != want {
		t.Errorf("offline: exit status %d\n%s%s\nwant\n%s", status, again, errs, want)
	}
}

// No log is read twice: what ingest read, it knows the hash of.
func TestIngestDigestsReadsOnce(t *testing.T) {
	server := s3test.Start(t)
	bucket := server.NewBucket(t)
	store, err := s3.Open(t.Context(), "s3://"+bucket+"/", s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := digesttest.New(func(key string, data []byte, _ map[string]string) {
		if _, err := store.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	})
	writeTrail(r)

	to, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	gets := map[string]int{}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { // the host is signed: it stays
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = to.Scheme, to.Host, p.In.Host
			if p.In.Method == http.MethodGet && isLog(p.In.URL.Path) {
				mu.Lock()
				gets[p.In.URL.Path]++
				mu.Unlock()
			}
		},
	})
	defer proxy.Close()
	t.Setenv("AWS_ENDPOINT_URL_S3", proxy.URL)
	keyService(t)
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey)

	lake := filepath.Join(t.TempDir(), "lake")
	var out, errs bytes.Buffer
	status := run([]string{"ingest", "s3://" + bucket, "--lake", lake, "--verify-digests", "--json"}, &out, &errs)
	var summary struct {
		ObjectsDone int64 `json:"objects_done"`
		Digests     digestCounts
	}
	if err := json.Unmarshal(out.Bytes(), &summary); err != nil || status != exitDone {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, &out, &errs)
	}
	if d := summary.Digests; d.Proven != 6 || d.Recorded != 6 || d.Findings != 0 || summary.ObjectsDone != 6 {
		t.Errorf("%+v", summary)
	}
	if len(gets) != 6 {
		t.Errorf("%d logs were read", len(gets))
	}
	for path, n := range gets {
		if n != 1 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
}

// A lake that nobody may write to is judged all the same; a note says what is missing.
func TestVerifyDigestsOfReadOnlyLake(t *testing.T) {
	work := t.TempDir()
	logs, lakeDir, keys := filepath.Join(work, "logs"), filepath.Join(work, "lake"), filepath.Join(work, "keys.json")
	writeTrail(digesttest.New(func(key string, data []byte, _ map[string]string) {
		if err := writeFile(logs, key, data); err != nil {
			t.Fatal(err)
		}
	}))
	if out, err := keytrail("ingest", logs, "--lake", lakeDir); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(keys, digesttest.PublicKeys(), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := openInput(t.Context(), logs)
	if err != nil {
		t.Fatal(err)
	}
	store, err := dir.Open(lakeDir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(t.Context(), shut{store})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	job := digestJob{lake: l, inputs: []engine.Input{in}, keys: keyring{file: keys}, record: true}
	n, err := verifyDigests(t.Context(), &job, &out, false)
	if err != nil || n != 0 || !strings.Contains(out.String(), "Note       verdicts were not recorded") || !strings.Contains(out.String(), "6 proven, 0 unproven") {
		t.Errorf("%d findings, %v\n%s", n, err, &out)
	}
}

// shut is a store that nobody may write to.
type shut struct{ lake.Store }

func (shut) Put(_ context.Context, key string, _ io.ReadSeeker, _ int64, _ object.Condition) (string, error) {
	return "", &object.Error{Op: "put", Key: key, Err: object.ErrDenied}
}
