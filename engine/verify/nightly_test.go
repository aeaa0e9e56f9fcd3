package verify

import "testing"

// What nights keep beside the rows is no stray file, and nothing else passes for it.
func TestNightlyKey(t *testing.T) {
	for key, want := range map[string]bool{
		"_keytrail/judged/day=2026-03-20.json": true, "_keytrail/runs/2026-03-21T01-05-00Z.json": true, "_keytrail/lease-alerts.json": true,
		"_keytrail/judged/day=2026-3-20.json": false, "_keytrail/runs/x.json": false, "_keytrail/lease-x.json": false, "_keytrail/lease-alerts": false,
	} {
		if got := nightlyKey(key); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}
