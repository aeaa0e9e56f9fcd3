package verify

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// entryRow is a row of the ledger as the contract has it, which lets a test write
// one that the lake would refuse. The name of the type stands in the file.
type entryRow struct {
	SourceObject   string `parquet:"source_object"`
	ETag           string `parquet:"etag,optional"`
	Size           int64  `parquet:"size"`
	InflatedBytes  int64  `parquet:"inflated_bytes"`
	LastModified   *int64 `parquet:"last_modified,timestamp(microsecond)"`
	SHA256         string `parquet:"sha256,optional"`
	AccountID      string `parquet:"account_id,optional"`
	AWSRegion      string `parquet:"aws_region,optional"`
	Kind           string `parquet:"kind,optional"`
	Status         string `parquet:"status"`
	Error          string `parquet:"error,optional"`
	Attempts       int64  `parquet:"attempts"`
	Records        int64  `parquet:"records"`
	InScope        int64  `parquet:"in_scope"`
	OutOfScope     int64  `parquet:"out_of_scope"`
	Quarantined    int64  `parquet:"quarantined"`
	Touches        int64  `parquet:"touches"`
	FirstEventTime *int64 `parquet:"first_event_time,timestamp(microsecond)"`
	LastEventTime  *int64 `parquet:"last_event_time,timestamp(microsecond)"`
	Source         string `parquet:"source,optional"`
	DigestVerdict  string `parquet:"digest_verdict,optional"`
}

type rollupRow struct {
	Hour      int64  `parquet:"hour,timestamp(microsecond)"`
	TableName string `parquet:"table_name,optional"`
	TableARN  string `parquet:"table_arn,optional"`
	Actor     string `parquet:"actor,optional"`
	Op        string `parquet:"op,optional"`
	Outcome   string `parquet:"outcome,optional"`
	Touches   int64  `parquet:"touches"`
}

// edited is a small table's file with its rows changed.
func edited[T any](t *testing.T, f tree, key string, edit func([]T) []T) {
	t.Helper()
	rows, err := parquetio.ReadRows[T](bytes.NewReader(f[key]), int64(len(f[key])))
	if err != nil || len(rows) == 0 {
		t.Fatal(key, len(rows), err)
	}
	var b bytes.Buffer
	if err := parquetio.WriteRows(&b, edit(rows)); err != nil {
		t.Fatal(err)
	}
	f[key] = b.Bytes()
}

// Whatever is done to the ledger, the rollup, the quarantine or beside them is found.
func TestAccountsFaultsAreFound(t *testing.T) {
	clean := small(t, engine.Engine{})
	day2, day3 := clean.only(t, "ledger", "2026-03-02"), clean.only(t, "ledger", "2026-03-03")
	rollup, quarantine := clean.only(t, "rollup", "2026-03-02"), clean.only(t, "quarantine")
	ledger := func(key string, edit func(*entryRow)) func(*testing.T, tree) {
		return func(t *testing.T, f tree) {
			edited(t, f, key, func(rows []entryRow) []entryRow {
				edit(&rows[0])
				return rows
			})
		}
	}
	counts := func(edit func([]rollupRow) []rollupRow) func(*testing.T, tree) {
		return func(t *testing.T, f tree) { edited(t, f, rollup, edit) }
	}
	held := func(edit func([]lake.Quarantined) []lake.Quarantined) func(*testing.T, tree) {
		return func(t *testing.T, f tree) { edited(t, f, quarantine, edit) }
	}
	testInjected(t, clean, []injected{
		{"ledger: records", ledger(day2, func(r *entryRow) { r.Records++ }), KindLedger, day2},
		{"ledger: negative", ledger(day2, func(r *entryRow) { r.OutOfScope-- }), KindLedger, day2},
		{"ledger: fewer touches", ledger(day2, func(r *entryRow) { r.Touches--; r.InScope--; r.OutOfScope++ }), KindAccounts, objectA},
		{"ledger: quarantined moved", ledger(day3, func(r *entryRow) { r.Quarantined--; r.OutOfScope++ }), KindQuarantine, quarantine},
		{"ledger: quarantined invented", ledger(day2, func(r *entryRow) { r.Quarantined++; r.Records++ }), KindQuarantine, "2026-03-02"},
		{"ledger: not done", ledger(day2, func(r *entryRow) { r.Status, r.Touches = lake.Failed, 0 }), KindAccounts, objectA},
		{"ledger: no such status", ledger(day2, func(r *entryRow) { r.Status = "fine" }), KindLedger, day2},
		{"ledger: renamed", ledger(day2, func(r *entryRow) { r.SourceObject = strings.Replace(r.SourceObject, "aaaa", "cccc", 1) }), KindAccounts, objectA},
		{"ledger: row dropped", func(t *testing.T, f tree) {
			edited(t, f, day2, func(r []entryRow) []entryRow { return r[1:] })
		}, KindAccounts, objectA},
		{"ledger: row twice", func(t *testing.T, f tree) {
			edited(t, f, day2, func(r []entryRow) []entryRow { return append(r, r[0]) })
		}, KindLedger, day2},
		{"ledger: no attempt", ledger(day2, func(r *entryRow) { r.Attempts = 0 }), KindLedger, day2},
		{"ledger: no text", ledger(day2, func(r *entryRow) { r.AWSRegion = "\xff" }), KindLedger, day2},
		{"ledger: file dropped", func(_ *testing.T, f tree) { delete(f, day2) }, KindAccounts, objectA},
		{"ledger: days swapped", func(_ *testing.T, f tree) { f[day2], f[day3] = f[day3], f[day2] }, KindLedger, day2},
		{"ledger: cut", func(_ *testing.T, f tree) { f[day2] = f[day2][:len(f[day2])-20] }, KindLedger, day2},
		{"rollup: a count", counts(func(r []rollupRow) []rollupRow { r[0].Touches++; return r }), KindRollup, rollup},
		{"rollup: moved between lines", counts(func(r []rollupRow) []rollupRow { r[0].Actor += "x"; return r }), KindRollup, rollup},
		{"rollup: a line dropped", counts(func(r []rollupRow) []rollupRow { return r[1:] }), KindRollup, rollup},
		{"rollup: a line invented", counts(func(r []rollupRow) []rollupRow {
			more := r[len(r)-1]
			more.TableName += "x"
			return append(r, more)
		}), KindRollup, rollup},
		{"rollup: reversed", counts(func(r []rollupRow) []rollupRow { slices.Reverse(r); return r }), KindRollup, rollup},
		{"rollup: dropped", func(_ *testing.T, f tree) { delete(f, rollup) }, KindRollup, rollup},
		{"rollup: of a day without touches", func(_ *testing.T, f tree) {
			f[strings.Replace(rollup, "2026-03-02", "2020-01-01", 1)] = f[rollup]
		}, KindRollup, "2020-01-01"},
		{"quarantine: dropped", func(_ *testing.T, f tree) { delete(f, quarantine) }, KindQuarantine, quarantine},
		{"quarantine: record changed", held(func(r []lake.Quarantined) []lake.Quarantined {
			r[0].SourceObject += "x"
			return r
		}), KindQuarantine, quarantine},
		{"quarantine: record invented", held(func(r []lake.Quarantined) []lake.Quarantined {
			more := r[0]
			more.SourceIndex++
			return append(r, more)
		}), KindQuarantine, quarantine},
		{"quarantine: record of an object before all others", held(func(r []lake.Quarantined) []lake.Quarantined {
			first := r[0]
			first.SourceObject = "AWSLogs"
			return append([]lake.Quarantined{first}, r...)
		}), KindQuarantine, quarantine},
		{"quarantine: record of an object after all others", held(func(r []lake.Quarantined) []lake.Quarantined {
			last := r[0]
			last.SourceObject += "x"
			return append(r, last)
		}), KindQuarantine, quarantine},
		{"quarantine: no text", held(func(r []lake.Quarantined) []lake.Quarantined { r[0].Reason = "\xff"; return r }), KindQuarantine, quarantine},
		{"quarantine: reversed", held(func(r []lake.Quarantined) []lake.Quarantined {
			more := r[0]
			more.SourceIndex++
			return []lake.Quarantined{more, r[0]}
		}), KindQuarantine, quarantine},
		{"quarantine: cut", func(_ *testing.T, f tree) { f[quarantine] = f[quarantine][:len(f[quarantine])-20] }, KindQuarantine, quarantine},
		{"quarantine: of another day", func(_ *testing.T, f tree) {
			f[strings.Replace(quarantine, "2026-03-03", "2026-03-02", 1)] = f[quarantine]
		}, KindQuarantine, "2026-03-02"},
		{"stray in touches", func(_ *testing.T, f tree) { f["touches/table_name=orders/day=2026-03-02/part-00.parquet.bak"] = nil }, KindStray, ".bak"},
		{"stray day", func(_ *testing.T, f tree) { f["ledger/delivery_day=2026-3-2/part.parquet"] = f[day2] }, KindStray, "2026-3-2"},
		{"stray rollup", func(_ *testing.T, f tree) { f["rollup/day=__HIVE_DEFAULT_PARTITION__/part.parquet"] = f[rollup] }, KindStray, "rollup"},
		{"stray at the top", func(_ *testing.T, f tree) { f["notes.txt"] = []byte("x") }, KindStray, "notes.txt"},
		{"stray of ours", func(_ *testing.T, f tree) { f["_keytrail/put-123"] = []byte("x") }, KindStray, "put-123"},
		{"lease that makes no sense", func(_ *testing.T, f tree) { f[leaseKey] = []byte("{") }, KindStray, leaseKey},
		{"format changed", func(_ *testing.T, f tree) { f["_keytrail/format.json"] = []byte(`{"format":"1"}`) }, KindFormat, formatKey},
		{"format respelled", func(_ *testing.T, f tree) {
			f[formatKey] = bytes.Replace(f[formatKey], []byte("schema"), []byte("Schema"), 1)
		}, KindBytes, formatKey},
	})
}

// The ledger and the source are compared both ways.
func TestSourceIsCompared(t *testing.T) {
	src, into := trail().mem(t), objecttest.NewMem()
	failing := strings.Replace(objectA, "aaaa", "ffff", 1)
	put(t, src, failing, []byte("<html>"))
	ingest(t, engine.Engine{}, src, into)
	in := Input{Source: src}
	if rep := look(t, into, in); rep.Total != 1 || !rep.has(KindUnread, failing) || rep.ObjectsInSource != 3 || !strings.Contains(rep.text(), "the ledger has it as failed: ") {
		t.Errorf("%s", rep.text())
	}
	if err := src.Delete(t.Context(), failing); err != nil {
		t.Fatal(err)
	}
	if rep := look(t, into, in); !rep.Clean() {
		t.Errorf("an object that was never read is gone: %s", rep.text())
	}
	fresh := strings.Replace(objectB, "bbbb", "eeee", 1)
	put(t, src, fresh, trail()[objectB])
	put(t, src, objectB, trail()[objectA])
	if err := src.Delete(t.Context(), objectA); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/d.json.gz", "AWSLogs/111122223333/vpcflowlogs/x.log.gz", "lake/touches/x.parquet",
	} {
		put(t, src, key, []byte("x")) // nothing that ingest would read
	}
	rep := look(t, into, in)
	want := map[Kind]int64{KindUnread: 1, KindChanged: 1, KindGone: 1}
	if !maps.Equal(rep.Counts, want) || !rep.has(KindUnread, fresh) || !rep.has(KindChanged, objectB) || !rep.has(KindGone, objectA) {
		t.Errorf("%v\n%s", rep.Counts, rep.text())
	}
	// An object of several places is gone once.
	if rep := look(t, into, in, in); rep.Counts[KindGone] != 1 {
		t.Errorf("%v\n%s", rep.Counts, rep.text())
	}
	// Only what lies under the prefix that is named.
	in.Prefix = objectB[:strings.LastIndex(objectB, "/")+1]
	if rep := look(t, into, in); rep.has(KindGone, objectA) || !rep.has(KindChanged, objectB) {
		t.Errorf("%v\n%s", rep.Counts, rep.text())
	}
}
