package lake

import (
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// A lake tells what its store was asked for, if the store knows.
func TestUsage(t *testing.T) {
	l, err := Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	before, ok := l.Usage()
	if !ok {
		t.Fatal("a store that counts is taken for one that does not")
	}
	err = l.WithTempDir(t.TempDir()).TouchFiles(t.Context(), "", "", "", func(TouchFile) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	after, _ := l.Usage()
	if got := after.Sub(before); got != (object.Usage{Requests: 1}) {
		t.Errorf("a listing counts as %+v", got)
	}
	silent, err := Open(t.Context(), struct{ Store }{l.store})
	if err != nil {
		t.Fatal(err)
	}
	if u, ok := silent.Usage(); ok || u != (object.Usage{}) {
		t.Errorf("a store that does not count: %+v, %v", u, ok)
	}
}
