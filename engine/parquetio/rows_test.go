package parquetio

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// entry has the types that the small tables have.
type entry struct {
	Name  string    `parquet:"name"`
	Note  *string   `parquet:"note,optional"`
	Kind  string    `parquet:"kind,dict"`
	Count int64     `parquet:"count"`
	At    time.Time `parquet:"at,timestamp(microsecond)"`
	Day   int32     `parquet:"day"`
	OK    bool      `parquet:"ok"`
}

func entries(n int) []entry {
	rows := make([]entry, n)
	for i := range rows {
		rows[i] = entry{
			Name: strings.Repeat("k", i%5) + fmt.Sprint(i), Kind: []string{"done", "failed", "", "\x00😀"}[i%4],
			Count: int64(i) << 20, At: time.UnixMicro(int64(i) * 1_000_003).UTC(), Day: int32(-i), OK: i%2 == 0,
		}
		if i%3 == 0 {
			rows[i].Note = &rows[i].Kind
		}
	}
	return rows
}

func TestRows(t *testing.T) {
	for _, n := range []int{0, 1, 5, 10_000} {
		rows := entries(n)
		var a, b bytes.Buffer
		if err := errors.Join(WriteRows(&a, rows), WriteRows(&b, rows)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%d rows: other bytes the second time", n)
		}
		got, err := ReadRows[entry](bytes.NewReader(a.Bytes()), int64(a.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != n || n > 0 && !reflect.DeepEqual(got, rows) {
			t.Errorf("%d rows: read back as %d others", n, len(got))
		}
	}
}

// A newer program's table has more columns, an older one's fewer.
func TestRowsOfOtherColumns(t *testing.T) {
	type older struct {
		Name string `parquet:"name"`
		Gone string `parquet:"gone"`
	}
	var b bytes.Buffer
	if err := WriteRows(&b, []older{{"a", "x"}, {"b", "y"}}); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRows[entry](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(got) != 2 || got[1].Name != "b" || got[1].Count != 0 || got[1].Note != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestCorruptRows(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRows(&b, entries(50)); err != nil {
		t.Fatal(err)
	}
	for at := range b.Len() {
		bad := bytes.Clone(b.Bytes())
		bad[at] ^= 0x10
		if _, err := ReadRows[entry](bytes.NewReader(bad), int64(len(bad))); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: %v", at, err)
		}
		if _, err := ReadRows[entry](bytes.NewReader(bad[:at]), int64(at)); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	}
}
