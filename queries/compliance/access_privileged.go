package compliance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// privilege is a way of calling that auditors want to see, worst first.
type privilege uint8

const (
	asRoot privilege = iota
	breakGlass
	withoutMFA
	longTermKey
	inConsole
)

var privileges = []struct {
	id, name string
	level    report.Level
}{
	{"root", "root", report.Alarm},
	{"break_glass", "break-glass role", report.Alarm},
	{"no_mfa", "without MFA", report.Attention},
	{"long_term_key", "long-term key", report.Attention},
	{"console", "console", report.Plain},
}

// useKey is a principal's use of a privilege.
type useKey struct {
	caller    int32
	privilege privilege
}

// use is what was done with it.
type use struct {
	trace
	tables  map[int32]struct{}
	changed int64 // touches
}

type uses map[useKey]*use

func (u uses) touch(s *sighting) {
	for p := range privilege(len(privileges)) {
		if p.is(s) {
			u.add(useKey{s.caller, p}, s)
		}
	}
}

func (u uses) add(key useKey, s *sighting) {
	at := u[key]
	if at == nil {
		at = &use{trace: s.access.newTrace(), tables: map[int32]struct{}{}}
		u[key] = at
	}
	at.add(s)
	at.tables[s.table] = struct{}{}
	if changes(s.Event) && s.OK() {
		at.changed++
	}
}

// is reports whether a call was made so. Sessions of Identity Center, SAML and OIDC never say
// that there was a second factor, which was asked for elsewhere: they are left out.
func (p privilege) is(s *sighting) bool {
	switch p {
	case asRoot:
		return s.ActorKind == schema.ActorRoot
	case breakGlass:
		return s.access.callers.list[s.caller].breakGlass
	case withoutMFA:
		return s.MFA != schema.True && tellsMFA(s.Touch) && (s.MFA == schema.False || isLongTerm(s.AccessKeyID))
	case longTermKey:
		return isLongTerm(s.AccessKeyID)
	}
	return s.Console == schema.True
}

func isLongTerm(key string) bool { return strings.HasPrefix(key, "AKIA") }

// privileged tells the use of privileges, and what was changed by hand.
func (a *access) privileged(ctx context.Context) (*report.Section, error) {
	s := &report.Section{Title: "Privileged and manual activity"}
	lines, err := a.manualChanges(ctx)
	if err != nil {
		return nil, err
	}
	s.Tables = []report.Table{a.privilegedUse(), lines}
	r := &a.register
	s.Tiles = []report.Fact{
		tile("manual_changes", "Manual changes", r.calls, alertIf(r.calls, report.Attention), "calls of people, root and unknown, or in the console"),
		tile("manual_changes_unexpected", "Without a rule", r.unexpected, alertIf(r.unexpected, report.Attention), ""),
	}
	tiles, used, level := a.privilegeTiles()
	s.Tiles, s.Level = append(s.Tiles, tiles...), level
	s.Lead = fmt.Sprintf("People, root and principals that may be people changed something in %s on %s.", counted(r.calls, "call", "calls"), counted(int64(len(r.tables)), "table", "tables"))
	if r.calls > 0 {
		s.Level = s.Level.Worse(report.Attention)
	} else {
		s.Level = s.Level.Worse(a.frame.none())
		s.Lead = "Nobody is known to have changed anything by hand."
		a.frame.noneNote(s)
	}
	switch {
	case a.frame.Unexpected == nil:
		s.Lead += " There is no policy with rules: whether any of it was expected is not known."
		s.Tiles[1].Value, s.Tiles[1].Level = report.Value{}, report.Unknown
	case r.calls > 0:
		s.Lead += " " + allowedBut(r.unexpected)
	}
	if len(used) > 0 {
		s.Lead += " Used were: " + strings.Join(used, ", ") + "."
	}
	if a.frame.Policy == nil || len(a.frame.Policy.BreakGlass) == 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "No policy names break-glass roles: their use is not told apart."})
	}
	if r.left > 0 {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("The register of manual changes ends at %d lines: %s more are in the counts only.", maxBursts, counted(r.left, "touch", "touches"))})
	}
	if n := len(r.of); n > maxFollowed {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: fmt.Sprintf("Who is behind a session is told for the first %s lines of the register, of %s: those that no rule allows come first. \"keytrail who --follow-role\" tells it of the others.", report.CountOf(maxFollowed), report.CountOf(int64(n)))})
	}
	return s, nil
}

// allowedBut says how many calls no rule allows.
func allowedBut(n int64) string {
	if n == 0 {
		return "Rules of the policy allow all of them."
	}
	return fmt.Sprintf("No rule allows %s of them.", report.CountOf(n))
}

// privilegeTiles count the calls with each privilege, and name those that were used.
func (a *access) privilegeTiles() (tiles []report.Fact, used []string, level report.Level) {
	counts := make([]int64, len(privileges))
	for key, u := range a.uses {
		counts[key.privilege] += u.calls
	}
	for i, p := range privileges {
		tiles = append(tiles, tile("calls_"+p.id, "Calls: "+p.name, counts[i], alertIf(counts[i], p.level), ""))
		if counts[i] > 0 {
			used = append(used, fmt.Sprintf("%s (%s)", p.name, counted(counts[i], "call", "calls")))
			level = level.Worse(p.level)
		}
	}
	return tiles, used, level
}

func (a *access) privilegedUse() report.Table {
	t := report.Table{ID: "privileged_use", Title: "Use of privileges", Empty: "No privilege was used.",
		Lead: "A line for each principal and privilege, root first. Without MFA are IAM users and root only: sessions of Identity Center and of other providers never tell.",
		Columns: join([]report.Column{col("privilege", "Privilege", report.Word)}, callerColumns,
			[]report.Column{col("table_names", "Tables", report.List), col("changes", "Changes", report.Count)}, traceColumns)}
	keys := slices.SortedFunc(maps.Keys(a.uses), func(x, y useKey) int {
		return cmp.Or(cmp.Compare(x.privilege, y.privilege), a.callers.compare(x.caller, y.caller))
	})
	for _, key := range keys {
		u, p := a.uses[key], privileges[key.privilege]
		row := append([]report.Value{report.WordOf(p.name, p.level)}, a.callers.list[key.caller].values()...)
		row = append(row, report.ListOf(a.names(slices.Collect(maps.Keys(u.tables)))), report.CountOf(u.changed))
		t.Add(append(row, u.values()...)...)
	}
	return t
}

// names are the first of some tables by name, and how many more there are.
func (a *access) names(tables []int32) []string {
	slices.SortFunc(tables, a.tables.compare)
	var names []string
	known := map[string]bool{}
	for _, n := range tables {
		if name := a.tables.list[n].label; !known[name] {
			names, known[name] = append(names, name), true
		}
	}
	return shortened(names)
}
