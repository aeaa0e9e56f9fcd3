package digest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
)

// broken is a bucket that refuses some keys.
type broken struct {
	*bucket
	open, head map[string]error
}

func (b *broken) Open(ctx context.Context, o object.Info) (io.ReadCloser, error) {
	if err := b.open[o.Key]; err != nil {
		return nil, &object.Error{Op: "open", Key: o.Key, Err: err}
	}
	return b.bucket.Open(ctx, o)
}

func (b *broken) Metadata(ctx context.Context, key string) (map[string]string, error) {
	if err := b.head[key]; err != nil {
		return nil, &object.Error{Op: "head", Key: key, Err: err}
	}
	return b.bucket.Metadata(ctx, key)
}

// What the store does not give is not altered: it is unproven, or a digest's problem.
func TestVerifyFaults(t *testing.T) {
	r := newTrail(t)
	for range 3 {
		r.hour(1)
	}
	keys := keysOf(t, r.signer)
	one := func(key string) map[string]error { return map[string]error{key: object.ErrDenied} }
	verify(t, &broken{r.to, one(r.logs[1]), nil}, "", keys).want(t, "unproven "+r.logs[1])
	verify(t, &broken{r.to, nil, one(r.digests[2])}, "", keys).want(t, "unproven "+r.logs[2])
	verify(t, &broken{r.to, nil, one(r.digests[1])}, "", keys).want(t)
	verify(t, &broken{r.to, one(r.digests[1]), nil}, "", keys).want(t, "digest unreadable ×1 "+r.digests[1], "unproven "+r.logs[1])
	gone := map[string]error{r.logs[1]: object.ErrNotExist} // after it was listed
	verify(t, &broken{r.to, gone, nil}, "", keys).want(t, "missing "+r.logs[1])
}

// What concerns every object ends the validation, and so does the callback.
func TestVerifyEnds(t *testing.T) {
	r := newTrail(t)
	for range 3 {
		r.hour(5)
	}
	keys := keysOf(t, r.signer)
	for _, key := range []string{r.logs[3], r.digests[1]} {
		src := &broken{r.to, map[string]error{key: object.ErrCredentials}, nil}
		if _, err := Verify(t.Context(), src, "", keys, Options{}); !errors.Is(err, object.ErrCredentials) {
			t.Errorf("credentials ended at %s: %v", key, err)
		}
	}
	stop := errors.New("stop")
	if _, err := Verify(t.Context(), r.to, "", keys, Options{Each: func(Verdict) error { return stop }}); !errors.Is(err, stop) {
		t.Errorf("the callback's error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Verify(ctx, r.to, "", keys, Options{Reads: 1, Each: func(Verdict) error {
		cancel()
		return nil
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// A digest is text from a bucket that others may write to: whatever it holds is a
// problem of that digest.
func TestVerifyOddDigests(t *testing.T) {
	for name, edit := range map[string][2]string{
		"no object":             {`"digestS3Object"`, `"object"`},
		"no signature before":   {`"previousDigestSignature"`, `"signature"`},
		"a number for one":      {`"previousDigestSignature":"`, `"previousDigestSignature":1,"x":"`},
		"no time":               {`"digestEndTime":"2026`, `"digestEndTime":"later`},
		"another algorithm":     {`SHA256withRSA`, `SHA1withRSA`},
		"logs that are no list": {`"logFiles":[`, `"logFiles":1,"x":[`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newTrail(t)
			for range 3 {
				r.hour(1)
			}
			r.to.edit(t, r.digests[1], edit[0], edit[1])
			verify(t, r.to, "", keysOf(t, r.signer)).want(t, "digest unreadable ×1 "+r.digests[1], "unproven "+r.logs[1])
		})
	}
}

// Entries that name no usable hash, or a log in another bucket, prove nothing.
func TestVerifyOddEntries(t *testing.T) {
	r := newTrail(t)
	from := r.now
	var files []map[string]any
	for i := range 4 {
		r.now = from.Add(border)
		key, body := r.log()
		r.logs = append(r.logs, key)
		f := map[string]any{"s3Bucket": "b", "s3Object": key, "hashAlgorithm": "SHA-256", "hashValue": hexSum([]byte(body))}
		switch i {
		case 0:
			f["hashAlgorithm"] = "MD5"
		case 1:
			f["hashValue"] = "00"
		case 2:
			f["s3Bucket"], f["s3Object"] = "elsewhere", "AWSLogs/x"
			r.to.remove(t, key)
		}
		files = append(files, f)
	}
	r.now = from.Add(4 * border)
	r.sign(from, files)
	got := verify(t, r.to, "", keysOf(t, r.signer))
	got.want(t, "digest bad-log-entry ×2 "+r.digests[0], "planted "+r.logs[0], "planted "+r.logs[1], "unproven AWSLogs/x")
	if why := got.verdicts["AWSLogs/x"].Reason; !strings.Contains(why, "s3://elsewhere/") {
		t.Errorf("reason %q", why)
	}
}

// Many digests and logs in several accounts and Regions at once.
func TestVerifyMany(t *testing.T) {
	r := newTrail(t)
	for i := range 6 {
		c := newTrail(t)
		c.to, c.org, c.serial = r.to, fmt.Sprintf("o-%010d/", i), 1000*i
		for range 10 {
			c.hour(3)
		}
	}
	got := verify(t, r.to, "", keysOf(t, r.signer))
	got.want(t)
	if len(got.Chains) != 6 || got.Logs.Proven != 180 {
		t.Errorf("%d chains, %+v", len(got.Chains), got.Logs)
	}
}
