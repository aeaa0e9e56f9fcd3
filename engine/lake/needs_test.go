package lake

import (
	"errors"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// A lake that came to need a file is not used without it, and not by those who would not
// know: losing the file must not turn tokens into plain keys again.
func TestNeeds(t *testing.T) {
	s := objecttest.NewMem()
	l, err := Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, etag, err := l.KeyPin(t.Context()); err != nil || etag != "" {
		t.Fatalf("a new lake has a pin: %v", err)
	}
	if err := l.PutKeyPin(t.Context(), []byte("{}"), ""); err != nil {
		t.Fatal(err)
	}
	etag, err := l.PutOrders(t.Context(), ForgottenOrder, []byte("{}"), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutOrders(t.Context(), ForgottenOrder, []byte("{ }"), etag); err != nil {
		t.Fatal(err)
	}
	const want = `{"format":2,"schema":"1","needs":["_keytrail/forgotten.json","_keytrail/keys.json"]}` + "\n"
	text, _, err := l.readAll(t.Context(), formatKey, maxJSON, "")
	if err != nil || string(text) != want {
		t.Fatalf("%s %v", text, err)
	}
	for _, key := range []string{keysKey, string(ForgottenOrder)} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []*Lake{l, again, again.WithTempDir(t.TempDir())} {
		if _, _, err := l.KeyPin(t.Context()); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("the lost pin: %v", err)
		}
		if _, _, err := l.Orders(t.Context(), ForgottenOrder); !errors.Is(err, ErrCorrupt) {
			t.Errorf("the lost list: %v", err)
		}
		if _, _, err := l.Orders(t.Context(), RetentionOrder); err != nil {
			t.Errorf("what was never there: %v", err)
		}
	}
}
