package digest

import (
	"testing"
	"time"
)

// The newest logs wait for their digest: a name may be some minutes older than that.
func TestVerifyAtTheEnd(t *testing.T) {
	r := newTrail(t)
	r.hour(1)
	r.now = r.now.Add(-10 * time.Minute)
	waiting, _ := r.log()
	r.now = r.now.Add(-10 * time.Minute)
	planted, _ := r.log()
	verify(t, r.to, "", keysOf(t, r.signer)).want(t, "unproven "+waiting, "planted "+planted)
}

// A digest whose successor holds a wrong signature is still proven by its own
// metadata, where there are any.
func TestVerifyByMetadata(t *testing.T) {
	r := newTrail(t)
	for range 3 {
		r.hour(1)
	}
	signature := r.to.meta[r.digests[0]]["signature"]
	r.to.edit(t, r.digests[1], signature, "00"+signature[2:])
	keys := keysOf(t, r.signer)
	verify(t, r.to, "", keys).want(t, "digest altered ×1 "+r.digests[1], "unproven "+r.logs[1])
	// Without, it may as well be the first that was changed.
	verify(t, r.to.Mem, "", keys).want(t, "digest altered ×1 "+r.digests[0], "digest altered ×1 "+r.digests[1],
		"unproven "+r.logs[0], "unproven "+r.logs[1], "unproven "+r.logs[2])
}

// A digest that was signed for another bucket does not belong among these.
func TestVerifyOtherBucket(t *testing.T) {
	r, other := newTrail(t), newTrail(t)
	other.origin = "other/"
	for range 3 {
		r.hour(1)
		other.hour(1)
	}
	r.to.put(t, r.digests[1], other.to.get(t, other.digests[1]))
	r.to.meta[r.digests[1]] = other.to.meta[other.digests[1]]
	verify(t, r.to, "", keysOf(t, r.signer)).want(t, "digest misplaced ×1 "+r.digests[1], "unproven "+r.logs[1])
}

// Of two digests that name a log, the one that can be proven counts.
func TestVerifyTwoClaims(t *testing.T) {
	for _, name := range []string{"a-forged", "z-forged"} {
		t.Run(name, func(t *testing.T) {
			r, forger := newTrail(t), newTrail(t)
			r.hour(2)
			forger.to, forger.name, forger.signer = r.to, name, signer{private: newKeys()[1]}
			forger.now = r.now
			forger.sign(start, []map[string]any{{"s3Bucket": "b", "s3Object": r.logs[1], "hashAlgorithm": "SHA-256", "hashValue": hexSum([]byte("forged"))}})
			keys := keysOf(t, r.signer)
			verify(t, r.to, "", keys).want(t, "digest unknown-key ×1 "+forger.digests[0])
			r.to.put(t, r.logs[1], zip([]byte("forged")))
			verify(t, r.to, "", keys).want(t, "digest unknown-key ×1 "+forger.digests[0], "altered "+r.logs[1])
		})
	}
}
