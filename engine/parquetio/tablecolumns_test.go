package parquetio

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// columnsOf reads the columns of entries that a [TableColumns] can.
func columnsOf(b []byte) (names, notes, kinds []string, counts []int64, err error) {
	t, err := OpenColumns(bytes.NewReader(b), int64(len(b)), []string{"name", "note", "kind", "lacking"}, []string{"count"})
	if err != nil {
		return nil, nil, nil, nil, err
	}
	defer t.Close()
	for {
		some, err := t.Next()
		if errors.Is(err, io.EOF) {
			return names, notes, kinds, counts, nil
		}
		if err != nil {
			return nil, nil, nil, nil, err
		}
		names, notes, kinds = append(names, some.Texts[0]...), append(notes, some.Texts[1]...), append(kinds, some.Texts[2]...)
		counts = append(counts, some.Numbers[0]...)
		for _, s := range some.Texts[3] {
			if s != "" {
				return nil, nil, nil, nil, errors.New("a column that is not there has " + s)
			}
		}
	}
}

// Columns hold what rows do: NULL, texts in a dictionary, several pages and row groups.
func TestTableColumns(t *testing.T) {
	for _, n := range []int{0, 1, columnRows, columnRows + 1, groupRows + 700} {
		rows := entries(n)
		var b bytes.Buffer
		if err := WriteRows(&b, rows); err != nil {
			t.Fatal(err)
		}
		names, notes, kinds, counts, err := columnsOf(b.Bytes())
		if err != nil || len(names) != n || len(notes) != n || len(kinds) != n || len(counts) != n {
			t.Fatalf("%d rows: %d, %d, %d, %d; %v", n, len(names), len(notes), len(kinds), len(counts), err)
		}
		for i, row := range rows {
			note := ""
			if row.Note != nil {
				note = *row.Note
			}
			if names[i] != row.Name || notes[i] != note || kinds[i] != row.Kind || counts[i] != row.Count {
				t.Fatalf("row %d of %d: %q %q %q %d", i, n, names[i], notes[i], kinds[i], counts[i])
			}
		}
	}
}

func TestTableColumnsOfOtherTypes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRows(&b, entries(3)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2][]string{{{"count"}, nil}, {nil, {"name"}}, {nil, {"day"}}} {
		if _, err := OpenColumns(bytes.NewReader(b.Bytes()), int64(b.Len()), c[0], c[1]); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestCorruptTableColumns(t *testing.T) {
	var b bytes.Buffer
	if err := WriteRows(&b, entries(50)); err != nil {
		t.Fatal(err)
	}
	for at := range b.Len() {
		bad := bytes.Clone(b.Bytes())
		bad[at] ^= 0x10
		if _, _, _, _, err := columnsOf(bad); err != nil && !errors.Is(err, ErrCorrupt) {
			t.Fatalf("byte %d: %v", at, err)
		}
		if _, _, _, _, err := columnsOf(bad[:at]); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	}
}
