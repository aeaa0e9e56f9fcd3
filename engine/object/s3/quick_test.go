package s3

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// A real server takes the signatures, also of keys that must be escaped: were it
// otherwise, the SDK would ask again and nobody would see.
func TestQuickIsTaken(t *testing.T) {
	server := s3test.Start(t)
	s, err := Open(t.Context(), "s3://"+server.NewBucket(t)+"/some prefix", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"plain.json.gz", "a b+c/d%2Fe", "ü~*'()!=,;:@&$?#[]", "less<more>\"quote"} {
		etag, err := s.Put(t.Context(), key, strings.NewReader(key), int64(len(key)), object.Condition{})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.getInput("open", key, etag)
		if err != nil {
			t.Fatal(err)
		}
		out := s.quick.get(t.Context(), in)
		if out == nil {
			t.Errorf("%q is left to the SDK", key)
			continue
		}
		text, err := io.ReadAll(out.Body)
		out.Body.Close()
		if err != nil || string(text) != key || *out.ETag != etag || *out.ContentLength != int64(len(key)) {
			t.Errorf("%q: %q, %v, %+v", key, text, err, out)
		}
	}
}

// What is no object in an answer is asked for again by the SDK, and what breaks off
// is taken up again by it.
func TestQuickGivesUp(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
	}
	cut := func(w http.ResponseWriter, r *http.Request) { serve(w, r, body, `"v1"`, 1000) }
	unsized := func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // the length is not known: chunks
		w.Write(body)
	}
	broken := func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }
	for name, first := range map[string]http.HandlerFunc{"busy": busy, "cut": cut, "unsized": unsized, "broken": broken} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
				if !isGet(r) {
					return false
				}
				if r.UserAgent() == "keytrail" {
					first(w, r)
				} else {
					serve(w, r, body, `"v1"`, -1)
				}
				return true
			})
			data, err := readAll(t, f.open(t, Options{}), object.Info{Key: "k", ETag: `"v1"`})
			if err != nil || !bytes.Equal(data, body) {
				t.Errorf("%d bytes, %v", len(data), err)
			}
			var agents []string
			for _, r := range f.seen() {
				agent, _, _ := strings.Cut(r.UserAgent(), "/")
				agents = append(agents, agent)
			}
			agents = slices.Compact(agents) // the transport itself asks again when an old connection ends
			if !slices.Equal(agents, []string{"keytrail", "aws-sdk-go-v2"}) {
				t.Errorf("asked by %q", agents)
			}
		})
	}
}

// What the options ask of every request is asked here too.
func TestQuickHeaders(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		serve(w, r, body, `"v1"`, -1)
		return true
	})
	s := f.open(t, Options{RequestPayer: true, ExpectedBucketOwner: "111122223333"})
	if _, err := readAll(t, s, object.Info{Key: "k", ETag: `"v1"`}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"User-Agent": "keytrail", "If-Match": `"v1"`, "X-Amz-Checksum-Mode": "ENABLED",
		"X-Amz-Request-Payer": "requester", "X-Amz-Expected-Bucket-Owner": "111122223333", "X-Amz-Security-Token": testToken,
	} {
		if got := f.seen()[0].Header.Get(name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

// The sums are of "123456789", as their definitions give them.
func TestChecksums(t *testing.T) {
	sums := map[string]string{
		"X-Amz-Checksum-Crc32":     "\xcb\xf4\x39\x26",
		"X-Amz-Checksum-Crc32c":    "\xe3\x06\x92\x83",
		"X-Amz-Checksum-Crc64nvme": "\xae\x8b\x14\x86\x0a\x79\x98\x88",
		"X-Amz-Checksum-Sha1":      "\xf7\xc3\xbc\x1d\x80\x8e\x04\x73\x2a\xdf\x67\x99\x65\xcc\xc3\x4c\xa7\xae\x34\x41",
		"X-Amz-Checksum-Sha256":    "\x15\xe2\xb0\xd3\xc3\x38\x91\xeb\xb0\xf1\xef\x60\x9e\xc4\x19\x42\x0c\x20\xe3\x20\xce\x94\xc6\x5f\xbc\x8c\x33\x12\x44\x8e\xb2\x25",
	}
	if len(sums) != len(checksums) {
		t.Errorf("%d sums for %d checksums", len(sums), len(checksums))
	}
	for header, sum := range sums {
		encoded := base64.StdEncoding.EncodeToString([]byte(sum))
		for text, want := range map[string]bool{"123456789": true, "123456780": false, "": false} {
			got := readChecked(text, header, encoded)
			if (got == nil) != want {
				t.Errorf("%s of %q: %v", header, text, got)
			}
		}
		if err := readChecked("other", header, encoded+"-3"); err != nil {
			t.Errorf("%s of parts: %v", header, err)
		}
	}
}

func readChecked(text, header, sum string) error {
	_, err := io.ReadAll(checked(io.NopCloser(strings.NewReader(text)), http.Header{header: {sum}}))
	return err
}

// The SDK goes on writing into an endpoint it has resolved while other goroutines ask
// quickly, so nothing of it may be read by then. The race detector is the judge, and
// without it the runtime, which dies of a map that is read and written at once.
func TestQuickBesideTheSDK(t *testing.T) {
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) bool {
		if !isGet(r) {
			return false
		}
		serve(w, r, body, `"v1"`, -1)
		return true
	})
	s := f.open(t, Options{})
	var all errgroup.Group
	for range 8 {
		all.Go(func() error {
			for range 50 {
				if _, _, err := s.Children(t.Context(), ""); err != nil {
					return err
				}
				r, err := s.Open(t.Context(), object.Info{Key: "k", ETag: `"v1"`})
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, r)
				if err = errors.Join(err, r.Close()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Error(err)
	}
}
