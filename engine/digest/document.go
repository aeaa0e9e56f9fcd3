package digest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	hashAlgorithm      = "SHA-256"
	signatureAlgorithm = "SHA256withRSA"
)

// document is a digest as it stands in its object.
type document struct {
	Start       string `json:"digestStartTime"`
	End         string `json:"digestEndTime"`
	Bucket      string `json:"digestS3Bucket"`
	Object      string `json:"digestS3Object"`
	Fingerprint string `json:"digestPublicKeyFingerprint"`
	Algorithm   string `json:"digestSignatureAlgorithm"`

	PrevBucket    string `json:"previousDigestS3Bucket"`
	PrevObject    string `json:"previousDigestS3Object"`
	PrevHash      string `json:"previousDigestHashValue"`
	PrevAlgorithm string `json:"previousDigestHashAlgorithm"`
	// PrevSignature is text, or null in the first digest of a chain; it must be there.
	PrevSignature json.RawMessage `json:"previousDigestSignature"`

	LogFiles []logFile `json:"logFiles"`
}

type logFile struct {
	Bucket    string `json:"s3Bucket"`
	Object    string `json:"s3Object"`
	Hash      string `json:"hashValue"`
	Algorithm string `json:"hashAlgorithm"`
}

// parseDocument reads a digest's inflated bytes.
func parseDocument(raw []byte) (*digest, error) {
	d := &digest{sum: sha256.Sum256(raw)}
	if err := json.Unmarshal(raw, &d.doc); err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"digestS3Bucket": d.doc.Bucket, "digestS3Object": d.doc.Object, "digestPublicKeyFingerprint": d.doc.Fingerprint,
		"previousDigestSignature": string(d.doc.PrevSignature),
	} {
		if value == "" {
			return nil, fmt.Errorf("no %s", name)
		}
	}
	if err := json.Unmarshal(d.doc.PrevSignature, &d.prevSignature); err != nil {
		return nil, fmt.Errorf("previousDigestSignature: %w", err)
	}
	var errs [2]error
	d.start, errs[0] = time.Parse(time.RFC3339, d.doc.Start)
	d.end, errs[1] = time.Parse(time.RFC3339, d.doc.End)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if a := d.doc.Algorithm; a != "" && a != signatureAlgorithm {
		return nil, fmt.Errorf("signed with %q, not %s", a, signatureAlgorithm)
	}
	return d, nil
}

// signed is the text that CloudTrail signs: four lines, the last without an end.
// Where there is no digest before, the last is the word null.
func (d *digest) signed() []byte {
	previous := "null"
	if d.prevSignature != nil {
		previous = *d.prevSignature
	}
	return []byte(d.doc.End + "\n" + d.doc.Bucket + "/" + d.doc.Object + "\n" + hex.EncodeToString(d.sum[:]) + "\n" + previous)
}

// signedWith reports whether signature, in hex, is key's for the digest.
func (d *digest) signedWith(key *rsa.PublicKey, signature string) bool {
	sig, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(d.signed())
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil
}

// place is where a digest says that an object lies: what stands before the
// canonical part of its name, and that.
func place(bucket, key string) (origin, name string) {
	return object.Canonical("s3://"+bucket+"/", key)
}
