package nightly

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What became of a step.
const (
	Done       = "done"
	Incomplete = "incomplete" // done, but some input was left out
	Failed     = "failed"
	Skipped    = "skipped" // since a step that it stands on failed, or there is nothing to do
)

// Step is one thing that a run does.
type Step struct {
	Name string
	// On names steps that must not have failed for this one to be done.
	On []string
	// Do does it and says in a few words what it did. ErrIncomplete and ErrNothing, also
	// wrapped, say how it ended.
	Do func(ctx context.Context) (did string, err error)
}

// How a step that did not fail may end.
var (
	ErrIncomplete = errors.New("some input was left out")
	ErrNothing    = errors.New("nothing to do")
)

// StepRecord is what became of a step.
type StepRecord struct {
	Name    string  `json:"name"`
	Outcome string  `json:"outcome"`
	Seconds float64 `json:"seconds"`
	Did     string  `json:"did,omitempty"`
	Error   string  `json:"error,omitempty"`
}

// Run does the steps in order and returns what became of each. after is called after
// each, with all so far. Steps that come after a failed one are done, but for those that
// stand on it. An interrupted run does no more steps.
func Run(ctx context.Context, steps []Step, after func([]StepRecord)) []StepRecord {
	var all []StepRecord
	failed := map[string]bool{}
	for _, s := range steps {
		r := s.run(ctx, failed)
		failed[s.Name] = r.Outcome == Failed || r.Outcome == Skipped && r.Error != ""
		all = append(all, r)
		if after != nil {
			after(all)
		}
	}
	return all
}

func (s *Step) run(ctx context.Context, failed map[string]bool) StepRecord {
	r := StepRecord{Name: s.Name, Outcome: Done}
	for _, on := range s.On {
		if failed[on] {
			r.Outcome, r.Error = Skipped, on+" failed"
			return r
		}
	}
	if err := context.Cause(ctx); err != nil {
		r.Outcome, r.Error = Failed, err.Error()
		return r
	}
	start := time.Now()
	did, err := s.Do(ctx)
	r.Seconds, r.Did = time.Since(start).Seconds(), did
	switch {
	case errors.Is(err, ErrNothing):
		r.Outcome = Skipped
		if did == "" {
			r.Did = "nothing to do"
		}
	case errors.Is(err, ErrIncomplete):
		r.Outcome = Incomplete
		if why := err.Error(); why != ErrIncomplete.Error() { // which says no more than the outcome
			r.Error = why
		}
	case err != nil:
		r.Outcome, r.Error = Failed, err.Error()
	}
	return r
}

// Record is a run, as it lies in the lake under _keytrail/runs/.
type Record struct {
	Schema  string    `json:"schema"` // "nightly/1"
	RunID   string    `json:"run_id"`
	Tool    string    `json:"tool"`
	Lake    string    `json:"lake"`
	AsOf    time.Time `json:"as_of"` // the time it took for now
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it goes on

	Config   string `json:"config_sha256"`
	Policy   string `json:"policy_sha256,omitempty"`
	Settings string `json:"settings_sha256,omitempty"`

	Steps  []StepRecord `json:"steps"`
	Days   []DayRecord  `json:"days"`
	Status int          `json:"status"` // exit status
}

// DayRecord is what was found of one event day.
type DayRecord struct {
	Day          string           `json:"day"`
	Version      string           `json:"version,omitempty"` // of its rows
	Again        bool             `json:"again,omitempty"`   // judged before
	Findings     map[string]int   `json:"findings"`          // by severity
	Told         int              `json:"told"`
	Suppressed   int              `json:"suppressed,omitempty"`
	DryRun       int              `json:"dry_run,omitempty"`
	Unexpected   int64            `json:"unexpected"` // calls that no rule expects
	NotEvaluated []string         `json:"not_evaluated,omitempty"`
	Silenced     map[string]int64 `json:"silenced,omitempty"`
	Notes        []string         `json:"notes,omitempty"`
}

// NewRunID names a run that starts at a time.
func NewRunID(start time.Time) string { return start.UTC().Format("2006-01-02T15-04-05Z") }

// Failures are the steps that failed, a line each.
func Failures(steps []StepRecord) (lines []string) {
	for _, s := range steps {
		if s.Outcome == Failed {
			lines = append(lines, s.Name+": "+s.Error)
		}
	}
	return lines
}

// Summary is the run on one page.
func (r *Record) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Run %s of %s\n", r.RunID, r.Lake)
	for _, s := range r.Steps {
		text := s.Did
		switch {
		case text == "":
			text = s.Error
		case s.Error != "":
			text += ": " + s.Error
		}
		fmt.Fprintf(&b, "  %-11s %-10s %7.1f s  %s\n", s.Name, s.Outcome, s.Seconds, text)
	}
	for _, d := range r.Days {
		again := ""
		if d.Again {
			again = " (again: late records)"
		}
		fmt.Fprintf(&b, "  %s%s: %s; %d told, %d unexpected calls, %d detections not evaluated\n",
			d.Day, again, severities(d.Findings), d.Told, d.Unexpected, len(d.NotEvaluated))
	}
	return b.String()
}

// severities says counts by severity, the worst first.
func severities(counts map[string]int) string {
	var parts []string
	for _, s := range []string{"critical", "high", "medium", "low", "info"} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}
