// Package digesttest writes what a trail with validation on delivers: logs and the
// signed digests that name them. For tests only.
package digesttest

import (
	"bytes"
	"compress/gzip"
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
	"sync"
	"time"
)

// Account and Region of a [Trail].
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// Start is when a [New] trail begins: two hours before midnight.
var Start = time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC)

// key is one for the whole process: making one takes long.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Trail delivers to a bucket called b. Not safe for concurrent use.
type Trail struct {
	// Put takes an object, with its user metadata.
	Put      func(key string, data []byte, meta map[string]string)
	Name     string
	Now      time.Time
	Backfill bool // what comes next are backfill digests

	Logs    []string // keys of the logs that digests name, in order
	Bodies  [][]byte // what they hold
	Digests []string // keys
	serial  int
	prev    map[string]any // what the next digest says of the one before
}

// New returns a trail that begins at [Start].
func New(put func(key string, data []byte, meta map[string]string)) *Trail {
	return &Trail{Put: put, Name: "my_own.trail", Now: Start}
}

func (r *Trail) place(folder, name string) string {
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s", Account, folder, Region, r.Now.Format("2006/01/02"), name)
}

// Log delivers a log with one record, a GetItem of an item of its own of the table
// orders, which no digest names.
func (r *Trail) Log() (key string, body []byte) {
	r.serial++
	key = r.place("CloudTrail", fmt.Sprintf("%s_CloudTrail_%s_%s_%016d.json.gz", Account, Region, r.Now.Format("20060102T1504Z"), r.serial))
	body = Record(r.Now, r.serial)
	r.Put(key, Zip(body), nil)
	return key, body
}

// Record is the inflated log with the n-th record.
func Record(at time.Time, n int) []byte {
	return fmt.Appendf(nil, `{"Records":[{"eventVersion":"1.11","eventTime":%q,"eventSource":"dynamodb.amazonaws.com",`+
		`"eventName":"GetItem","awsRegion":%q,"eventID":"00000000-0000-4000-8000-%012d","recipientAccountId":%q,`+
		`"userIdentity":{"type":"Root"},"requestParameters":{"tableName":"orders","key":{"pk":"%d"}}}]}`, at.Format(time.RFC3339), Region, n, Account, n)
}

// Hour delivers n logs and the digest that names them.
func (r *Trail) Hour(n int) {
	from := r.Now
	r.Now = from.Add(30 * time.Minute)
	files := []map[string]any{}
	for range n {
		key, body := r.Log()
		r.Logs, r.Bodies = append(r.Logs, key), append(r.Bodies, body)
		files = append(files, map[string]any{"s3Bucket": "b", "s3Object": key, "hashAlgorithm": "SHA-256", "hashValue": hexSum(body)})
	}
	r.Now = from.Add(time.Hour)
	r.sign(from, files)
}

// Anew begins a new chain: the next digest names none before it.
func (r *Trail) Anew() { r.prev = nil }

func (r *Trail) sign(from time.Time, files []map[string]any) {
	suffix := ""
	if r.Backfill {
		suffix = "_backfill"
	}
	name := r.place("CloudTrail-Digest", fmt.Sprintf("%s_CloudTrail-Digest_%s_%s_us-east-1_%s%s.json.gz",
		Account, Region, r.Name, r.Now.Format("20060102T150405Z"), suffix))
	private, der := pair()
	doc := map[string]any{
		"awsAccountId": Account, "digestStartTime": from.Format(time.RFC3339), "digestEndTime": r.Now.Format(time.RFC3339),
		"digestS3Bucket": "b", "digestS3Object": name, "digestPublicKeyFingerprint": fingerprint(der),
		"digestSignatureAlgorithm": "SHA256withRSA", "logFiles": files,
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil,
		"previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
	}
	previous := "null"
	for k, v := range r.prev {
		doc[k] = v
		previous = r.prev["previousDigestSignature"].(string)
	}
	raw := must(json.Marshal(doc))
	sum := sha256.Sum256([]byte(r.Now.Format(time.RFC3339) + "\nb/" + name + "\n" + hexSum(raw) + "\n" + previous))
	signature := hex.EncodeToString(must(rsa.SignPKCS1v15(nil, private, crypto.SHA256, sum[:])))
	meta := map[string]string{"signature": signature, "signature-algorithm": "SHA256withRSA"}
	if r.Backfill {
		meta["backfill-generation-timestamp"] = r.Now.Add(48 * time.Hour).Format(time.RFC3339)
	}
	r.Put(name, Zip(raw), meta)
	r.Digests = append(r.Digests, name)
	r.prev = map[string]any{
		"previousDigestS3Bucket": "b", "previousDigestS3Object": name, "previousDigestHashValue": hexSum(raw),
		"previousDigestHashAlgorithm": "SHA-256", "previousDigestSignature": signature,
	}
}

// PublicKeys is what "aws cloudtrail list-public-keys" prints about the key.
func PublicKeys() []byte {
	_, der := pair()
	return fmt.Appendf(nil, `{"PublicKeyList":[{"Value":%q,"Fingerprint":%q}]}`, base64.StdEncoding.EncodeToString(der), fingerprint(der))
}

// DER is the public key, in the form that CloudTrail gives it.
func DER() []byte { _, der := pair(); return der }

func pair() (*rsa.PrivateKey, []byte) {
	private := must(key())
	return private, x509.MarshalPKCS1PublicKey(&private.PublicKey)
}

func fingerprint(der []byte) string {
	sum := md5.Sum(der)
	return hex.EncodeToString(sum[:])
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Zip is one gzip member.
func Zip(raw []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(raw)
	z.Close()
	return buf.Bytes()
}

// must is for what cannot fail: made-up values, and the system's random numbers.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
