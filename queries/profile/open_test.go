package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/lake/laketest"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

const orders = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

// touchesOn are n reads of as many items on each of some days before.
func touchesOn(n int, back ...int32) (all []schema.Touch) {
	for _, b := range back {
		for i := range n {
			all = append(all, schema.Touch{
				EventID: fmt.Sprint(b, "-", i), EventTime: int64(benchDay-b)*86_400_000_000 + int64(i), EventName: "GetItem",
				Plane: schema.PlaneData, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK, TableName: "orders", TableARN: orders,
				ItemKey: fmt.Sprintf(`{"pk":"%d"}`, i), KeyScope: schema.ScopeItem, Actor: "role", ActorKind: schema.ActorService,
				SourceIP: fmt.Sprintf("10.%d.%d.1", i/256, i%256), AWSRegion: "eu-west-1",
			})
		}
	}
	return all
}

func lakeOn(t *testing.T, s lake.Store, touches []schema.Touch) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	laketest.Put(t, l, touches)
	return l
}

// open opens a history of five days and says how many profiles were made for it.
func open(t *testing.T, l Lake) (h *History, made int) {
	t.Helper()
	h, err := Open(t.Context(), l, benchDay, 5, func(_, all int) { made = all })
	if err != nil {
		t.Fatal(err)
	}
	return h, made
}

func check(t *testing.T, h *History, want ...int64) {
	t.Helper()
	if got := h.Touched(5, orders, "role", "", ""); !reflect.DeepEqual(got, want) {
		t.Errorf("touched: %v, not %v", got, want)
	}
}

// A profile is made once, and anew when the day's touches are others, or when it is not
// what it should be.
func TestProfilesAreMadeWhenTheyHaveToBe(t *testing.T) {
	store := objecttest.NewMem()
	l := lakeOn(t, store, touchesOn(3, 1, 2, 4))
	h, made := open(t, l)
	if check(t, h, -1, 3, -1, 3, 3); made != 3 {
		t.Errorf("%d made at first", made)
	}
	if _, made := open(t, l); made != 0 {
		t.Errorf("%d made again", made)
	}
	laketest.Put(t, l, touchesOn(5, 2))
	h, made = open(t, l)
	if check(t, h, -1, 3, -1, 5, 3); made != 1 {
		t.Errorf("%d made after one day had more", made)
	}
	key := "_keytrail/profile/day=" + schema.DayString(benchDay-1) + "/part.parquet"
	good := get(t, store, key)
	for name, bad := range map[string][]byte{"empty": {}, "cut": good[:len(good)/2], "flipped": flipped(good), "text": []byte("hello")} {
		set(t, store, key, bad)
		h, made := open(t, l)
		if check(t, h, -1, 3, -1, 5, 3); made != 1 || h.Note() != "" {
			t.Errorf("%s: %d made, %s", name, made, h.Note())
		}
	}
	if err := store.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if h, made = open(t, l); made != 1 {
		t.Errorf("%d made after one was deleted", made)
	}
	if !bytes.Equal(get(t, store, key), good) {
		t.Error("made anew it has other bytes")
	}
	check(t, h, -1, 3, -1, 5, 3)
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/3] ^= 0x40
	return b
}

func get(t *testing.T, s lake.Store, key string) []byte {
	t.Helper()
	f, err := s.OpenAt(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Info().Size))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func set(t *testing.T, s lake.Store, key string, b []byte) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, bytes.NewReader(b), int64(len(b)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

// A history whose profiles are there takes a listing, and a request or two a day.
func TestOpenAsksLittle(t *testing.T) {
	store := objecttest.NewMem()
	l := lakeOn(t, store, touchesOn(3, 1, 2, 4))
	open(t, l)
	before := store.Usage()
	open(t, l)
	if n := store.Usage().Sub(before).Requests; n > 1+2*3 {
		t.Errorf("%d requests for three days", n)
	}
}

// A copy of a lake, whose ETags are others, has its profiles by what the manifest says, as
// long as the sizes are those.
func TestProfilesOfACopiedLake(t *testing.T) {
	store := objecttest.NewMem()
	l := lakeOn(t, store, touchesOn(3, 1))
	day := schema.DayString(benchDay - 1)
	var states []lake.FileState
	err := l.TouchFiles(t.Context(), "", "", "", func(f lake.TouchFile) error {
		states = append(states, lake.FileState{Partition: f.Partition, Bucket: f.Bucket, SHA256: strings.Repeat("ab", 32), Rows: 3, Commit: 1})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.MergeManifest(t.Context(), day, states); err != nil {
		t.Fatal(err)
	}
	if _, made := open(t, l); made != 1 {
		t.Fatalf("%d made", made)
	}
	copied := &renamed{Lake: l}
	if _, made := open(t, copied); made != 0 {
		t.Errorf("%d made for a copy", made)
	}
	copied.size = 1
	if _, made := open(t, copied); made != 1 {
		t.Errorf("%d made after a file grew", made)
	}
	states[0].SHA256, states[0].Commit = strings.Repeat("cd", 32), 2
	if err := l.MergeManifest(t.Context(), day, states); err != nil {
		t.Fatal(err)
	}
	copied.size = 0
	if _, made := open(t, copied); made != 1 {
		t.Errorf("%d made after the manifest changed", made)
	}
}

// renamed is a lake whose files have other ETags, and maybe sizes.
type renamed struct {
	*lake.Lake
	size int64
}

func (r *renamed) TouchFiles(ctx context.Context, table, from, to string, fn func(lake.TouchFile) error) error {
	return r.Lake.TouchFiles(ctx, table, from, to, func(f lake.TouchFile) error {
		f.Info.ETag += " copied"
		f.Info.Size += r.size
		return fn(f)
	})
}

// A lake that cannot be written to is read all the same, and says so once.
func TestProfilesThatCannotBeKept(t *testing.T) {
	store := objecttest.NewMem()
	lakeOn(t, store, touchesOn(3, 1, 2))
	denied := objecttest.NewFaults(store, objecttest.Fault{Op: objecttest.OpPut, Err: object.ErrDenied})
	l, err := lake.Open(t.Context(), denied)
	if err != nil {
		t.Fatal(err)
	}
	h, made := open(t, l)
	check(t, h, -1, -1, -1, 3, 3)
	if made != 2 || !strings.Contains(h.Note(), "could not be kept") || denied.Struck(0) != 1 {
		t.Errorf("%d made, %d tries, %q", made, denied.Struck(0), h.Note())
	}
}

// What goes wrong with the touches, or on the way to a profile, is an error.
func TestOpenFails(t *testing.T) {
	store := objecttest.NewMem()
	l := lakeOn(t, store, touchesOn(3, 1))
	if _, err := Open(t.Context(), l, benchDay, MaxDays+1, nil); err == nil || !strings.Contains(err.Error(), "90") {
		t.Errorf("too many days: %v", err)
	}
	if h, err := Open(t.Context(), l, benchDay, 0, nil); err != nil || h.Days(5) != 0 || len(h.Touched(3, "", "", "", "")) != 3 {
		t.Errorf("no days: %v", err)
	}
	open(t, l)
	oops := errors.New("oops")
	for _, prefix := range []string{"touches/", "_keytrail/profile/"} {
		if prefix == "touches/" {
			laketest.Put(t, l, touchesOn(4, 1))
		} else {
			open(t, l)
		}
		l, err := lake.Open(t.Context(), objecttest.NewFaults(store, objecttest.Fault{Op: objecttest.OpReadAt, Key: prefix, Err: oops}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), l, benchDay, 5, nil); !errors.Is(err, oops) {
			t.Errorf("%s: %v", prefix, err)
		}
	}
}

// More networks than can be told apart count as known, and only on days that had so many.
func TestTooManySigns(t *testing.T) {
	touches := append(touchesOn(maxSigns+5, 2), touchesOn(3, 1)...)
	h, _ := open(t, lakeOn(t, objecttest.NewMem(), touches))
	for value, want := range map[string]int32{"10.0.1.0/24": benchDay - 1, "10.4.2.0/24": benchDay - 2, "192.0.2.0/24": benchDay - 2} {
		if day, ok := h.LastSeen(detect.ByNetwork, orders, "role", value); !ok || day != want {
			t.Errorf("%s: %d %v, not %d", value, day, ok, want)
		}
	}
	if _, ok := h.LastSeen(detect.ByAgent, orders, "role", "curl"); ok {
		t.Error("a program that was never seen is known, since there were many networks")
	}
	if planes := h.Planes(5); !reflect.DeepEqual(planes, map[string]int64{schema.PlaneData: maxSigns + 8}) {
		t.Errorf("planes %v", planes)
	}
}
