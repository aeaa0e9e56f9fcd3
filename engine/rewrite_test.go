package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/schema"
)

// keyModes rewrites as a lake with these modes does, whose secret changes within the days
// of a sample.
func keyModes(t *testing.T, modes ...string) Rewrites {
	t.Helper()
	var secrets []personal.Secret
	for i, from := range []string{"", "2026-03-04="} {
		file := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(file, bytes.Repeat([]byte{byte(i)}, 32), 0o600); err != nil {
			t.Fatal(err)
		}
		ref, err := personal.ParseSecretRef(from + "file:" + file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ref.Read(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, s)
	}
	m, err := personal.ParseModes(modes)
	if err != nil {
		t.Fatal(err)
	}
	pin, _, err := personal.Settle(nil, &m, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return func(context.Context) (RewriterMaker, error) {
		ring, err := pin.Keyring(secrets)
		if err != nil {
			return nil, err
		}
		workers, err := ring.Rewriters()
		return func() Rewriter { return workers() }, err
	}
}

// With tokens for keys, too, the bytes depend on the records alone: not on how they are
// dealt to runs, nor on workers, memory or what was rewritten before.
func TestConvergeRewritten(t *testing.T) {
	logs := makeOddSample(t, 2500)
	modes := keyModes(t, "hmac", "orders*=drop", "inventory=plain")
	whole := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	rep := whole.run(t, &Engine{Rewrite: []Rewrites{modes}}, openSource(t, logs))
	if rep.Touches == 0 || rep.Duplicates == 0 || rep.Quarantined == 0 || rep.Withheld != 0 {
		t.Fatalf("one run over everything: %+v", rep)
	}
	whole.balanced(t)
	want := whole.touches(t)
	plain := openPlace(t, filepath.Join(t.TempDir(), "plain"))
	if other := plain.run(t, &Engine{}, openSource(t, logs)); other.RowsAdded != rep.RowsAdded || other.Conflicts != rep.Conflicts {
		t.Errorf("%d rows and %d conflicts with tokens, %d and %d without", rep.RowsAdded, rep.Conflicts, other.RowsAdded, other.Conflicts)
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 42))
			objects := files(t, logs)
			rng.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
			l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
			for len(objects) > 0 {
				n := min(len(objects), 1+rng.IntN(len(objects)))
				eng := &Engine{Rewrite: []Rewrites{modes}, Jobs: 1 + rng.IntN(4), spillAt: int64(1 + rng.IntN(1<<20))}
				l.run(t, eng, only{openSource(t, logs), objects[:n]})
				objects = objects[n:]
			}
			sameFiles(t, want, l.touches(t))
			l.balanced(t)
		})
	}
}

// without keeps the touches of a table out, and shouts the name of those it lets in.
type without struct {
	table string
}

func (w *without) Rewrite(t *schema.Touch) bool {
	if t.TableName == w.table {
		return false
	}
	t.EventName = strings.ToUpper(t.EventName)
	return true
}

func (w *without) Quarantined(reason, raw string) (string, string) { return "said " + reason, raw[:1] }

// echo is a rewriter that comes after another: it sees what that left.
type echo struct{ t *testing.T }

func (e echo) Rewrite(t *schema.Touch) bool {
	if t.TableName == "customers" || t.EventName != strings.ToUpper(t.EventName) {
		e.t.Errorf("%s of %s came past the one before", t.EventName, t.TableName)
	}
	t.EventName += "!"
	return true
}

func (e echo) Quarantined(reason, raw string) (string, string) { return reason + "!", raw }

// What a rewriter keeps out is in no row, and the accounts balance all the same; each
// touch is rewritten once, though those of a record share what they say.
func TestRewriteKeepsOut(t *testing.T) {
	logs := makeOddSample(t, 2500)
	rewrite := []Rewrites{
		func(context.Context) (RewriterMaker, error) {
			return func() Rewriter { return &without{table: "customers"} }, nil
		},
		func(context.Context) (RewriterMaker, error) { return nil, nil },
		func(context.Context) (RewriterMaker, error) { return func() Rewriter { return echo{t} }, nil },
	}
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	rep := l.run(t, &Engine{Rewrite: rewrite, spillAt: 1 << 16}, openSource(t, logs))
	if rep.Withheld == 0 || rep.Touches != rep.RowsAdded+rep.Duplicates+rep.Withheld {
		t.Errorf("%+v", rep)
	}
	for file := range l.touches(t) {
		if strings.Contains(file, "table_name=customers/") {
			t.Errorf("rows of the table: %s", file)
		}
	}
	days, err := l.QuarantineDays(t.Context())
	if err != nil || len(days) == 0 {
		t.Fatal(days, err)
	}
	rows, err := l.Quarantine(t.Context(), days[0])
	if err != nil || !strings.HasPrefix(rows[0].Reason, "said no readable") || !strings.HasSuffix(rows[0].Reason, "!") || rows[0].Raw != "{" {
		t.Errorf("%+v, %v", rows, err)
	}
}

// A run that cannot be made ready to rewrite writes nothing and gives back the lease.
func TestRewriteRefused(t *testing.T) {
	l := openPlace(t, filepath.Join(t.TempDir(), "lake"))
	logs := makeSample(t, 50)
	refused := errors.New("no")
	_, err := l.try(&Engine{Rewrite: []Rewrites{func(context.Context) (RewriterMaker, error) { return nil, refused }}}, openSource(t, logs))
	if !errors.Is(err, refused) || len(l.touches(t)) > 0 {
		t.Errorf("%v, and %d files", err, len(l.touches(t)))
	}
	if rep := l.run(t, &Engine{}, openSource(t, logs)); rep.ObjectsDone == 0 || !slices.Equal(rep.Failures, []Failure{}) {
		t.Errorf("the next run: %+v", rep)
	}
}
