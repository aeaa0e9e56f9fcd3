package custody

import "testing"

// Verdicts change the ledger. Its summary goes with it, and counts the logs that only a
// digest knows of.
func TestDigestRecordKeepsCoverage(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.Hour(2)
	}
	w.remove(w.Logs[3])
	w.ingest()
	before, err := w.lake.Coverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rep := w.record(Options{}); rep.Entered != 1 || rep.Changed == 0 {
		t.Fatalf("%+v", rep)
	}
	stored, current, err := w.lake.StoredCoverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for day, ok := range current {
		if !ok {
			t.Errorf("the summary is behind on %q", day)
		}
	}
	was, is := before.Total(), stored.Total()
	if was.Missing != 0 || is.Missing != 1 || is.Done != was.Done || is.Digests != was.Digests || is.Digests == 0 {
		t.Errorf("before %+v, after %+v", was, is)
	}
}
