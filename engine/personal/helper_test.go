package personal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// secretOf is a secret of equal bytes, as it would come from a file.
func secretOf(t testing.TB, from string, fill byte) Secret {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, bytes.Repeat([]byte{fill}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	ref := SecretRef{From: from, kind: "file", at: file}
	s, err := ref.Read(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func modesOf(t testing.TB, texts ...string) *Modes {
	t.Helper()
	m, err := ParseModes(texts)
	if err != nil {
		t.Fatal(err)
	}
	return &m
}

// ringOf is the keyring of a new lake with these modes.
func ringOf(t testing.TB, modes *Modes, secrets ...Secret) *Keyring {
	t.Helper()
	pin, _, err := Settle(nil, modes, secrets)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := pin.Keyring(secrets)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func rewriterOf(t testing.TB, ring *Keyring) *Rewriter {
	t.Helper()
	workers, err := ring.Rewriters()
	if err != nil {
		t.Fatal(err)
	}
	return workers()
}

// at is an event time on a day.
func at(t testing.TB, day string) int64 {
	t.Helper()
	n, err := schema.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	return int64(n) * 24 * 60 * 60 * 1_000_000
}
