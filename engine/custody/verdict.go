package custody

import (
	"encoding/hex"

	"github.com/keytrail/keytrail/engine/digest"
	"github.com/keytrail/keytrail/engine/lake"
)

// judge is what v means for one version of its log in the ledger; empty when it says
// nothing about that version.
func judge(v *digest.Verdict, e *lake.Entry) digest.Status {
	if e.Status == lake.Done {
		if sum, ok := hashOf(e); ok {
			return v.Of(sum)
		}
	}
	switch {
	case v.Listed && v.ETag == e.ETag:
		return v.Status
	case !v.Listed && v.Status == digest.Missing && e.Status != lake.Done:
		return v.Status
	}
	return ""
}

// next is the verdict that a version has after another one on it.
func next(old string, v *digest.Verdict, now digest.Status) string {
	switch was := digest.Status(old); {
	case now == "", now == digest.Unproven && was != "":
		return old
	case was == digest.Proven && !v.Signed():
		return old
	}
	return string(now)
}

// hashOf is the hash of the bytes that were read.
func hashOf(e *lake.Entry) (sum [32]byte, ok bool) {
	n, err := hex.Decode(sum[:], []byte(e.SHA256))
	return sum, err == nil && n == len(sum) && len(e.SHA256) == 2*len(sum)
}
