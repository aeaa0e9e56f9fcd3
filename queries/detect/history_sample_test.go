package detect_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/engine/sample"
	"github.com/keytrail/keytrail/engine/verify"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

// The same holds of a lake that an ingest made, ingested in two runs, of which the second
// has objects twice. The profiles are no trouble to verify.
func TestHistoryOfASample(t *testing.T) {
	logs := t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: logs, Events: 1500, Seed: 5, Days: 4}); err != nil {
		t.Fatal(err)
	}
	source, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	store := objecttest.NewMem()
	l, err := lake.Create(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"2026-03-03", ""} {
		if _, err := (&engine.Engine{Lake: l}).Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: source}}, To: to}); err != nil {
			t.Fatal(err)
		}
		touches := allTouches(t, l)
		last := slices.Max(slices.Collect(maps.Keys(daysOf(touches))))
		h, err := profile.Open(t.Context(), l, last+1, 10, nil)
		if err != nil {
			t.Fatal(err)
		}
		nearly(t, h, detect.Naive(last+1, detect.Once(touches)), touches)
	}
	report, err := verify.Lake(t.Context(), store, verify.Options{})
	if err != nil || !report.Clean() {
		t.Errorf("verify: %+v, %v", report.Findings, err)
	}
}

func allTouches(t *testing.T, l *lake.Lake) (all []schema.Touch) {
	t.Helper()
	_, err := queries.EachTouch(t.Context(), l, reader.Query{}, func(v *schema.Touch, _ schema.Partition) error {
		all = append(all, *v.Clone())
		return nil
	})
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	return all
}

func daysOf(touches []schema.Touch) map[int32]int {
	days := map[int32]int{}
	for i := range touches {
		days[schema.DayOf(touches[i].EventTime)]++
	}
	return days
}

// nearly asks both of what there is in the touches; numbers of many keys are estimates.
func nearly(t *testing.T, got, want detect.History, touches []schema.Touch) {
	t.Helper()
	asked := map[string]bool{}
	for i := range touches {
		v := &touches[i]
		who := schema.PrincipalKey(v)
		for _, q := range [][3]string{{v.TableARN, who, v.Op}, {v.TableARN, who, ""}, {v.TableARN, "", v.Op}, {"", who, v.Op}, {"", who, ""}, {v.TableARN, "", ""}, {"", "", v.Op}, {"", "", ""}} {
			if asked[fmt.Sprint(q)] {
				continue
			}
			asked[fmt.Sprint(q)] = true
			same(t, "touches", got.Touched(10, q[0], q[1], q[2], ""), want.Touched(10, q[0], q[1], q[2], ""), q)
			same(t, "denied", got.Touched(10, q[0], q[1], q[2], schema.OutcomeDenied), want.Touched(10, q[0], q[1], q[2], schema.OutcomeDenied), q)
			wantKeys := want.Distinct(10, q[0], q[1], q[2])
			for day, n := range got.Distinct(10, q[0], q[1], q[2]) {
				if m := wantKeys[day]; n != m && (m <= 1024 || math.Abs(float64(n-m)) > 0.03*float64(m)) {
					t.Fatalf("%d keys of %q, not %d", n, q, m)
				}
			}
		}
		for f, value := range map[detect.Family]string{
			detect.ByTable: "", detect.ByOp: v.Op, detect.ByEvent: v.EventName, detect.ByRegion: v.AWSRegion,
			detect.ByNetwork: queries.Network(v.VPCEndpointID, v.SourceIP), detect.ByAgent: queries.Program(v.UserAgent),
		} {
			for _, table := range []string{"", v.TableARN} {
				q := fmt.Sprint(f, table, who, value)
				if asked[q] {
					continue
				}
				asked[q] = true
				d1, ok1 := got.LastSeen(f, table, who, value)
				if d2, ok2 := want.LastSeen(f, table, who, value); d1 != d2 || ok1 != ok2 {
					t.Fatalf("%s: last seen %d %v, not %d %v", q, d1, ok1, d2, ok2)
				}
			}
		}
	}
}
