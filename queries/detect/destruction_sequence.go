package detect

import (
	"fmt"
	"time"

	"github.com/keytrail/keytrail/schema"
)

type sequenceParams struct {
	Hours float64 `yaml:"hours"` // between the first step and the deletion, at most
}

var inhibitedThenDeleted = inOrder(Detection{
	ID: "DDB-DST-006", Version: 1, Title: "Recovery prevented, then the table deleted", Severity: schema.SeverityCritical, Kind: schema.FindingSequence, Always: true, KeepsLevel: true,
	Needs: []Need{NeedControl}, Attack: []string{"T1490", "T1485"},
	Looks:       "one hand that within 24 hours switched a table's deletion protection or recovery off, or removed a backup of it, and then deleted the table or tried to, whichever roles it used",
	FalseAlarms: "a table that is taken out of service in one go",
	Advice:      "this is what somebody does who wants the data gone for good: withdraw the credentials first, then restore from what is left, backups in other accounts before all",
}, sequenceParams{24}, preventsOrDeletes, func(r *Run, p *sequenceParams) func(*Event, bool) {
	s := &sequence{time.Duration(p.Hours * float64(time.Hour)), recoveryWindows{}, map[tableHand]prevention{}}
	return func(e *Event, today bool) {
		if e.EventName != "DeleteTable" {
			s.note(e)
			return
		}
		if hit, ok := s.deleted(e); ok && today {
			r.Found(hit)
		}
		if e.OK() {
			delete(s.windows, e.TableARN)
		}
	}
})

func preventsOrDeletes(e *Event) bool {
	return e.TableARN != "" && (unprotects(e) || setsRecovery(e) || e.OK() && removesBackup(e) != "" || e.Is("dynamodb", "DeleteTable"))
}

// sequence remembers by which steps a table was kept from being restored.
type sequence struct {
	within  time.Duration
	windows recoveryWindows
	steps   map[tableHand]prevention // the last one
}

type tableHand struct{ table, hand string }

type prevention struct {
	*Event
	what string
}

func (s *sequence) note(e *Event) {
	var what string
	switch {
	case unprotects(e):
		what = "deletion protection of " + e.table() + " was switched off"
	case setsRecovery(e):
		what, _ = s.windows.set(e)
	default:
		what = removesBackup(e) + " was removed"
	}
	if what != "" {
		s.steps[tableHand{e.TableARN, e.hand()}] = prevention{e, what}
	}
}

// deleted is the finding that a deletion makes after a step of the same hand.
func (s *sequence) deleted(e *Event) (hit Hit, ok bool) {
	step, ok := s.steps[tableHand{e.TableARN, e.hand()}]
	if !ok || e.Time().Sub(step.Time()) > s.within {
		return Hit{}, false
	}
	then := "the table was deleted"
	if !e.OK() {
		then = "its deletion was tried"
	}
	return Hit{
		Event: e, First: step.Time(), Last: e.Time(), Count: 2,
		Evidence: []schema.Evidence{step.Evidence(), e.Evidence()},
		Explain:  fmt.Sprintf("%s, and %s later %s by the same hand", step.what, e.Time().Sub(step.Time()), then),
	}, true
}
