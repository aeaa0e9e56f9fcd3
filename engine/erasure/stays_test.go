package erasure

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// What says something of the subject and stays is counted: longer keys that have the value
// in them, and callers of that name. Parts of words are neither.
func TestStayingIsCounted(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	fmt.Fprint(w, `{"Records":[`)
	for i, pk := range []string{"alice", "order#alice", "order#alice", "malice", "bob"} {
		if i > 0 {
			fmt.Fprint(w, ",")
		}
		fmt.Fprint(w, record(i, "GetItem", `"requestParameters":{"tableName":"people","key":{"pk":"`+pk+`"}}`))
	}
	io.WriteString(w, `]}`)
	w.Close()
	src := memOf(t, map[string][]byte{fmt.Sprintf(trailObject, 2, 2): z.Bytes()})
	e := engineOf(t, objecttest.NewMem())
	ingest(t, e, src)
	for _, remove := range []bool{false, true} {
		p, err := Look(t.Context(), e.Lake, &Request{ID: "DSR-1", Remove: remove, Asked: []Asked{{Values: []string{"alice"}}}})
		if err != nil {
			t.Fatal(err)
		}
		callers := int64(5) // all are alice's, as the user of all records is
		if remove {
			callers--
		}
		if p.Named != 1 || p.InKeys != 2 || p.Callers != callers {
			t.Errorf("remove %t: %d rows named, %d in keys, %d callers", remove, p.Named, p.InKeys, p.Callers)
		}
	}
	p, err := Look(t.Context(), e.Lake, &Request{ID: "DSR-1", Part: true, Asked: []Asked{{Table: "people", Values: []string{"alice"}}}})
	if err != nil || p.Named != 3 || p.InKeys != 0 {
		t.Errorf("with parts: %+v, %v", p, err)
	}
}

// What a request changed is known by the journal when nothing is left to change, so that
// older versions in a bucket can be removed later.
func TestChangedBefore(t *testing.T) {
	e := engineOf(t, objecttest.NewMem())
	ingest(t, e, memOf(t, trail("customer#1042")))
	r := Request{ID: "DSR-1", Operator: "jane", Asked: []Asked{{Values: []string{"customer#1042"}}}}
	changed := forgetNow(t, e, &r).parts
	if again := forgetNow(t, e, &r); !again.Nothing() || len(changed) == 0 {
		t.Fatalf("first %v, then %+v", changed, again)
	}
	for id, want := range map[string]int{"DSR-1": len(changed), "DSR": 0, "DSR-11": 0} {
		got, err := e.Lake.Restated(t.Context(), func(c lake.Cause) bool { return Caused(id, c) })
		if err != nil || len(got) != want {
			t.Errorf("%s: %v, %v; want %v", id, got, err, changed)
		}
	}
	overridden := entry{Request: "DSR-1", Override: "legal"}
	if !Caused("DSR-1", overridden.cause()) {
		t.Error("a request done in spite of a hold is not found")
	}
}
