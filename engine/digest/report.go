package digest

import "time"

// Status is what can be said about one log.
type Status string

// A log is Proven when a digest with a good signature holds the hash of its bytes,
// Altered when it holds another, and Missing when the log is not there. It is
// Unproven when nothing signed speaks of it: the reason says why.
const (
	Proven   Status = "proven"
	Unproven Status = "unproven"
	Altered  Status = "altered"
	Missing  Status = "missing"
)

// Verdict is what was found about one log.
type Verdict struct {
	Key    string `json:"key"`
	Status Status `json:"status"`
	Reason string `json:"reason,omitempty"` // why it is not proven
	// Digest is the key of the digest that names the log, empty when none does.
	Digest string `json:"digest,omitempty"`
	// SHA256 is of the inflated bytes as a digest with a good signature has it, hex.
	SHA256 string `json:"sha256,omitempty"`
	// Planted: no digest names the log, although digests cover its time. Somebody may
	// have put it there; or another trail, which has no validation, writes there too.
	Planted bool `json:"planted,omitempty"`

	// Listed: the log is in the source, in the version with this ETag.
	Listed bool   `json:"-"`
	ETag   string `json:"-"`

	claim *claim // nil when no digest names it
}

// Of says what the digests mean for other bytes of the same log, given the hash of
// their inflated form: [Proven], [Altered], or [Unproven] when none worth believing
// names the log.
func (v *Verdict) Of(sum [32]byte) Status { return v.claim.of(sum) }

// Signed reports whether the verdict stands on a digest with a good signature.
func (v *Verdict) Signed() bool { return v.claim != nil && v.claim.digest.state == sound }

// Found reports whether the verdict is one that somebody must look at.
func (v *Verdict) Found() bool { return v.Status == Altered || v.Status == Missing || v.Planted }

// Report sums up a validation.
type Report struct {
	Chains []Chain `json:"chains"` // by account, Region, trail; backfill last
	Logs   Tally   `json:"logs"`
	// Planted counts those of the unproven that look put there; see [Verdict].
	Planted int64 `json:"planted"`
}

// Tally counts logs by what was found.
type Tally struct {
	Proven   int64 `json:"proven"`
	Unproven int64 `json:"unproven"`
	Altered  int64 `json:"altered"`
	Missing  int64 `json:"missing"`
}

func (t *Tally) add(s Status) {
	switch s {
	case Proven:
		t.Proven++
	case Unproven:
		t.Unproven++
	case Altered:
		t.Altered++
	case Missing:
		t.Missing++
	}
}

// Findings counts what somebody must look at: logs that are altered, missing or
// planted, and the gaps and problems of chains. A log that is merely unproven is none.
func (r *Report) Findings() int {
	n := int(r.Logs.Altered + r.Logs.Missing + r.Planted)
	for i := range r.Chains {
		n += len(r.Chains[i].Gaps) + len(r.Chains[i].Problems)
	}
	return n
}

// Chain is what was found about the digests of one trail in one account and
// Region. The backfill digests of a trail are a chain of their own.
type Chain struct {
	Org        string `json:"org,omitempty"`
	Account    string `json:"account"`
	Region     string `json:"region"`
	Trail      string `json:"trail"`
	HomeRegion string `json:"home_region"`
	Backfill   bool   `json:"backfill,omitempty"`

	Digests  int64     `json:"digests"`
	Sound    int64     `json:"sound"`    // with a good signature, where they belong
	Unsigned int64     `json:"unsigned"` // whose signature or key is not here
	From     time.Time `json:"from"`     // what digests that are not bad cover; zero when there are none
	To       time.Time `json:"to"`
	Logs     Tally     `json:"logs"` // those that its digests name

	// Origin is where the digests were written, when most say the same:
	// s3://bucket/prefix/. It differs from the source's place in a copy.
	Origin string `json:"origin,omitempty"`
	// Before is the digest that the oldest one here names as the one before it, when
	// that is not here: an expired one, or one that was not copied.
	Before   string    `json:"before,omitempty"`
	Gaps     []Gap     `json:"gaps,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// Gap is a time that no digest covers: validation was off, the trail was stopped
// or deleted.
type Gap struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Reason string    `json:"reason"`
}

// Kinds of problems with digests.
const (
	BadUnreadable = "unreadable"    // not to be read, or not a digest
	BadPlace      = "misplaced"     // a digest of another place, time or trail
	BadSignature  = "altered"       // its signature or its successor's hash is not its own
	BadMissing    = "missing"       // a later digest names it, and older ones are there
	BadKey        = "unknown-key"   // signed with a key that was not given
	BadKeyTime    = "key-not-valid" // signed with a key of another time
	BadLogEntry   = "bad-log-entry" // it names a log without a usable hash
)

// Problem is what is wrong with one digest. Count is 1, but for [BadKey] the number of
// digests with that key, and for [BadLogEntry] of entries.
type Problem struct {
	Kind   string    `json:"kind"`
	Digest string    `json:"digest"`
	Detail string    `json:"detail"`
	Count  int64     `json:"count"`
	From   time.Time `json:"from,omitzero"` // for BadMissing: the time it covered
	To     time.Time `json:"to,omitzero"`
}
