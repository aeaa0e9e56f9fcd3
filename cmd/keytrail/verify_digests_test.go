package main

import (
	"bytes"
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
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/keytrail/keytrail/engine"
)

const (
	signedLog = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/03/111122223333_CloudTrail_eu-west-1_20260303T0130Z_0000000000000001.json.gz"
	plantLog  = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/03/111122223333_CloudTrail_eu-west-1_20260303T0131Z_000000000000000\x1b.json.gz"
	// Of the digest that ends at an hour of 3 March 2026.
	digestName = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/03/111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260303T%02d0000Z.json.gz"
)

func writeZipped(t *testing.T, root, name string, raw []byte) {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(raw)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// signedDir is a copy of a trail's bucket with one log and two digests, the first of
// which names it and the second of which is signed nowhere; and a file of public keys.
func signedDir(t *testing.T) (root, keysFile string) {
	t.Helper()
	root = t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	fingerprint := fmt.Sprintf("%x", md5.Sum(der))
	keysFile = filepath.Join(root, "keys.json")
	keys := fmt.Sprintf(`{"PublicKeyList":[{"Value":%q,"Fingerprint":%q}]}`, base64.StdEncoding.EncodeToString(der), fingerprint)
	if err := os.WriteFile(keysFile, []byte(keys), 0o600); err != nil {
		t.Fatal(err)
	}

	log := signedRecords(1)
	writeZipped(t, root, signedLog, log)
	previous := map[string]any{"previousDigestSignature": nil}
	files := []map[string]any{{"s3Bucket": "b", "s3Object": signedLog, "hashAlgorithm": "SHA-256", "hashValue": sha(log)}}
	for _, hour := range []int{2, 3} {
		name := fmt.Sprintf(digestName, hour)
		end := fmt.Sprintf("2026-03-03T%02d:00:00Z", hour)
		doc := map[string]any{
			"digestStartTime": fmt.Sprintf("2026-03-03T%02d:00:00Z", hour-1), "digestEndTime": end, "digestS3Bucket": "b", "digestS3Object": name,
			"digestPublicKeyFingerprint": fingerprint, "digestSignatureAlgorithm": "SHA256withRSA", "logFiles": files,
		}
		for k, v := range previous {
			doc[k] = v
		}
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		writeZipped(t, root, name, raw)
		sum := sha256.Sum256([]byte(end + "\nb/" + name + "\n" + sha(raw) + "\nnull")) // the second's own is not kept
		signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		previous = map[string]any{
			"previousDigestS3Bucket": "b", "previousDigestS3Object": name, "previousDigestHashValue": sha(raw),
			"previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": hex.EncodeToString(signature),
		}
		files = []map[string]any{}
	}
	return root, keysFile
}

func signedRecords(n int) []byte {
	return fmt.Appendf(nil, `{"Records":[{"eventVersion":"1.11","eventTime":"2026-03-03T01:29:00Z","eventSource":"dynamodb.amazonaws.com",`+
		`"eventName":"GetItem","awsRegion":"eu-west-1","eventID":"00000000-0000-4000-8000-%012d","recipientAccountId":"111122223333",`+
		`"userIdentity":{"type":"Root"},"requestParameters":{"tableName":"orders","key":{"pk":"1"}}}]}`, n)
}

// The validation of a directory: what it counts, says and returns, before and after
// somebody changed what lies there, and against the lake made of it.
func TestVerifyDigests(t *testing.T) {
	root, keysFile := signedDir(t)
	in, err := openInput(t.Context(), filepath.Join(root, "AWSLogs"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := createLake(t.Context(), filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	ingest := func() {
		t.Helper()
		eng := engine.Engine{Lake: l, Memory: 256 << 20, Jobs: 1}
		if rep, err := eng.Ingest(t.Context(), engine.Request{Inputs: []engine.Input{in}}); err != nil || !rep.Complete() {
			t.Fatalf("ingest: %+v, %v", rep, err)
		}
	}
	run := func(want int) (text string, s digestSummary) {
		t.Helper()
		var plain, asJSON bytes.Buffer
		for _, out := range []*bytes.Buffer{&plain, &asJSON} {
			job := digestJob{lake: l, inputs: []engine.Input{in}, keys: keyring{file: keysFile}}
			n, err := verifyDigests(t.Context(), &job, out, out == &asJSON)
			if err != nil || n != want {
				t.Fatalf("%d findings, %v; want %d\n%s", n, err, want, out)
			}
		}
		if err := json.Unmarshal(asJSON.Bytes(), &s); err != nil || s.Findings != want {
			t.Fatalf("%v: %s", err, &asJSON)
		}
		return plain.String(), s
	}
	says := func(text string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("does not say %q:\n%s", w, text)
			}
		}
	}

	text, s := run(0)
	says(text, "1 proven, 0 unproven, 0 altered, 0 missing", "2 digests, 1 sound, 1 unsigned; 2026-03-03T01:00:00Z to 2026-03-03T03:00:00Z")
	if s.InLake != 0 {
		t.Errorf("an empty lake holds %d objects", s.InLake)
	}
	ingest()
	text, s = run(0)
	says(text, "1 object read from the very bytes")
	if s.InLake != 1 || len(s.NotAsSigned) != 0 {
		t.Errorf("the lake: %+v", s)
	}

	writeZipped(t, root, plantLog, signedRecords(3))
	text, s = run(1)
	says(text, `PLANTED?   AWSLogs/111122223333/CloudTrail/`, `\u001b.json.gz`)
	if strings.Contains(text, "\x1b") || len(s.Logs) != 1 || !s.Logs[0].Planted {
		t.Errorf("the planted log: %q, %+v", text, s.Logs)
	}
	if err := os.Remove(filepath.Join(root, plantLog)); err != nil {
		t.Fatal(err)
	}

	if err := os.Remove(filepath.Join(root, signedLog)); err != nil {
		t.Fatal(err)
	}
	text, s = run(1)
	says(text, "MISSING    "+signedLog)
	if s.InLake != 1 {
		t.Errorf("the lake read the deleted log, and yet: %+v", s)
	}

	// Changed, and read again: the lake holds rows that nobody signed.
	writeZipped(t, root, signedLog, signedRecords(22))
	ingest()
	text, s = run(2)
	says(text, "ALTERED    "+signedLog, "LAKE       "+signedLog)
	if len(s.NotAsSigned) != 1 || s.InLake != 0 {
		t.Errorf("the lake: %+v", s)
	}
}

func TestVerifyDigestsWithout(t *testing.T) {
	root, keysFile := signedDir(t)
	in, err := openInput(t.Context(), filepath.Join(root, "AWSLogs"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := createLake(t.Context(), filepath.Join(t.TempDir(), "lake"))
	if err != nil {
		t.Fatal(err)
	}
	job := digestJob{lake: l, inputs: []engine.Input{in}, keys: keyring{file: root}}
	if _, err := verifyDigests(t.Context(), &job, &bytes.Buffer{}, false); err == nil || !strings.Contains(err.Error(), "keys") {
		t.Errorf("with a directory for keys: %v", err)
	}
	job.keys.file = keysFile
	if err := os.RemoveAll(filepath.Join(root, "AWSLogs", "111122223333", "CloudTrail-Digest")); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	n, err := verifyDigests(t.Context(), &job, &out, false)
	if err != nil || n != 1 || !strings.Contains(out.String(), "none: nothing can be proven") || !strings.Contains(out.String(), "1 unproven") {
		t.Errorf("without digests: %d findings, %v\n%s", n, err, &out)
	}
}
