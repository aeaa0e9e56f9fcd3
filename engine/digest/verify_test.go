package digest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Everything that can be done to a bucket is found, and nothing else is: each case
// changes a clean chain of five digests, across midnight, the fourth without logs.
func TestVerifyFinds(t *testing.T) {
	cases := map[string]struct {
		change func(t *testing.T, r *trail)
		want   func(r *trail) []string
	}{
		"nothing": {nil, nil},
		"tampered log": {
			func(t *testing.T, r *trail) { r.to.edit(t, r.logs[4], "eventID", "eventid") },
			func(r *trail) []string { return []string{"altered " + r.logs[4]} },
		},
		"log with a second member": {
			func(t *testing.T, r *trail) {
				r.to.put(t, r.logs[4], append(r.to.get(t, r.logs[4]), zip(nil)...))
			},
			func(r *trail) []string { return []string{"altered " + r.logs[4]} },
		},
		"log cut off": {
			func(t *testing.T, r *trail) {
				data := r.to.get(t, r.logs[0])
				r.to.put(t, r.logs[0], data[:len(data)-6])
			},
			func(r *trail) []string { return []string{"altered " + r.logs[0]} },
		},
		"log emptied": {
			func(t *testing.T, r *trail) { r.to.put(t, r.logs[0], nil) },
			func(r *trail) []string { return []string{"altered " + r.logs[0]} },
		},
		"two logs swapped": {
			func(t *testing.T, r *trail) {
				a, b := r.to.get(t, r.logs[0]), r.to.get(t, r.logs[5])
				r.to.put(t, r.logs[0], b)
				r.to.put(t, r.logs[5], a)
			},
			func(r *trail) []string { return []string{"altered " + r.logs[0], "altered " + r.logs[5]} },
		},
		"log inflated on the way": {
			func(t *testing.T, r *trail) {
				r.to.put(t, r.logs[0], []byte(`{"Records":[{"eventID":"my_own.trail-1-1"}]}`))
			},
			nil,
		},
		"log archived": {
			func(t *testing.T, r *trail) { r.to.Archive(r.logs[1], "GLACIER") },
			func(r *trail) []string { return []string{"unproven " + r.logs[1]} },
		},
		"deleted log": {
			func(t *testing.T, r *trail) { r.to.remove(t, r.logs[3]) },
			func(r *trail) []string { return []string{"missing " + r.logs[3]} },
		},
		"planted log": {
			func(t *testing.T, r *trail) {
				r.now = start.Add(100 * time.Minute)
				key, _ := r.log()
				r.logs = append(r.logs, key)
			},
			func(r *trail) []string { return []string{"planted " + r.logs[len(r.logs)-1]} },
		},
		"log not yet in a digest": {
			func(t *testing.T, r *trail) {
				r.now = r.now.Add(20 * time.Minute)
				key, _ := r.log()
				r.logs = append(r.logs, key)
			},
			func(r *trail) []string { return []string{"unproven " + r.logs[len(r.logs)-1]} },
		},
		"log from before validation": {
			func(t *testing.T, r *trail) {
				r.now = start.Add(-time.Hour)
				key, _ := r.log()
				r.logs = append(r.logs, key)
			},
			func(r *trail) []string { return []string{"unproven " + r.logs[len(r.logs)-1]} },
		},
		"no more digests": {
			func(t *testing.T, r *trail) {
				r.now = r.now.Add(5 * time.Hour)
				key, _ := r.log()
				r.logs = append(r.logs, key)
			},
			func(r *trail) []string {
				return []string{"unproven " + r.logs[len(r.logs)-1], "gap 2026-03-03T03:00:00Z 2026-03-03T08:00:00Z"}
			},
		},
		"digest replaced by an older one": {
			func(t *testing.T, r *trail) {
				r.to.put(t, r.digests[2], r.to.get(t, r.digests[1]))
				r.to.meta[r.digests[2]] = r.to.meta[r.digests[1]]
			},
			func(r *trail) []string {
				return []string{"digest misplaced ×1 " + r.digests[2], "unproven " + r.logs[4], "unproven " + r.logs[5]}
			},
		},
		"digest without one of its logs": {
			func(t *testing.T, r *trail) {
				r.to.edit(t, r.digests[2], `"SHA-256","hashValue":"`, `"none","hashValue":"`)
			},
			func(r *trail) []string {
				return []string{"digest altered ×1 " + r.digests[2], "unproven " + r.logs[4], "unproven " + r.logs[5]}
			},
		},
		"digest that is no JSON": {
			func(t *testing.T, r *trail) { r.to.put(t, r.digests[2], zip([]byte("nothing"))) },
			func(r *trail) []string {
				return []string{"digest unreadable ×1 " + r.digests[2], "unproven " + r.logs[4], "unproven " + r.logs[5]}
			},
		},
		"newest digest altered": {
			func(t *testing.T, r *trail) { r.to.edit(t, r.digests[4], `"awsAccountId"`, `"aws-account-id"`) },
			func(r *trail) []string {
				return []string{"digest altered ×1 " + r.digests[4], "unproven " + r.logs[6], "unproven " + r.logs[7]}
			},
		},
		"deleted digest": {
			func(t *testing.T, r *trail) { r.to.remove(t, r.digests[2]) },
			func(r *trail) []string {
				return []string{"digest missing ×1 " + r.digests[2], "unproven " + r.logs[4], "unproven " + r.logs[5]}
			},
		},
		"expired first digest": {
			func(t *testing.T, r *trail) { r.to.remove(t, r.digests[0]) },
			func(r *trail) []string { return []string{"unproven " + r.logs[0], "unproven " + r.logs[1]} },
		},
		"newest digest without metadata": {
			func(t *testing.T, r *trail) { delete(r.to.meta, r.digests[4]) },
			func(r *trail) []string { return []string{"unproven " + r.logs[6], "unproven " + r.logs[7]} },
		},
		"newest digest without metadata, and a log changed": {
			func(t *testing.T, r *trail) {
				delete(r.to.meta, r.digests[4])
				r.to.edit(t, r.logs[6], "eventID", "eventid")
			},
			func(r *trail) []string { return []string{"altered " + r.logs[6], "unproven " + r.logs[7]} },
		},
		"older metadata lost": {
			func(t *testing.T, r *trail) {
				for _, key := range r.digests[:4] {
					delete(r.to.meta, key)
				}
			},
			nil,
		},
		"log outside of the folders": {
			func(t *testing.T, r *trail) {
				r.to.put(t, "copies/111122223333_CloudTrail_eu-west-1_20260302T2230Z_0000000000000001.json.gz", r.to.get(t, r.logs[0]))
			},
			func(r *trail) []string {
				return []string{"unproven copies/111122223333_CloudTrail_eu-west-1_20260302T2230Z_0000000000000001.json.gz"}
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newTrail(t)
			for _, n := range []int{2, 2, 2, 0, 2} {
				r.hour(n)
			}
			r.logs = slices.Clip(r.logs)
			if c.change != nil {
				c.change(t, r)
			}
			var want []string
			if c.want != nil {
				want = c.want(r)
			}
			verify(t, r.to, "", keysOf(t, r.signer)).want(t, want...)
		})
	}
}

// Digests that were signed anew are not the ones that their successors name.
func TestVerifySignedAnew(t *testing.T) {
	r := newTrail(t)
	r.hour(1)
	first, prev := r.now, r.prev
	r.hour(2)
	r.hour(1)
	// The thief of a key writes the second digest again, without its first log.
	again := *r
	again.now, again.prev = first.Add(time.Hour), prev
	again.sign(first, nil)
	verify(t, r.to, "", keysOf(t, r.signer)).want(t, "digest altered ×1 "+r.digests[1],
		"unproven "+r.logs[1], "unproven "+r.logs[2])
}

func TestVerifyGap(t *testing.T) {
	r := newTrail(t)
	r.hour(1)
	r.hour(1)
	r.now = r.now.Add(90 * time.Minute) // validation is off
	lost, _ := r.log()
	r.now = r.now.Add(90 * time.Minute)
	r.prev = nil
	r.hour(1)
	r.hour(1)
	verify(t, r.to, "", keysOf(t, r.signer)).want(t, "gap 2026-03-03T00:00:00Z 2026-03-03T03:00:00Z", "unproven "+lost)
}

func TestVerifyBackfill(t *testing.T) {
	r := newTrail(t)
	r.hour(2)
	back := *r
	back.backfill, back.prev, back.logs, back.digests, back.serial = true, nil, nil, nil, 1000
	r.hour(2)
	r.hour(2)
	back.hour(1)
	back.now = back.now.Add(time.Hour) // no gap: these come when they must
	back.hour(1)
	keys := keysOf(t, r.signer)
	clean := verify(t, r.to, "", keys)
	clean.want(t)
	if len(clean.Chains) != 2 || clean.Chains[0].Backfill || !clean.Chains[1].Backfill || clean.Chains[1].Logs.Proven != 2 {
		t.Errorf("chains: %+v", clean.Chains)
	}
	r.to.edit(t, back.logs[1], "eventID", "eventid")
	r.to.remove(t, back.digests[0])
	verify(t, r.to, "", keys).want(t, "altered "+back.logs[1], "planted "+back.logs[0])
}

// Backfill digests are signed long after the time that they cover.
func TestVerifyBackfillKeyTime(t *testing.T) {
	r := newTrail(t)
	r.backfill = true
	r.signer.from, r.signer.to = start.Add(40*time.Hour), start.Add(60*time.Hour)
	r.hour(1)
	keys := keysOf(t, r.signer)
	verify(t, r.to, "", keys).want(t)
	r.to.meta[r.digests[0]]["backfill-generation-timestamp"] = start.Add(time.Hour).Format(time.RFC3339)
	verify(t, r.to, "", keys).want(t, "digest key-not-valid ×1 "+r.digests[0], "unproven "+r.logs[0])
}

func TestVerifyKeys(t *testing.T) {
	other := signer{private: newKeys()[1]}
	t.Run("PKIX", func(t *testing.T) {
		r := newTrail(t)
		r.signer.pkix = true
		r.hour(2)
		r.hour(1)
		verify(t, r.to, "", keysOf(t, other, r.signer)).want(t)
	})
	t.Run("changed", func(t *testing.T) {
		r := newTrail(t)
		r.signer.from, r.signer.to = start.Add(-time.Hour), start.Add(time.Hour)
		old := r.signer
		r.hour(2)
		r.signer = signer{private: other.private, from: start.Add(time.Hour), to: start.Add(9 * time.Hour)}
		r.hour(1)
		verify(t, r.to, "", keysOf(t, old, r.signer)).want(t)
	})
	t.Run("unknown", func(t *testing.T) {
		r := newTrail(t)
		r.hour(1)
		r.hour(1)
		verify(t, r.to, "", keysOf(t, other)).want(t, "digest unknown-key ×2 "+r.digests[0], "unproven "+r.logs[0], "unproven "+r.logs[1])
	})
	t.Run("of another time", func(t *testing.T) {
		r := newTrail(t)
		r.signer.from, r.signer.to = start.Add(9*time.Hour), start.Add(10*time.Hour)
		r.hour(1)
		verify(t, r.to, "", keysOf(t, r.signer)).want(t, "digest key-not-valid ×1 "+r.digests[0], "unproven "+r.logs[0])
	})
	t.Run("wrong fingerprint in a digest", func(t *testing.T) {
		r := newTrail(t)
		r.hour(1)
		r.hour(1)
		r.to.edit(t, r.digests[0], r.signer.fingerprint(), other.fingerprint())
		verify(t, r.to, "", keysOf(t, r.signer, other)).want(t, "digest altered ×1 "+r.digests[0], "unproven "+r.logs[0])
	})
}

// An organisation's trail has a folder more; a bucket may have a prefix; and all of
// it may be a copy of another bucket, without metadata.
func TestVerifyLayouts(t *testing.T) {
	for name, change := range map[string]func(r *trail){
		"organisation":       func(r *trail) { r.org = "o-abcdef1234/" },
		"prefix":             func(r *trail) { r.lead, r.origin = "logs/of/ours/", "b/logs/of/ours/" },
		"store below prefix": func(r *trail) { r.origin = "b/logs/of/ours/" },
		"copy":               func(r *trail) { r.lead, r.origin = "copy/", "b/" },
	} {
		t.Run(name, func(t *testing.T) {
			r := newTrail(t)
			change(r)
			r.hour(2)
			r.hour(1)
			r.hour(1)
			keys := keysOf(t, r.signer)
			clean := verify(t, r.to, "", keys)
			clean.want(t)
			if c := clean.Chains[0]; c.Origin != "s3://"+r.origin || c.Trail != r.name || c.Org != strings.Trim(r.org, "/") || c.Account != testAccount {
				t.Errorf("chain %+v", c)
			}
			// Without metadata, the newest digest proves nothing.
			verify(t, r.to.Mem, "", keys).want(t, "unproven "+r.logs[3])

			day := r.lead + r.key("CloudTrail", "")
			if part := verify(t, r.to, day, keys); part.Logs.Proven != 1 || part.Findings() != 0 || part.Chains[0].Sound != 3 {
				t.Errorf("of one day: %+v", part.Report)
			}
			digests := r.lead + r.key("CloudTrail-Digest", "")
			if part := verify(t, r.to, digests, keys); len(part.verdicts) != 0 || part.Findings() != 0 || part.Chains[0].Sound != 3 {
				t.Errorf("of digests alone: %+v", part.Report)
			}
			r.to.remove(t, r.logs[0])
			r.to.edit(t, r.logs[1], "eventID", "eventid")
			verify(t, r.to, "", keys).want(t, "missing "+r.logs[0], "altered "+r.logs[1])
		})
	}
}

// Two trails may write to one bucket, each its own logs and digests.
func TestVerifyTwoTrails(t *testing.T) {
	a := newTrail(t)
	b := newTrail(t)
	b.to, b.name, b.serial = a.to, "second", 5000
	for range 3 {
		a.hour(1)
		b.hour(1)
	}
	keys := keysOf(t, a.signer)
	verify(t, a.to, "", keys).want(t)
	a.to.remove(t, b.logs[1])
	r := verify(t, a.to, "", keys)
	r.want(t, "missing "+b.logs[1])
	if r.Chains[0].Logs.Missing != 0 || r.Chains[1].Logs.Missing != 1 || r.Chains[1].Trail != "second" {
		t.Errorf("chains: %+v", r.Chains)
	}
}

func TestVerifyNothing(t *testing.T) {
	r := newTrail(t)
	key, _ := r.log()
	got := verify(t, r.to, "", keysOf(t, r.signer))
	got.want(t, "unproven "+key)
	if len(got.Chains) != 0 {
		t.Errorf("chains: %+v", got.Chains)
	}
}
