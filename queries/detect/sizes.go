package detect

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"

	"github.com/keytrail/keytrail/queries/policy"
)

// Size is a number of bytes, in YAML as a number or like "12GiB".
type Size uint64

func (s Size) String() string { return humanize.IBytes(uint64(s)) }

// MarshalYAML writes bytes, since String rounds.
func (s Size) MarshalYAML() (any, error) { return uint64(s), nil }

func (s *Size) UnmarshalYAML(read func(any) error) error {
	var text string
	if err := read(&text); err != nil {
		return err
	}
	n, err := humanize.ParseBytes(text)
	if err != nil {
		return fmt.Errorf("%q is no size: write a number of bytes, or one with a unit: 12GiB", text)
	}
	*s = Size(n)
	return nil
}

// sizes are what is known of the sizes of tables, by ARN.
type sizes map[string]told

type told struct {
	at    int64 // when, microseconds
	bytes Size
}

// learn takes the size that DynamoDB tells in its answer to a call on a table. It keeps the
// newest; of two at one time the larger.
func (s sizes) learn(e *Event) {
	if e.TableARN == "" || e.TouchIndex > 0 || !strings.Contains(e.ResponseElements, "ableSizeBytes") {
		return
	}
	n, ok := e.Response().At("tableDescription", "tableSizeBytes").Number()
	if !ok {
		n, ok = e.Response().At("table", "tableSizeBytes").Number()
	}
	if !ok || n < 0 {
		return
	}
	now, had := told{e.EventTime, Size(n)}, s[e.TableARN]
	if now.at > had.at || now.at == had.at && now.bytes > had.bytes {
		s[strings.Clone(e.TableARN)] = now
	}
}

// of is a table's size, from the settings or else from the log; ok is false when neither
// knows it.
func (s sizes) of(e *Event, given map[string]Size) (size Size, ok bool) {
	best := "" // of several entries the first by name, so that the order of a map does not matter
	for glob, n := range given {
		if (glob == e.TableName || policy.Glob(glob, e.TableARN)) && (best == "" || glob < best) {
			best, size, ok = glob, n, true
		}
	}
	if ok {
		return size, true
	}
	had, ok := s[e.TableARN]
	return had.bytes, ok
}

// scanPage is what one Scan reads at most.
const scanPage = 1 << 20

// scanCalls is how many calls a Scan of a table of that size takes at least.
func scanCalls(size Size) int64 { return int64(math.Ceil(float64(size) / scanPage)) }
