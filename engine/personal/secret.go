package personal

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// minSecret is how many bytes a secret has at least: those of a key of HMAC-SHA-256.
const minSecret = 32

// maxSecretFile is more than any secret or ciphertext of one takes.
const maxSecretFile = 64 << 10

// Decrypter decrypts what KMS encrypted.
type Decrypter interface {
	Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error)
}

// SecretRef says where a secret is, never what it is: printing one prints that.
type SecretRef struct {
	From string // first event day of its epoch, YYYY-MM-DD; empty when not said
	kind string // "file", "env" or "kms"
	at   string
}

const secretForms = "write it as file:PATH, env:NAME or kms:PATH, and a later epoch's as 2026-04-01=file:PATH"

// ParseSecretRef reads "[FROM-DAY=]file:PATH", "env:NAME" or "kms:PATH". What is no such
// text is not repeated in the error: it may be a secret.
func ParseSecretRef(text string) (r SecretRef, err error) {
	if day, rest, found := strings.Cut(text, "="); found && !strings.Contains(day, ":") {
		if n, err := schema.ParseDay(day); err != nil || schema.DayString(n) != day {
			return SecretRef{}, errors.New("what stands before the = is no day: " + secretForms)
		}
		r.From, text = day, rest
	}
	var ok bool
	r.kind, r.at, ok = strings.Cut(text, ":")
	switch {
	case !ok || r.at == "":
	case r.kind == "file", r.kind == "env", r.kind == "kms":
		return r, nil
	}
	return SecretRef{}, errors.New("a secret is never given itself: " + secretForms)
}

func (r SecretRef) String() string {
	text := r.kind + ":" + r.at
	if r.From != "" {
		text = r.From + "=" + text
	}
	return text
}

// NeedsKMS reports whether [SecretRef.Read] asks KMS.
func (r SecretRef) NeedsKMS() bool { return r.kind == "kms" }

// Secret is one secret, ready for use. It cannot be printed.
type Secret struct {
	ref   SecretRef
	bytes []byte
	check string
}

// Read fetches the secret. kms may be nil unless it is needed.
func (r SecretRef) Read(ctx context.Context, kms Decrypter) (Secret, error) {
	raw, err := r.bytes(ctx, kms)
	if err != nil {
		return Secret{}, fmt.Errorf("secret %s: %w", r, err)
	}
	if len(raw) < minSecret {
		return Secret{}, fmt.Errorf("secret %s has %d bytes, and needs %d or more: make one with \"head -c 32 /dev/urandom | base64\"", r, len(raw), minSecret)
	}
	check, err := checkOf(raw)
	return Secret{r, raw, check}, err
}

func (r SecretRef) bytes(ctx context.Context, kms Decrypter) ([]byte, error) {
	if r.kind == "env" {
		text, ok := os.LookupEnv(r.at)
		if !ok {
			return nil, fmt.Errorf("the environment has no variable %s", r.at)
		}
		return decodeSecret([]byte(text)), nil
	}
	stored, err := readFile(r.at)
	if err != nil || r.kind == "file" {
		return decodeSecret(stored), err
	}
	if text, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(stored))); err == nil {
		stored = text // as the aws command prints it
	}
	if len(stored) == 0 {
		return nil, errors.New("the file is empty: it should have the ciphertext that \"aws kms generate-data-key\" gives")
	}
	if kms == nil {
		return nil, errors.New("there is nothing here to ask KMS with")
	}
	return kms.Decrypt(ctx, stored)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSecretFile+1))
	if err == nil && len(data) > maxSecretFile {
		err = fmt.Errorf("the file has more than %d bytes, which no secret needs", maxSecretFile)
	}
	return data, err
}

// decodeSecret is the secret that a text stands for: 64 or more hexadecimal digits, or
// base64 of 32 bytes or more, are what they encode; other text is its bytes, less white
// space around them; and what is no text is as it stands.
func decodeSecret(stored []byte) []byte {
	if !utf8.Valid(stored) {
		return stored
	}
	text := bytes.TrimSpace(stored)
	if raw, err := hex.DecodeString(string(text)); err == nil && len(raw) >= minSecret {
		return raw
	}
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if raw, err := form.DecodeString(string(text)); err == nil && len(raw) >= minSecret {
			return raw
		}
	}
	return text
}

// String says where the secret is.
func (s Secret) String() string { return s.ref.String() }

// GoString keeps the secret out of what %#v prints.
func (s Secret) GoString() string { return s.String() }
