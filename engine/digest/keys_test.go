package digest

import (
	"strings"
	"testing"
	"time"
)

func TestReadKeys(t *testing.T) {
	a, b := signer{private: newKeys()[0]}, signer{private: newKeys()[1], pkix: true}
	for name, c := range map[string]struct {
		text string
		n    int
		err  string
	}{
		"command line":      {answer("PublicKeyList", a, b), 2, ""},
		"service":           {answer("publicKeyList", a, b), 2, ""},
		"answers in a row":  {answer("PublicKeyList", a) + "\n" + answer("PublicKeyList", b, a), 2, ""},
		"no fingerprint":    {strings.Replace(answer("PublicKeyList", a), a.fingerprint(), "", 1), 1, ""},
		"upper case":        {strings.Replace(answer("PublicKeyList", a), a.fingerprint(), strings.ToUpper(a.fingerprint()), 1), 1, ""},
		"wrong fingerprint": {strings.Replace(answer("PublicKeyList", a), a.fingerprint(), b.fingerprint(), 1), 0, "its bytes have the fingerprint " + a.fingerprint()},
		"not a key":         {`{"PublicKeyList":[{"Value":"AAAA"}]}`, 0, "neither PKCS #1"},
		"not base64":        {`{"PublicKeyList":[{"Value":"-"}]}`, 0, "base64"},
		"not JSON":          {"keys", 0, "invalid character"},
		"no keys":           {`{"PublicKeyList":[]}`, 0, "no public keys"},
		"empty":             {"", 0, "no public keys"},
		"cut off":           {answer("PublicKeyList", a)[:100], 0, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := ReadKeys(strings.NewReader(c.text))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil || keys.Len() != c.n {
				t.Fatalf("%v; want %d keys", err, c.n)
			}
			if _, ok := keys.find(a.fingerprint()); !ok {
				t.Error("the first key is not found")
			}
		})
	}
}

// The command line writes times as text, and did as numbers.
func TestKeyTimes(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{`"2026-03-01T12:00:00+00:00"`, `"2026-03-01T14:00:00.000+02:00"`, `1772366400.0`} {
		var i instant
		if err := i.UnmarshalJSON([]byte(text)); err != nil || !i.Equal(want) {
			t.Errorf("%s is %v, %v", text, i, err)
		}
	}
	var i instant
	if err := i.UnmarshalJSON([]byte("null")); err != nil || !i.IsZero() {
		t.Errorf("null is %v, %v", i, err)
	}
	if err := i.UnmarshalJSON([]byte(`"soon"`)); err == nil {
		t.Error("a time that is none was taken")
	}
}

func TestParseName(t *testing.T) {
	const d = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/03/111122223333_CloudTrail-Digest_eu-west-1_"
	at := time.Date(2026, 3, 3, 1, 2, 3, 0, time.UTC)
	for key, want := range map[string]chainName{
		d + "t_us-east-1_20260303T010203Z.json.gz":                         {"t", "us-east-1", false},
		d + "a_b.c-d_us-gov-west-1_20260303T010203Z_backfill.json.gz":      {"a_b.c-d", "us-gov-west-1", true},
		d + "20250101T000000Z_backfill_eu-west-1_20260303T010203Z.json.gz": {"20250101T000000Z_backfill", "eu-west-1", false},
	} {
		if got, end, ok := parseName(key); !ok || got != want || !end.Equal(at) {
			t.Errorf("%s: %+v %v %v", key, got, end, ok)
		}
	}
	for _, key := range []string{"", d, d + "t_us-east-1_20260303T010203Z.json", d + "t_20260303T010203Z.json.gz", d + "t_us-east-1_later.json.gz"} {
		if got, _, ok := parseName(key); ok {
			t.Errorf("%q is taken for %+v", key, got)
		}
	}
}
