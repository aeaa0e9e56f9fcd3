package decode

import "github.com/keytrail/keytrail/schema"

// Sink receives what a [Decoder] finds, in the order of the records. An error it
// returns stops decoding and is returned by Decode unchanged.
type Sink interface {
	// Touch takes one touch. t, and every string and slice in it, is valid only
	// during the call.
	Touch(t *schema.Touch) error
	// Quarantine takes a record that could not be understood: its index in the
	// object, the reason, and its JSON as it stood. raw is valid only during the call.
	Quarantine(index int32, reason string, raw []byte) error
}

// What an object holds, judged by its content.
const (
	KindCloudTrail = "cloudtrail"
	KindInsight    = "insight" // records, all of them Insights
	KindDigest     = "digest"
	KindForeign    = "foreign"
)

// Summary is what one object held. Records = InScope + OutOfScope + Quarantined,
// and Touches >= InScope.
type Summary struct {
	Kind      string // one of the Kind constants
	AccountID string // recipientAccountId of the first record that has one
	Region    string // awsRegion of the first record that has one

	Records     int64
	InScope     int64
	OutOfScope  int64
	Quarantined int64
	Touches     int64

	// Event times of the first and last record in scope, microseconds since 1970;
	// both 0 when there is none.
	First, Last int64
}
