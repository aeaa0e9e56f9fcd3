package sample

import (
	"encoding/json"
	"testing"
)

// A key is given before it signs, to the session that it signs for; people's are
// given to somebody, and the vendor's is not.
func TestSessionsAreGivenBeforeTheyAct(t *testing.T) {
	dir, _ := write(t, Options{Events: 20_000, Seed: 9})
	type use struct{ at, arn string }
	given, first := map[string]use{}, map[string]use{}
	records(t, dir, func(_ string, e event) {
		var r struct {
			UserIdentity     struct{ AccessKeyID, ARN string }
			ResponseElements struct {
				Credentials     struct{ AccessKeyID string }
				AssumedRoleUser struct{ ARN string }
			}
		}
		_ = json.Unmarshal([]byte(e.raw), &r)
		if key := r.ResponseElements.Credentials.AccessKeyID; key != "" {
			given[key] = use{e.EventTime, r.ResponseElements.AssumedRoleUser.ARN}
		}
		id := r.UserIdentity
		if was, known := first[id.AccessKeyID]; id.AccessKeyID != "" && (!known || e.EventTime < was.at) {
			first[id.AccessKeyID] = use{e.EventTime, id.ARN}
		}
	})
	used := 0
	for key, g := range given {
		f, signs := first[key]
		if !signs {
			continue
		}
		used++
		if f.at < g.at || g.arn != "" && f.arn != g.arn {
			t.Errorf("%s is given at %s to %s and signs at %s for %s", key, g.at, g.arn, f.at, f.arn)
		}
	}
	if used < 100 {
		t.Errorf("%d keys that were given sign anything", used)
	}
	vendor, night := "", ""
	for key, f := range first {
		switch {
		case f.arn == "arn:aws:sts::111122223333:assumed-role/vendor-sync/sync":
			vendor = key
		case f.at >= "2026-03-03T02:51:09Z" && f.at < "2026-03-03T02:51:10Z":
			night = key
		}
	}
	if _, known := given[vendor]; vendor == "" || known {
		t.Errorf("the vendor's key %q is explained", vendor)
	}
	if given[night].at != "2026-03-03T02:47:12Z" {
		t.Errorf("the night's session %q was given at %q", night, given[night].at)
	}
}

// A small sample has some sign-ins, a large one all of them.
func TestOpeningsAreBounded(t *testing.T) {
	start := int64(1772409600)
	all := openings(start, 3, 1<<20)
	some := openings(start, 3, 50)
	if len(all) < 300 || len(some) != 50 || some[0].at != all[0].at {
		t.Errorf("%d of %d", len(some), len(all))
	}
	for _, s := range all {
		if s.at < start || s.at >= start+3*24*hour {
			t.Fatalf("an event at %d", s.at)
		}
	}
}
