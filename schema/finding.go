package schema

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Kinds of findings: what was looked at to make one.
const (
	FindingEvent       = "event"       // one call says it all
	FindingAggregate   = "aggregate"   // many calls of one day
	FindingSequence    = "sequence"    // calls that follow one another
	FindingStatistical = "statistical" // numbers unlike those of the days before
	FindingCoverage    = "coverage"    // what the log itself lacks
	FindingUnexpected  = "unexpected"  // the policy expects nobody to have done it
	FindingInsight     = "insight"     // what CloudTrail Insights says
)

// States of a finding.
const (
	FindingNew      = "new"      // not seen on the days before
	FindingRepeated = "repeated" // the same was found on a day before
	FindingResolved = "resolved" // was found before and is not found any more
)

// Finding is something a person should look at, about one event day. Its JSON names
// and the columns of findings/day=*/part.parquet are promises.
type Finding struct {
	// ID names the finding: equal whenever the same rows are judged again. Fingerprint
	// names what it is about, whatever the day, and so joins a finding with those of
	// other days.
	ID          string `json:"id"`
	Fingerprint string `json:"fingerprint"`
	Day         string `json:"day"` // event day, YYYY-MM-DD

	Detection string   `json:"detection"` // DDB-EXF-001
	Version   int      `json:"version"`   // of the detection
	Kind      string   `json:"kind"`      // one of the Finding kinds
	Severity  Severity `json:"severity"`
	DryRun    bool     `json:"dry_run,omitempty"` // counted, told to nobody
	State     string   `json:"state,omitempty"`   // one of the Finding states
	// Suppressed names the suppression that keeps it quiet.
	Suppressed string `json:"suppressed,omitempty"`

	Title   string `json:"title"`
	Explain string `json:"explain"` // what was expected, what came; one or two sentences

	First time.Time `json:"first"` // event times
	Last  time.Time `json:"last"`
	Count int64     `json:"count"` // of calls or whatever Explain counts

	TableName string `json:"table_name,omitempty"`
	TableARN  string `json:"table_arn,omitempty"`

	Principal string `json:"principal,omitempty"` // see [PrincipalKey]
	Actor     string `json:"actor,omitempty"`
	ActorName string `json:"actor_name,omitempty"`
	ActorKind string `json:"actor_kind,omitempty"`

	SourceIP  string `json:"source_ip,omitempty"`
	UserAgent string `json:"user_agent,omitempty"`
	Region    string `json:"aws_region,omitempty"`

	Verdict string `json:"verdict,omitempty"` // what the policy says: allowed, none, expired, denied
	Rule    string `json:"rule,omitempty"`    // id of the policy's rule

	Evidence []Evidence `json:"evidence,omitempty"` // some of the calls, the first ones
	Stat     *Stat      `json:"stat,omitempty"`     // of statistical ones

	Attack     []string `json:"attack,omitempty"`      // ATT&CK techniques, v18
	AttackNext []string `json:"attack_next,omitempty"` // the same in v19
}

// Evidence is where a call stands in the log.
type Evidence struct {
	EventID      string    `json:"event_id"`
	EventTime    time.Time `json:"event_time"`
	EventName    string    `json:"event_name"`
	SourceObject string    `json:"source_object"`
	SourceIndex  int32     `json:"source_index"`
}

// Stat is what a statistical finding was worked out from.
type Stat struct {
	Observed float64   `json:"observed"`
	Expected float64   `json:"expected"`
	Low      float64   `json:"low"`              // of the middle 90 % of the days before
	High     float64   `json:"high"`             // likewise
	P        float64   `json:"p"`                // chance of as much, or as little, by itself
	Series   []float64 `json:"series,omitempty"` // by day, the finding's day last; NaN is not written, a day that nobody knows is -1
}

// MaxEvidence is how many calls a finding names.
const MaxEvidence = 20

// Fingerprint names what is found from the detection and what tells its findings
// apart. It is "fp_" and 24 letters and digits; their order in about matters.
func Fingerprint(detection string, about ...string) string {
	return "fp_" + nameOfTexts(append([]string{detection}, about...))
}

// FindingID is the id of the finding of that fingerprint on that day.
func FindingID(fingerprint, day string) string {
	return "fnd_" + nameOfTexts([]string{fingerprint, day})
}

// nameOfTexts is 120 bits of a hash that no two lists of texts share.
func nameOfTexts(texts []string) string {
	h := sha256.New()
	var n [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		h.Write(n[:])
		h.Write([]byte(t))
	}
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:15]))
}
