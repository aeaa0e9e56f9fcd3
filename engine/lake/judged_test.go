package lake

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

func TestJudged(t *testing.T) {
	everywhere(t, func(t *testing.T, s Store) {
		l := create(t, s)
		if j, err := l.Judged(t.Context(), "2026-03-10"); j != nil || err != nil {
			t.Fatal(j, err)
		}
		for _, day := range []string{"2026-03-11", "2026-03-10"} {
			err := l.UpdateJudged(t.Context(), day, func(j *Judged) {
				j.Version, j.Told = "v", map[string]schema.Severity{"fnd_" + day: schema.SeverityHigh}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		j, err := l.Judged(t.Context(), "2026-03-10")
		if err != nil || j.Version != "v" || j.Told["fnd_2026-03-10"] != schema.SeverityHigh {
			t.Errorf("%+v %v", j, err)
		}
		if days, err := l.JudgedDays(t.Context()); err != nil || fmt.Sprint(days) != "[2026-03-10 2026-03-11]" {
			t.Errorf("%v %v", days, err)
		}
		if err := l.UpdateJudged(t.Context(), "../x", func(*Judged) {}); err == nil {
			t.Error("a path is no day")
		}

		for _, id := range []string{"2026-03-12T01-00-00Z", "2026-03-11T01-00-00Z"} {
			if err := l.RecordRun(t.Context(), id, []byte(`{"id":"`+id+`"}`)); err != nil {
				t.Fatal(err)
			}
		}
		if ids, err := l.Runs(t.Context()); err != nil || fmt.Sprint(ids) != "[2026-03-11T01-00-00Z 2026-03-12T01-00-00Z]" {
			t.Errorf("%v %v", ids, err)
		}
		if data, err := l.Run(t.Context(), "2026-03-11T01-00-00Z"); err != nil || len(data) == 0 {
			t.Errorf("%q %v", data, err)
		}
		if err := l.RecordRun(t.Context(), "a/b", nil); err == nil {
			t.Error("a path is no id")
		}
		if _, err := l.Run(t.Context(), "none"); !errors.Is(err, object.ErrNotExist) {
			t.Error(err)
		}
	})
}

// Whoever notes something about a day loses nothing that others note.
func TestJudgedTogether(t *testing.T) {
	l := create(t, objecttest.NewMem())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := l.UpdateJudged(t.Context(), "2026-03-10", func(j *Judged) {
				if j.Told == nil {
					j.Told = map[string]schema.Severity{}
				}
				j.Told[fmt.Sprint(i)] = schema.SeverityLow
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if j, err := l.Judged(t.Context(), "2026-03-10"); err != nil || len(j.Told) != 20 {
		t.Errorf("%+v %v", j, err)
	}
}
