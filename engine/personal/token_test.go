package personal

import (
	"testing"
)

// The tokens were worked out by another program, from the words of the package's
// description: who changes one of them makes every lake's tokens unfindable.
func TestTokens(t *testing.T) {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	key, err := newEpochKey(1, secret)
	if err != nil {
		t.Fatal(err)
	}
	h := key.hasher()
	for value, want := range map[string]string{
		"":              "k1_eoiv3pxuxvrgg5dcwjaydklmd4",
		"42":            "k1_mmdlnbf4itsmpcwckdtz4glwcq",
		"42.0":          "k1_6agb6pqx5v5mzegirdiri22req",
		"customer#1042": "k1_4onojmxw35zoioli36a4yqfh4u",
		"é":             "k1_nql6akmplpuclnxdccq2nyco3i",
		"a\"b\\c\n":     "k1_7z2ni2awlwxk3qdsccgkq4xyoy",
	} {
		for range 2 { // made, and remembered
			if got := h.token(value); got != want {
				t.Errorf("token of %q: %s, want %s", value, got, want)
			}
		}
	}
	key.number = 12
	if got := key.hasher().token("42"); got != "k12_mmdlnbf4itsmpcwckdtz4glwcq" {
		t.Errorf("in epoch 12: %s", got)
	}
	check, err := checkOf(secret)
	if err != nil || check != "f902979c6e9681ec07bae8809e399d08" {
		t.Errorf("check value %s, %v", check, err)
	}
}

// However many values there are, the memory for them is bounded, and forgetting some
// changes nothing.
func TestTokensRemembered(t *testing.T) {
	key, err := newEpochKey(1, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	h := key.hasher()
	first := h.token("v")
	for i := range 3 * maxCached {
		h.token(string(rune('a'+i%26)) + string(rune(i)))
		if len(h.known) > maxCached {
			t.Fatalf("%d remembered", len(h.known))
		}
	}
	if got := h.token("v"); got != first {
		t.Errorf("%s, and before %s", got, first)
	}
}
