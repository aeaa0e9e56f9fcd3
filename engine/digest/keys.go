package digest

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Keys are the public keys that digests may be signed with, by fingerprint. The zero
// value has none.
type Keys struct{ byFingerprint map[string]publicKey }

type publicKey struct {
	*rsa.PublicKey
	der      []byte
	from, to time.Time // zero for no bound
}

// Key is one public key as CloudTrail gives it.
type Key struct {
	Value       []byte    // DER
	From, To    time.Time // when it is valid; zero for no bound
	Fingerprint string    // as CloudTrail says; empty when it does not
}

// Len counts the keys.
func (k *Keys) Len() int { return len(k.byFingerprint) }

func (k *Keys) find(fingerprint string) (publicKey, bool) {
	key, ok := k.byFingerprint[strings.ToLower(fingerprint)]
	return key, ok
}

// listed is one key as ListPublicKeys answers.
type listed struct {
	Value             string
	ValidityStartTime instant `json:",omitzero"`
	ValidityEndTime   instant `json:",omitzero"`
	Fingerprint       string
}

// Write writes the keys in the form that [ReadKeys] reads, in order of fingerprint.
func (k *Keys) Write(w io.Writer) error {
	answer := struct{ PublicKeyList []listed }{[]listed{}}
	for _, fingerprint := range slices.Sorted(maps.Keys(k.byFingerprint)) {
		key := k.byFingerprint[fingerprint]
		answer.PublicKeyList = append(answer.PublicKeyList, listed{
			base64.StdEncoding.EncodeToString(key.der), instant{key.from}, instant{key.to}, fingerprint})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "    ")
	return enc.Encode(answer)
}

// ReadKeys reads what "aws cloudtrail list-public-keys" prints; the answers of
// several Regions may stand one behind the other. A key whose fingerprint is not that
// of its bytes, or that is no RSA key, fails the whole: such a file is not what
// CloudTrail gave.
func ReadKeys(r io.Reader) (*Keys, error) {
	keys := &Keys{}
	for dec := json.NewDecoder(r); ; {
		var answer struct { // names match in any case: PublicKeyList, publicKeyList
			PublicKeyList []listed
		}
		switch err := dec.Decode(&answer); {
		case errors.Is(err, io.EOF) && keys.Len() == 0:
			return nil, errors.New("no public keys: want the output of \"aws cloudtrail list-public-keys\"")
		case errors.Is(err, io.EOF):
			return keys, nil
		case err != nil:
			return nil, fmt.Errorf("public keys: %w", err)
		}
		for _, l := range answer.PublicKeyList {
			der, err := base64.StdEncoding.DecodeString(l.Value)
			if err == nil {
				err = keys.Add(Key{der, l.ValidityStartTime.Time, l.ValidityEndTime.Time, l.Fingerprint})
			}
			if err != nil {
				return nil, fmt.Errorf("public key %q: %w", l.Fingerprint, err)
			}
		}
	}
}

// Add adds a key. It refuses one whose fingerprint is not that of its bytes, or that
// is no RSA key. Not to be called while the keys are in use.
func (k *Keys) Add(n Key) error {
	sum := md5.Sum(n.Value) // CloudTrail's choice; the key is trusted for where it came from
	fingerprint := hex.EncodeToString(sum[:])
	if n.Fingerprint != "" && !strings.EqualFold(n.Fingerprint, fingerprint) {
		return fmt.Errorf("its bytes have the fingerprint %s", fingerprint)
	}
	key, err := parseKey(n.Value)
	if err != nil {
		return err
	}
	if k.byFingerprint == nil {
		k.byFingerprint = map[string]publicKey{}
	}
	k.byFingerprint[fingerprint] = publicKey{key, n.Value, n.From, n.To}
	return nil
}

// parseKey reads both forms that CloudTrail has given keys in: PKCS #1 and
// SubjectPublicKeyInfo.
func parseKey(der []byte) (*rsa.PublicKey, error) {
	key, err := x509.ParsePKCS1PublicKey(der)
	if err == nil {
		return key, nil
	}
	other, errOther := x509.ParsePKIXPublicKey(der)
	if errOther != nil {
		return nil, fmt.Errorf("neither PKCS #1 (%w) nor PKIX (%w)", err, errOther)
	}
	key, ok := other.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("not an RSA key but %T", other)
	}
	return key, nil
}

// validIn reports whether the key was valid at some time of a span.
func (k publicKey) validIn(from, to time.Time) bool {
	return (k.from.IsZero() || !to.Before(k.from)) && (k.to.IsZero() || !from.After(k.to))
}

// instant is a time as the AWS command line writes it: ISO 8601 text, or seconds
// since 1970 in its first version.
type instant struct{ time.Time }

func (i instant) MarshalJSON() ([]byte, error) { return json.Marshal(i.UTC()) }

func (i *instant) UnmarshalJSON(b []byte) error {
	var seconds float64
	if json.Unmarshal(b, &seconds) == nil {
		if string(b) != "null" {
			i.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
		}
		return nil
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339, text)
	i.Time = t.UTC()
	return err
}
