package digest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// bucket is a store that keeps metadata.
type bucket struct {
	*objecttest.Mem
	meta map[string]map[string]string
}

func newBucket() *bucket { return &bucket{objecttest.NewMem(), map[string]map[string]string{}} }

func (b *bucket) Metadata(_ context.Context, key string) (map[string]string, error) {
	return b.meta[key], nil
}

func (b *bucket) put(t *testing.T, key string, data []byte) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

func (b *bucket) get(t *testing.T, key string) []byte {
	t.Helper()
	r, err := b.Open(t.Context(), object.Info{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (b *bucket) remove(t *testing.T, key string) {
	t.Helper()
	if err := b.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
}

// edit changes what is inside of a gzipped object.
func (b *bucket) edit(t *testing.T, key, old, new string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b.get(t, key)))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte(old)) {
		t.Fatalf("%s has no %q", key, old)
	}
	b.put(t, key, zip(bytes.Replace(raw, []byte(old), []byte(new), 1)))
}

func zip(raw []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(raw)
	z.Close()
	return buf.Bytes()
}

// signer is a key that CloudTrail might sign with.
type signer struct {
	private  *rsa.PrivateKey
	pkix     bool
	from, to time.Time
}

var newKeys = sync.OnceValue(func() (k [2]*rsa.PrivateKey) {
	for i := range k {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		k[i] = key
	}
	return k
})

func (s signer) der() []byte {
	if s.pkix {
		der, err := x509.MarshalPKIXPublicKey(&s.private.PublicKey)
		if err != nil {
			panic(err)
		}
		return der
	}
	return x509.MarshalPKCS1PublicKey(&s.private.PublicKey)
}

func (s signer) fingerprint() string {
	sum := md5.Sum(s.der())
	return hex.EncodeToString(sum[:])
}

// answer is what ListPublicKeys says about the keys.
func answer(list string, signers ...signer) string {
	var keys []map[string]any
	for _, s := range signers {
		k := map[string]any{"Value": base64.StdEncoding.EncodeToString(s.der()), "Fingerprint": s.fingerprint()}
		if !s.from.IsZero() {
			k["ValidityStartTime"], k["ValidityEndTime"] = s.from, s.to
		}
		keys = append(keys, k)
	}
	text, err := json.Marshal(map[string]any{list: keys})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// trail writes logs and digests as CloudTrail does.
type trail struct {
	t        *testing.T
	to       *bucket
	signer   signer
	lead     string // before AWSLogs in the store
	origin   string // before AWSLogs where CloudTrail wrote: bucket/prefix/
	org      string
	name     string
	now      time.Time
	backfill bool

	prev    map[string]any // the newest digest's account of itself, for its successor
	digests []string       // keys in the store
	logs    []string
	serial  int
}

var start = time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)

func newTrail(t *testing.T) *trail {
	return &trail{t: t, to: newBucket(), signer: signer{private: newKeys()[0]}, origin: "b/", name: "my_own.trail-1", now: start}
}

const testAccount, testRegion = "111122223333", "eu-west-1"

func (r *trail) key(folder, name string) string {
	return fmt.Sprintf("AWSLogs/%s%s/%s/%s/%s/%s", r.org, testAccount, folder, testRegion, r.now.Format("2006/01/02"), name)
}

// log writes a log that no digest names yet.
func (r *trail) log() (key, body string) {
	r.serial++
	name := fmt.Sprintf("%s_CloudTrail_%s_%s_%016d.json.gz", testAccount, testRegion, r.now.Format("20060102T1504Z"), r.serial)
	body = fmt.Sprintf(`{"Records":[{"eventID":"%s-%d"}]}`, r.name, r.serial)
	key = r.lead + r.key("CloudTrail", name)
	r.to.put(r.t, key, zip([]byte(body)))
	return key, body
}

// hour delivers n logs, half an hour apart from both ends, and their digest.
func (r *trail) hour(n int) {
	r.t.Helper()
	from := r.now
	r.now = r.now.Add(30 * time.Minute)
	files := []map[string]any{}
	for range n {
		key, body := r.log()
		r.logs = append(r.logs, key)
		bucket, prefix, _ := strings.Cut(r.origin, "/")
		files = append(files, map[string]any{
			"s3Bucket": bucket, "s3Object": prefix + strings.TrimPrefix(key, r.lead), "hashAlgorithm": "SHA-256",
			"hashValue": hexSum([]byte(body)), "newestEventTime": nil, "oldestEventTime": nil,
		})
	}
	r.now = from.Add(time.Hour)
	r.sign(from, files)
}

func (r *trail) sign(from time.Time, files []map[string]any) {
	r.t.Helper()
	suffix := ""
	if r.backfill {
		suffix = "_backfill"
	}
	name := r.key("CloudTrail-Digest", fmt.Sprintf("%s_CloudTrail-Digest_%s_%s_us-east-1_%s%s.json.gz",
		testAccount, testRegion, r.name, r.now.Format("20060102T150405Z"), suffix))
	bucket, prefix, _ := strings.Cut(r.origin, "/")
	doc := map[string]any{
		"awsAccountId": testAccount, "digestStartTime": from.Format(time.RFC3339), "digestEndTime": r.now.Format(time.RFC3339),
		"digestS3Bucket": bucket, "digestS3Object": prefix + name, "digestPublicKeyFingerprint": r.signer.fingerprint(),
		"digestSignatureAlgorithm": "SHA256withRSA", "logFiles": files,
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil,
		"previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
	}
	previous := "null"
	for k, v := range r.prev {
		doc[k] = v
	}
	if r.prev != nil {
		previous = r.prev["previousDigestSignature"].(string)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		r.t.Fatal(err)
	}
	text := r.now.Format(time.RFC3339) + "\n" + bucket + "/" + prefix + name + "\n" + hexSum(raw) + "\n" + previous
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, r.signer.private, crypto.SHA256, sum[:])
	if err != nil {
		r.t.Fatal(err)
	}
	key := r.lead + name
	r.to.put(r.t, key, zip(raw))
	r.to.meta[key] = map[string]string{"signature": hex.EncodeToString(sig), "signature-algorithm": "SHA256withRSA"}
	if r.backfill {
		r.to.meta[key]["backfill-generation-timestamp"] = r.now.Add(48 * time.Hour).Format(time.RFC3339)
	}
	r.digests = append(r.digests, key)
	r.prev = map[string]any{
		"previousDigestS3Bucket": bucket, "previousDigestS3Object": prefix + name, "previousDigestHashValue": hexSum(raw),
		"previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": hex.EncodeToString(sig),
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func keysOf(t *testing.T, signers ...signer) *Keys {
	t.Helper()
	keys, err := ReadKeys(strings.NewReader(answer("publicKeyList", signers...)))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// result is a validation's outcome in a form that tests can name: what is wrong, by
// the last part of keys.
type result struct {
	Report
	verdicts map[string]Verdict
}

func verify(t *testing.T, src Source, prefix string, keys *Keys) result {
	t.Helper()
	out := result{verdicts: map[string]Verdict{}}
	var err error
	out.Report, err = Verify(t.Context(), src, prefix, keys, Options{Reads: 3, Each: func(v Verdict) error {
		if _, twice := out.verdicts[v.Key]; twice {
			t.Errorf("two verdicts on %s", v.Key)
		}
		out.verdicts[v.Key] = v
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if n := out.Logs.Proven + out.Logs.Unproven + out.Logs.Altered + out.Logs.Missing; n != int64(len(out.verdicts)) {
		t.Errorf("the report counts %d logs, there were %d verdicts", n, len(out.verdicts))
	}
	return out
}

// want compares with "kind key" lines: all that must be found, and nothing else.
// Statuses of logs other than proven are listed, too.
func (r result) want(t *testing.T, want ...string) {
	t.Helper()
	got := map[string]bool{}
	findings := 0
	for _, v := range r.verdicts {
		kind := string(v.Status)
		if v.Planted {
			kind = "planted"
		}
		if v.Found() {
			findings++
		}
		if v.Status != Proven {
			got[kind+" "+v.Key] = true
			if v.Reason == "" {
				t.Errorf("%s is %s for no reason", v.Key, v.Status)
			}
		}
	}
	for _, c := range r.Chains {
		for _, p := range c.Problems {
			got[fmt.Sprintf("digest %s ×%d %s", p.Kind, p.Count, p.Digest)] = true
			findings++
		}
		for _, g := range c.Gaps {
			got[fmt.Sprintf("gap %s %s", g.From.Format(time.RFC3339), g.To.Format(time.RFC3339))] = true
			findings++
		}
	}
	if n := r.Findings(); n != findings {
		t.Errorf("Findings is %d, counted %d", n, findings)
	}
	for _, w := range want {
		if !got[w] {
			t.Errorf("not found: %s", w)
		}
		delete(got, w)
	}
	for g := range got {
		t.Errorf("found, and should not be: %s", g)
	}
	if t.Failed() {
		t.Logf("%+v", cmp.Or(fmt.Sprintf("%+v", r.Report), "nothing"))
	}
}
