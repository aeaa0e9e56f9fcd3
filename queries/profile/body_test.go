package profile

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// A touch comes back with all its columns, whatever is in them.
func TestTouchBodies(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var in schema.Touch
		for i := range schema.Columns {
			switch c := &schema.Columns[i]; {
			case c.Text != nil:
				*c.Text(&in) = []string{"", "x", "\x00\xff\u202e", fmt.Sprint(r.Uint64())}[r.IntN(4)]
			case c.Int != nil:
				*c.Int(&in) = int32(r.Uint32())
			case c.Time != nil:
				*c.Time(&in) = int64(r.Uint64())
			case c.Flag != nil:
				*c.Flag(&in) = r.IntN(2) == 0
			case c.Tri != nil:
				*c.Tri(&in) = schema.Tri(r.IntN(3))
			case c.List != nil:
				*c.List(&in) = [][]string{nil, {}, {""}, {"a", "b"}}[r.IntN(4)]
			}
		}
		in.TableName = "orders"
		text := string(appendTouch(nil, &in))
		out, err := readTouch(text)
		if err != nil || !reflect.DeepEqual(in, out) {
			t.Fatalf("%+v\nnot\n%+v: %v", out, in, err)
		}
		if _, err := readTouch(text[:len(text)-1]); err == nil {
			t.Fatal("a touch that is cut off is taken for one")
		}
	}
}

// Rows that nobody wrote are an error, or say something, and nothing worse.
func FuzzRows(f *testing.F) {
	b := newBuilding("2026-03-20")
	for i, v := range touchesOn(9, 1) {
		v.Op = []string{schema.OpReadPoint, schema.OpWriteItem}[i%2]
		if err := b.add(&v, schema.PartitionOf(&v)); err != nil {
			f.Fatal(err)
		}
	}
	b.settings.add(&schema.Touch{Mutates: true, KeyValues: []string{"a"}})
	if err := b.end(); err != nil {
		f.Fatal(err)
	}
	good := b.rows(version{format: format})
	for i := range good {
		f.Add(uint8(i), good[i].Kind, good[i].Body)
	}
	f.Add(uint8(0), kindPair, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")
	f.Add(uint8(3), kindWord, "")
	f.Fuzz(func(t *testing.T, at uint8, kind, body string) {
		rows := append([]lake.ProfileRow(nil), good...)
		i := int(at) % len(rows)
		rows[i].Kind, rows[i].Body = kind, body
		var sum checksum
		for i := range rows[:len(rows)-1] {
			sum.add(&rows[i])
		}
		rows[len(rows)-1].Body = sum.String()
		var d dayProfile
		if d.add(rows) != nil {
			return
		}
		h := newHistory(benchDay, 2)
		if h.merge(1, &d) != nil {
			return
		}
		h.Touched(2, orders, "role", "", "")
		h.Distinct(2, "", "", "")
		h.Settings(func(*schema.Touch) {})
	})
}
