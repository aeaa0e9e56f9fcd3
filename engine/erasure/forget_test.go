package erasure

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// awkward has all that is written in several ways.
const awkward = `zoë o'neil/"7"`

// What was forgotten is nowhere in the lake any more, however it was written, and no
// ingest brings it back: not into this lake, nor into a new one with the same list.
func TestForgetLeavesNothing(t *testing.T) {
	for _, v := range []string{"customer#1042", awkward, "70421"} {
		for _, remove := range []bool{false, true} {
			for name, asked := range map[string]Asked{
				"value": {Values: []string{v}}, "member": {Table: "people", Names: []string{"pk"}, Values: []string{v}},
			} {
				t.Run(fmt.Sprintf("%s, %s, remove %t", v, name, remove), func(t *testing.T) {
					src, into := memOf(t, trail(v)), objecttest.NewMem()
					e := engineOf(t, into)
					before := ingest(t, e, src)
					if len(leaks(t, into, v)) < 6 || before.Quarantined != 2 {
						t.Fatalf("the trail hardly has it: %q, %+v", leaks(t, into, v), before)
					}
					r := &Request{ID: "DSR-1", Operator: "jane", Asked: []Asked{asked}, Remove: remove}
					plan, err := Look(t.Context(), e.Lake, r)
					if err != nil {
						t.Fatal(err)
					}
					done := forgetNow(t, e, r)
					if left := leaks(t, into, v); len(left) > 0 {
						t.Errorf("still there: %q", left)
					}
					if plan.Named != done.Named || plan.Scrubbed != done.Scrubbed || done.Named == 0 || done.Scrubbed == 0 || done.Quarantined != 2 {
						t.Errorf("planned %+v, did %+v", plan, done.Plan)
					}
					rep := clean(t, into, src)
					want := before.RowsAdded
					if remove {
						want -= done.Named
					}
					if rep.Rows != want || remove && rep.RowsErased != done.Named {
						t.Errorf("%d rows, not %d; %d by the journal", rep.Rows, want, rep.RowsErased)
					}
					comesBack(t, into, src, v)
				})
			}
		}
	}
}

// comesBack reads the trail once more, into the lake and into a new one with its list.
func comesBack(t *testing.T, into *objecttest.Mem, src *objecttest.Mem, v string) {
	t.Helper()
	want := filesOf(t, into, "touches/")
	for key := range filesOf(t, into, "ledger/") {
		if err := into.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	rep := ingest(t, engineOf(t, into), src)
	if rep.ObjectsDone != 2 || rep.Touches != rep.RowsAdded+rep.Duplicates+rep.Withheld {
		t.Errorf("%+v", rep)
	}
	sameFiles(t, want, filesOf(t, into, "touches/"))
	if left := leaks(t, into, v); len(left) > 0 {
		t.Errorf("back again: %q", left)
	}
	order := map[string][]byte{string(lake.ForgottenOrder): filesOf(t, into, "")[string(lake.ForgottenOrder)]}
	fresh := memOf(t, order)
	ingest(t, engineOf(t, fresh), src)
	sameFiles(t, want, filesOf(t, fresh, "touches/"))
	sameFiles(t, filesOf(t, into, "quarantine/"), filesOf(t, fresh, "quarantine/"))
	if left := leaks(t, fresh, v); len(left) > 0 {
		t.Errorf("in a new lake: %q", left)
	}
	clean(t, fresh, src)
}

// Other items stay as they are: their keys, and the texts that have nothing of it.
func TestForgetsNobodyElse(t *testing.T) {
	const v = "customer#1042"
	src, into := memOf(t, trail(v)), objecttest.NewMem()
	e := engineOf(t, into)
	ingest(t, e, src)
	keys := func() (n map[string]int) {
		n = map[string]int{}
		allTexts(t, e.Lake, func(where, text string) {
			if strings.HasSuffix(where, " item_key") && text != "" && !strings.Contains(text, v) || strings.HasSuffix(where, " actor") || strings.HasSuffix(where, " op") {
				n[where+" "+text]++
			}
		})
		return n
	}
	before := keys()
	forgetNow(t, e, &Request{ID: "1", Asked: []Asked{{Values: []string{v}}}})
	if after := keys(); !maps.Equal(before, after) {
		t.Errorf("%v\nbecame %v", before, after)
	}
	// A member of another name, another table, or a part of the value is another item.
	for _, a := range []Asked{
		{Table: "people", Names: []string{"sk"}, Values: []string{"other#1"}}, {Table: "pets", Names: []string{"pk"}, Values: []string{"other#1"}},
		{Values: []string{"other"}}, {Table: "people", Names: []string{"pk", "sk"}, Values: []string{"other#1", "z"}},
	} {
		if p, err := Look(t.Context(), e.Lake, &Request{ID: "2", Asked: []Asked{a}}); err != nil || p.Named > 0 {
			t.Errorf("%+v: %+v, %v", a, p, err)
		}
	}
	for _, a := range []Request{
		{ID: "3", Asked: []Asked{{Values: []string{"other"}}}, Part: true}, {ID: "3", Asked: []Asked{{Table: "arn:aws:dynamodb:eu-west-1:111122223333:table/people", Names: []string{"sk", "pk"}, Values: []string{"x", "other#1"}}}},
	} {
		if p, err := Look(t.Context(), e.Lake, &a); err != nil || p.Named == 0 {
			t.Errorf("%+v: %+v, %v", a, p, err)
		}
	}
}

// Killed at any of its writes and run again, it ends at the same bytes.
func TestForgetKilled(t *testing.T) {
	const v = "customer#1042"
	src := memOf(t, trail(v))
	full := objecttest.NewMem()
	ingest(t, engineOf(t, full), src)
	start := filesOf(t, full, "")
	for _, remove := range []bool{false, true} {
		r := &Request{ID: "DSR-1", Operator: "jane", Asked: []Asked{{Values: []string{v}}}, Remove: remove}
		var salt []byte
		want := map[string][]byte{}
		for n := 0; ; n++ {
			store := objecttest.NewBrittle(memOf(t, start))
			e := engineOf(t, store)
			store.KillAfter(n)
			_, err := Forget(t.Context(), e, r)
			store.Mend()
			killed := err != nil
			e.Lease.Break = true
			if n%2 == 1 { // an ingest comes in between
				ingest(t, e, src)
			}
			if killed {
				forgetNow(t, e, r)
			}
			got := filesOf(t, store, "touches/")
			if len(want) == 0 {
				want = got
			}
			sameFiles(t, want, got)
			sameFiles(t, filesOf(t, full, "ledger/"), filesOf(t, store, "ledger/"))
			if left := leaks(t, store, v); len(left) > 0 {
				t.Fatalf("killed at write %d, remove %t: still there: %q", n, remove, left)
			}
			if all, err := loadList(t.Context(), e.Lake); err != nil || len(all.Entries) != 1 || len(all.Entries[0].Pending) > 0 || string(all.Salt) == string(salt) {
				t.Errorf("list %+v, %v", all, err)
			} else {
				salt = all.Salt
			}
			causes(t, e.Lake, lake.Cause{Kind: lake.Erasure, Request: "DSR-1", Operator: "jane"})
			clean(t, store, src)
			if t.Failed() {
				t.Fatalf("killed at write %d, remove %t", n, remove)
			}
			if !killed {
				t.Logf("killed at %d writes", n)
				break
			}
		}
	}
}

// causes wants the journal to name the cause of each partition's change.
func causes(t *testing.T, l *lake.Lake, want lake.Cause) {
	t.Helper()
	numbers, err := l.Journal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, n := range numbers[1:] {
		c, err := l.Commit(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range c.Changes {
			if c.Cause == want {
				named[lake.TouchKey(h.Partition, h.Bucket)] = true
			}
		}
	}
	if len(named) != 4 {
		t.Errorf("the journal names %v", named)
	}
}

// A value of a letter or two is in any request's id, and can be forgotten all the same.
func TestShortValue(t *testing.T) {
	r := Request{ID: "DSR-17", Operator: "jane", Asked: []Asked{{Values: []string{"7"}}}}
	if err := r.Check(); err != nil {
		t.Error(err)
	}
	if r.ID = "7"; r.Check() == nil {
		t.Error("an id that is the value was taken")
	}
}

// What must not be said is refused before anything is written, without the value.
func TestRefused(t *testing.T) {
	for _, r := range []Request{
		{ID: "", Asked: []Asked{{Values: []string{"secret"}}}}, {ID: "a b", Asked: []Asked{{Values: []string{"secret"}}}},
		{ID: "of-secret", Asked: []Asked{{Values: []string{"secret"}}}}, {ID: "1", Operator: "secret", Asked: []Asked{{Values: []string{"secret"}}}},
		{ID: "1"}, {ID: "1", Asked: []Asked{{}}}, {ID: "1", Asked: []Asked{{Values: []string{""}}}}, {ID: "1", Asked: []Asked{{Names: []string{"a"}, Values: []string{"secret", "b"}}}},
		{ID: "1", Operator: "a\nb", Asked: []Asked{{Values: []string{"secret"}}}},
	} {
		into := objecttest.NewMem()
		e := engineOf(t, into)
		_, err := Forget(t.Context(), e, &r)
		if err == nil || strings.Contains(err.Error(), "secret") || len(filesOf(t, into, "")) != 1 {
			t.Errorf("%+v: %v", r, err)
		}
	}
}
