package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// grown is a lake of three commits, the last two of which change a day that the
// first had, and the lake after the second of them.
func grown(t *testing.T) (all, earlier tree) {
	t.Helper()
	logs, m := trail().mem(t), objecttest.NewMem()
	for i := range 3 {
		if i > 0 {
			key := strings.Replace(objectB, "bbbbbbbbbbbbbbbb", fmt.Sprintf("late%012d", i), 1)
			put(t, logs, key, gzipped([]string{record(60+i, "orders", "order#3", "2026-03-02")}))
		}
		ingest(t, engine.Engine{}, logs, m)
		earlier, all = all, files(t, m)
		delete(all, leaseKey)
	}
	return all, earlier
}

// journalRow is a row of an entry as other people's SQL sees it.
type journalRow struct {
	Commit         int64    `parquet:"commit"`
	CommittedAt    int64    `parquet:"committed_at,timestamp(microsecond)"`
	PreviousSHA256 string   `parquet:"previous_sha256,optional"`
	TableName      string   `parquet:"table_name,optional"`
	Day            int32    `parquet:"day,date"`
	File           string   `parquet:"file"`
	OldSHA256      string   `parquet:"old_sha256,optional"`
	NewSHA256      string   `parquet:"new_sha256"`
	RowsBefore     int64    `parquet:"rows_before"`
	Rows           int64    `parquet:"rows"`
	RowsAdded      int64    `parquet:"rows_added"`
	SourceObjects  []string `parquet:"source_objects,list"`
}

type manifestRow struct {
	File   string `parquet:"file"`
	SHA256 string `parquet:"sha256"`
	Rows   int64  `parquet:"rows"`
	Commit int64  `parquet:"commit"`
}

// Whatever is done to the journal, or to files without it, is found.
func TestJournalFaultsAreFound(t *testing.T) {
	clean, earlier := grown(t)
	if rep := look(t, clean.mem(t)); !rep.Clean() || rep.Commits != 3 || rep.Journal.Number != 3 {
		t.Fatalf("%d commits: %s", rep.Commits, rep.text())
	}
	orders := clean.only(t, "table_name=orders", "day=2026-03-02")
	users := clean.only(t, "table_name=users", "day=2026-03-02")
	rollup := clean.only(t, "rollup", "2026-03-02")
	manifest := clean.only(t, "manifest", "2026-03-02")
	first, second, third := journalKey(1), journalKey(2), journalKey(3)
	entry := func(key string, edit func(*journalRow)) func(*testing.T, tree) {
		return func(t *testing.T, f tree) {
			edited(t, f, key, func(rows []journalRow) []journalRow {
				edit(&rows[0])
				return rows
			})
		}
	}
	state := func(edit func(*manifestRow)) func(*testing.T, tree) {
		return func(t *testing.T, f tree) {
			edited(t, f, manifest, func(rows []manifestRow) []manifestRow {
				edit(&rows[0])
				return rows
			})
		}
	}
	other := strings.Repeat("ab", 32)
	testInjected(t, clean, []injected{
		{"a file dropped with its counts", func(t *testing.T, f tree) {
			delete(f, users)
			edited(t, f, rollup, func(r []rollupRow) []rollupRow {
				return slices.DeleteFunc(r, func(r rollupRow) bool { return r.TableName == "users" })
			})
		}, KindMissing, users},
		{"a file as it was before, with its counts", func(_ *testing.T, f tree) {
			f[orders], f[rollup] = earlier[orders], earlier[rollup]
		}, KindJournal, orders},
		{"the same, with the manifest", func(_ *testing.T, f tree) {
			f[orders], f[rollup], f[manifest] = earlier[orders], earlier[rollup], earlier[manifest]
		}, KindJournal, manifest},
		{"the first entry dropped", func(_ *testing.T, f tree) { delete(f, first) }, KindJournal, first},
		{"an entry dropped", func(_ *testing.T, f tree) { delete(f, second) }, KindJournal, second},
		{"the last entry dropped", func(_ *testing.T, f tree) { delete(f, third) }, KindJournal, manifest},
		{"all entries dropped", func(_ *testing.T, f tree) {
			maps.DeleteFunc(f, func(key string, _ []byte) bool { return strings.HasPrefix(key, journalDir) })
		}, KindJournal, manifest},
		{"journal and manifest dropped", func(_ *testing.T, f tree) {
			maps.DeleteFunc(f, func(key string, _ []byte) bool {
				return strings.HasPrefix(key, journalDir) || strings.HasPrefix(key, manifestDir)
			})
		}, KindJournal, orders},
		{"entries swapped", func(_ *testing.T, f tree) { f[second], f[third] = f[third], f[second] }, KindJournal, second},
		{"an entry twice", func(_ *testing.T, f tree) { f[journalKey(4)] = f[third] }, KindJournal, journalKey(4)},
		{"an entry cut", func(_ *testing.T, f tree) { f[second] = f[second][:len(f[second])/2] }, KindJournal, second},
		{"rows of an entry", entry(second, func(r *journalRow) { r.Rows++; r.RowsAdded++ }), KindJournal, third},
		{"rows of the last entry", entry(third, func(r *journalRow) { r.Rows++; r.RowsAdded++ }), KindJournal, orders},
		{"rows added", entry(second, func(r *journalRow) { r.RowsAdded++ }), KindJournal, second},
		{"a cause left out", entry(second, func(r *journalRow) { r.SourceObjects = nil }), KindJournal, third},
		{"the time of an entry", entry(first, func(r *journalRow) { r.CommittedAt++ }), KindJournal, first},
		{"the hash that it left", entry(third, func(r *journalRow) { r.NewSHA256 = other }), KindJournal, orders},
		{"the hash that it found", entry(third, func(r *journalRow) { r.OldSHA256 = other }), KindJournal, third},
		{"no hash", entry(third, func(r *journalRow) { r.NewSHA256 = "" }), KindJournal, third},
		{"the entry before", entry(third, func(r *journalRow) { r.PreviousSHA256 = other }), KindJournal, third},
		{"a file elsewhere", entry(third, func(r *journalRow) { r.File = "touches/../x" }), KindJournal, third},
		{"a name that is no entry", func(_ *testing.T, f tree) { f[journalDir+"3.parquet"] = f[third] }, KindStray, "3.parquet"},
		{"manifest: hash", state(func(r *manifestRow) { r.SHA256 = other }), KindJournal, manifest},
		{"manifest: rows", state(func(r *manifestRow) { r.Rows++ }), KindJournal, manifest},
		{"manifest: commit", state(func(r *manifestRow) { r.Commit++ }), KindJournal, manifest},
		{"manifest: a file left out", func(t *testing.T, f tree) {
			edited(t, f, manifest, func(r []manifestRow) []manifestRow { return r[1:] })
		}, KindJournal, manifest},
		{"manifest: a file made up", state(func(r *manifestRow) { r.File = strings.Replace(r.File, "orders", "Others", 1) }), KindJournal, manifest},
		{"manifest: of another day", func(_ *testing.T, f tree) {
			f[strings.Replace(manifest, "2026-03-02", "2026-03-07", 1)] = f[manifest]
		}, KindJournal, "2026-03-07"},
		{"manifest dropped", func(_ *testing.T, f tree) { delete(f, manifest) }, KindJournal, manifest},
	})
}

// Since tells what came after a commit or a time: which days had been there before,
// and which objects changed them.
func TestSince(t *testing.T) {
	clean, _ := grown(t)
	l, err := lake.Open(t.Context(), clean.mem(t))
	if err != nil {
		t.Fatal(err)
	}
	var heads []lake.Commit
	for n := range int64(3) {
		c, err := l.Commit(t.Context(), n+1)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, c)
	}
	brief := func(point Point) string {
		s, err := Since(t.Context(), l, point)
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, c := range s.Changes {
			var objects []string
			for _, name := range c.SourceObjects {
				objects = append(objects, name[len(name)-13:len(name)-8])
			}
			out = append(out, fmt.Sprintf("%s %s %d-%d %v %v", c.TableName, c.Day, c.RowsBefore, c.Rows, c.Restated, objects))
		}
		return fmt.Sprintf("%d of %d: %s", s.Commits, s.Head.Number, strings.Join(out, ", "))
	}
	everything := "3 of 3: orders 2026-03-02 0-62 false [aaaaa 00001 00002], orders 2026-03-03 0-60 false [bbbbb], users 2026-03-02 0-6 false [aaaaa], users 2026-03-03 0-14 false [aaaaa]"
	for _, c := range []struct {
		what  string
		point Point
		want  string
	}{
		{"the beginning", Point{}, everything},
		{"the first", Point{Head: lake.Head{Number: 1}}, "2 of 3: orders 2026-03-02 60-62 true [00001 00002]"},
		{"the first, by its hash", Point{Head: heads[0].Head}, "2 of 3: orders 2026-03-02 60-62 true [00001 00002]"},
		{"the time of the second", Point{Time: heads[1].At}, "1 of 3: orders 2026-03-02 61-62 true [00002]"},
		{"the last", Point{Head: heads[2].Head}, "0 of 3: "},
		{"before all", Point{Time: heads[0].At.AddDate(-1, 0, 0)}, everything},
		{"after all", Point{Time: heads[2].At.AddDate(1, 0, 0)}, "0 of 3: "},
	} {
		if got := brief(c.point); got != c.want {
			t.Errorf("since %s:\ngot  %s\nwant %s", c.what, got, c.want)
		}
	}
	for what, c := range map[string]struct {
		point Point
		want  string
	}{
		"a commit of the future": {Point{Head: lake.Head{Number: 9}}, "the journal ends with commit 3"},
		"another journal":        {Point{Head: lake.Head{Number: 2, SHA256: heads[0].SHA256}}, "rewritten"},
	} {
		if got := brief(c.point); !strings.Contains(got, c.want) {
			t.Errorf("since %s: %s", what, got)
		}
	}
	bad := maps.Clone(clean)
	delete(bad, journalKey(2))
	if l, err = lake.Open(t.Context(), bad.mem(t)); err != nil {
		t.Fatal(err)
	}
	if got := brief(Point{Head: heads[0].Head}); !strings.Contains(got, "commit 2") {
		t.Errorf("with an entry missing: %s", got)
	}
}
