package personal

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseSecretRef(t *testing.T) {
	for text, want := range map[string]SecretRef{
		"file:key.txt":            {"", "file", "key.txt"},
		"env:KEY":                 {"", "env", "KEY"},
		"2026-04-01=kms:a=b:c":    {"2026-04-01", "kms", "a=b:c"},
		"file:/tmp/2026-04-01=x":  {"", "file", "/tmp/2026-04-01=x"},
		"2026-04-01=file:C:\\key": {"2026-04-01", "file", "C:\\key"},
	} {
		if got, err := ParseSecretRef(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
		} else if got.String() != text {
			t.Errorf("%q is told as %q", text, got)
		}
	}
	for _, text := range []string{"", "hunter2hunter2", "file:", "vault:x", "2026-4-1=file:x", "hunter2=file:x", "2026-04-01=", "s3cr3t="} {
		_, err := ParseSecretRef(text)
		if err == nil {
			t.Errorf("%q was taken", text)
		} else if text != "" && strings.Contains(err.Error(), strings.SplitN(text, "=", 2)[0]+"\"") || strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%q is repeated: %v", text, err)
		}
	}
}

// upper is a KMS that encrypts by writing in capitals.
type upper struct{}

func (upper) Decrypt(_ context.Context, b []byte) ([]byte, error) {
	if string(b) == "BROKEN" {
		return nil, errors.New("no such key")
	}
	return []byte(strings.ToLower(string(b))), nil
}

func TestReadSecret(t *testing.T) {
	raw := "\x00\x01\n" + strings.Repeat("\xfe", 28) + "\n"
	words := "correct horse battery staple, correct horse"
	dir := t.TempDir()
	for name, c := range map[string]struct{ stored, want, fault string }{
		"raw bytes, white space among them": {raw, raw, ""},
		"base64":                            {base64.StdEncoding.EncodeToString([]byte(raw)) + "\n", raw, ""},
		"base64 for URLs, unpadded":         {base64.RawURLEncoding.EncodeToString([]byte(raw + "\xff")), raw + "\xff", ""},
		"hexadecimal":                       {" " + hex.EncodeToString([]byte(raw)) + "\r\n", raw, ""},
		"words":                             {words + "\n", words, ""},
		"short":                             {"hunter2\n", "", "has 7 bytes"},
		"base64 of a short one":             {base64.StdEncoding.EncodeToString([]byte("hunter2")), "", "bytes"},
		"empty":                             {"\n", "", "has 0 bytes"},
		"huge":                              {strings.Repeat("a", maxSecretFile+1), "", "no secret needs"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, "secret")
			if err := os.WriteFile(file, []byte(c.stored), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := SecretRef{kind: "file", at: file}.Read(t.Context(), nil)
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) || strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%v, want %q", err, c.fault)
				}
				return
			}
			if err != nil || string(s.bytes) != c.want {
				t.Fatalf("%q, %v", s.bytes, err)
			}
			for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
				if told := fmt.Sprintf(form, s) + fmt.Sprintf(form, []Secret{s}); strings.Contains(told, c.want) || strings.Contains(told, s.check) || !strings.Contains(told, file) {
					t.Errorf("%s prints %s", form, told)
				}
			}
		})
	}
	t.Setenv("KEYTRAIL_TEST_SECRET", words)
	if s, err := (SecretRef{kind: "env", at: "KEYTRAIL_TEST_SECRET"}).Read(t.Context(), nil); err != nil || string(s.bytes) != words {
		t.Errorf("of the environment: %v", err)
	}
	if _, err := (SecretRef{kind: "env", at: "KEYTRAIL_TEST_NONE"}).Read(t.Context(), nil); err == nil {
		t.Error("of no variable")
	}
	if _, err := (SecretRef{kind: "file", at: filepath.Join(dir, "none")}).Read(t.Context(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of no file: %v", err)
	}
	for stored, want := range map[string]string{
		strings.Repeat("RAW\xff", 9): strings.Repeat("raw\ufffd", 9),
		base64.StdEncoding.EncodeToString([]byte(strings.Repeat("WORDS", 9))) + "\n": strings.Repeat("words", 9),
		"BROKEN": "", "": "",
	} {
		file := filepath.Join(dir, "ciphertext")
		if err := os.WriteFile(file, []byte(stored), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := SecretRef{kind: "kms", at: file}.Read(t.Context(), upper{})
		if string(s.bytes) != want || (err == nil) != (want != "") {
			t.Errorf("%q by KMS: %q, %v", stored, s.bytes, err)
		}
		if _, err := (SecretRef{kind: "kms", at: file}).Read(t.Context(), nil); err == nil {
			t.Error("of no KMS")
		}
	}
}
