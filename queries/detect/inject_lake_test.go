package detect_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

func newLake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Create(t.Context(), objecttest.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ingest puts objects into a lake, through all that an object goes through. Records that
// make no sense are no error: they are in the lake's quarantine.
func ingest(t testing.TB, l *lake.Lake, objects map[string][]byte) {
	t.Helper()
	source := objecttest.NewMem()
	for key, data := range objects {
		if _, err := source.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	report, err := (&engine.Engine{Lake: l}).Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: source}}})
	if err != nil {
		t.Fatal(err)
	}
	if report.Touches == 0 || report.ObjectsFailed > 0 {
		t.Fatalf("%+v", report)
	}
}

// night is the day that is judged, before anything is put into it, with all that judging
// it takes.
type night struct {
	*world
	lake     *lake.Lake // with the days before
	history  detect.History
	policy   *policy.Policy
	settings map[string]detect.Setting
	calls    []*call
	logs     map[string][]byte
}

// night fills a lake with the days before. A record in ten days makes no sense: on
// the night itself it would be a finding of DDB-COV-005.
func (w *world) night(t testing.TB) *night {
	t.Helper()
	n := &night{world: w, lake: newLake(t), policy: w.policy(t), settings: w.settings(t)}
	logs := map[string][]byte{}
	for day := w.day - worldBefore; day < w.day; day++ {
		maps.Copy(logs, written(t, day, "b", w.background(day)))
		if day%10 == 0 {
			logs[objectKey(ownAccount, day, "x", 0)] = packed(t, []any{params{"eventTime": "yesterday", "eventSource": "dynamodb.amazonaws.com"}})
		}
	}
	ingest(t, n.lake, logs)
	n.history = n.known(t, w.day)
	n.calls = w.background(w.day)
	n.logs = written(t, w.day, "b", n.calls)
	return n
}

// known is what the lake knows of the days before one.
func (n *night) known(t testing.TB, day int32) *profile.History {
	t.Helper()
	h, err := profile.Open(t.Context(), n.lake, day, worldBefore, nil)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// with are the logs of the night on which an act is done.
func (n *night) with(t testing.TB, a *act) map[string][]byte {
	t.Helper()
	logs := maps.Clone(n.logs)
	if a.hides != nil {
		logs = written(t, n.day, "b", slices.DeleteFunc(slices.Clone(n.calls), a.hides))
	}
	maps.Copy(logs, written(t, n.day, "a", a.calls))
	return logs
}

// judge is what the detections say of the night on which an act is done.
func (n *night) judge(t testing.TB, a *act) *detect.Judgment {
	t.Helper()
	l := newLake(t)
	ingest(t, l, n.with(t, a))
	j, err := detect.Judge(t.Context(), l, detect.JudgeOptions{
		Day: schema.DayString(n.day), Policy: n.policy, Settings: n.settings, History: n.history, Now: at(n.day+1, 6, 0, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	return j
}
