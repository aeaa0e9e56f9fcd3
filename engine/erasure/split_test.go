package erasure

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// Partitions of several files come to have as many as their rows want, which may be
// fewer, or none: nothing is left behind for others to count.
func TestForgetInSeveralFiles(t *testing.T) {
	const v = "customer#1042"
	split := func(into lake.Store) *engine.Engine {
		e := engineOf(t, into)
		e.MaxFileRows = 8
		return e
	}
	src, into := memOf(t, trail(v)), objecttest.NewMem()
	e := split(into)
	ingest(t, e, src)
	several := func() (n int) {
		for key := range filesOf(t, into, "touches/") {
			if !strings.HasSuffix(key, "part-00.parquet") {
				n++
			}
		}
		return n
	}
	before := several()
	forgetNow(t, e, &Request{ID: "1", Asked: []Asked{{Values: []string{v}}}, Remove: true})
	clean(t, into, src)
	if before == 0 || several() >= before {
		t.Errorf("%d files beside the first became %d", before, several())
	}
	same := func() {
		t.Helper()
		fresh := memOf(t, map[string][]byte{string(lake.ForgottenOrder): filesOf(t, into, "")[string(lake.ForgottenOrder)]})
		ingest(t, split(fresh), src)
		sameFiles(t, filesOf(t, fresh, "touches/"), filesOf(t, into, "touches/"))
		clean(t, fresh, src)
	}
	same()
	forgetNow(t, e, &Request{ID: "2", Asked: []Asked{{Values: []string{"rex"}}}, Remove: true})
	for key := range filesOf(t, into, "touches/table_name=pets/") {
		t.Errorf("%s is left of a table that was about nobody else", key)
	}
	clean(t, into, src)
	same()
}
