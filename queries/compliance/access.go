package compliance

import (
	"context"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// access is who reached what: the part that makes all sections about touches. They share
// one count of tables, callers and calls, so that no two of them tell different numbers.
type access struct {
	frame    *Frame
	touches  int64 // rows in scope
	insights int64 // of them: CloudTrail's own findings, which are no calls
	events   int64 // distinct event ids

	tables  tableIndex
	callers callerIndex
	cells   cells
	calls   callSet
	lines   uint64 // of tables, see newTrace

	uses      uses
	register  register
	surprises surprises
	exits     exits
	refusals  refusals
	settings  settingsLog
}

func newAccess(f *Frame) *access {
	return &access{
		frame: f, tables: newTableIndex(), callers: newCallerIndex(f.Policy), cells: cells{of: map[cellKey]*cell{}}, calls: newCallSet(),
		uses: uses{}, register: register{of: map[burstKey]*burst{}, tables: map[int32]struct{}{}}, surprises: surprises{of: map[surpriseKey]*surprise{}},
		exits: newExits(f), refusals: newRefusals(), settings: newSettingsLog(),
	}
}

// sighting is a touch with the numbers of its table and its caller.
type sighting struct {
	*detect.Event
	table, caller int32
	newCall       bool // the first touch of its call
	opens         bool // a way out
	access        *access
}

// once reports whether the touch is the first of its call that is counted in some scope.
func (s *sighting) once(scope uint64) bool { return s.access.calls.first(s.Touch, scope) }

// Scopes in which calls are counted once. The serial numbers of lines are added to the last.
const (
	scopeReport uint64 = iota << 40
	scopeDenied
	scopeFailed
	scopeManual
	scopeOpened
	scopeBulk
	scopeManualUnexpected
	scopeTable
	scopeLine
)

func (a *access) touch(e *detect.Event) {
	a.touches++
	s := sighting{Event: e, access: a, newCall: a.calls.first(e.Touch, scopeReport)}
	if s.newCall {
		a.events++
	}
	if e.Plane == schema.PlaneInsight {
		a.insights++
		return
	}
	s.table = a.tables.number(e)
	s.caller = a.callers.number(e)
	if a.calls.first(e.Touch, scopeTable+uint64(s.table)) {
		a.tables.list[s.table].calls++
	}
	a.tables.list[s.table].add(e)
	a.callers.list[s.caller].add(e, s.newCall)
	a.cells.add(&s)
	if e.Failed() {
		a.refusals.touch(&s)
	}
	if changes(e) {
		a.register.touch(&s)
		a.surprises.touch(&s)
		a.settings.touch(&s)
	}
	a.uses.touch(&s)
	a.exits.touch(&s)
}

func (a *access) write(ctx context.Context, f *Frame, made sections) error {
	made[ByTable] = a.byTable()
	made[ByPerson] = a.byPerson()
	made[Unexpected] = a.unexpected()
	made[WaysOut] = a.waysOut()
	made[DeniedAccess] = a.denied()
	var err error
	if made[Privileged], err = a.privileged(ctx); err != nil {
		return err
	}
	made[Settings] = a.settingsSection()
	return nil
}

// limits are what the sections could not tell apart, in words.
func (a *access) limits() (notes []string) {
	if a.tables.full || a.callers.full || a.cells.full {
		notes = append(notes, "There are more tables, principals or pairs of both than are told apart here: the rest is summed up under \"others\". Totals are exact.")
	}
	if a.calls.full {
		notes = append(notes, "There are so many calls of many items that some calls may be counted twice. Numbers of touches are exact.")
	}
	return notes
}

// changes reports whether a call, had it succeeded, changed something: the trail that would
// tell of others, too.
func changes(e *detect.Event) bool { return e.Mutates || e.Op == schema.OpAudit }

// isAllowed reports whether a rule expects it.
func isAllowed(v policy.Verdict) bool { return v.Effect == policy.Allowed }
