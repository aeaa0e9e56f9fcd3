package subject

import (
	"encoding/json"
	"time"

	"github.com/keytrail/keytrail/queries"
)

// AccessRecord says that somebody made a report on somebody. It has neither the value that
// was asked for nor a plain hash of it: numbers of customers are few enough to be tried
// out, all of them.
type AccessRecord struct {
	Event          string    `json:"event"` // always subject_report
	At             time.Time `json:"at"`
	User           string    `json:"user"` // of the operating system
	Lake           string    `json:"lake"`
	For            Audience  `json:"for"`
	WithIdentities bool      `json:"with_identities"`
	// Tokens stand in the lake for what was asked for, where its keys are hashed: who has
	// the secret can tell whom the record is about, and nobody else.
	Tokens []string `json:"tokens,omitempty"`
}

// Line is the record as a line of JSON, safe for a terminal.
func (r AccessRecord) Line() ([]byte, error) {
	r.Event = "subject_report"
	line, err := json.Marshal(r)
	return append([]byte(queries.EscapeJSON(string(line))), '\n'), err
}

// Tokens are those of what is asked for, sorted; none where keys are as logged. Errors are
// those of [personal.Keyring.Spellings].
func (q *Question) Tokens() ([]string, error) {
	s, err := q.spell()
	if err != nil {
		return nil, err
	}
	return s.tokens(), nil
}
