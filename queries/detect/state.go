package detect

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// States of a detection on one day.
const (
	Evaluated    = "evaluated"
	Partly       = "partly"        // some calls could not be judged, or it found something all the same
	NotEvaluated = "not_evaluated" // that it found nothing says nothing
	SwitchedOff  = "off"
)

// State says whether a day could be judged by a detection, and why not.
type State struct {
	Detection string   `json:"detection"`
	Mode      Mode     `json:"mode"`
	State     string   `json:"state"` // one of the constants
	Reasons   []string `json:"reasons,omitempty"`
}

// dayRows is which rows the day had.
type dayRows struct {
	rows   int64
	planes map[string]bool
	stream bool // one was read
}

func (s *dayRows) note(e *Event) {
	s.rows++
	s.stream = s.stream || e.Op == schema.OpReadStream
	if !s.planes[e.Plane] {
		if s.planes == nil {
			s.planes = map[string]bool{}
		}
		s.planes[strings.Clone(e.Plane)] = true
	}
}

func (j *judging) state(t *tally) State {
	s := State{Detection: t.detection.ID, Mode: t.setting.Mode, State: Evaluated}
	if s.Mode == "" {
		s.Mode = Live
	}
	if s.Mode == Off {
		s.State = SwitchedOff
		return s
	}
	s.Reasons = slices.Clone(t.unfit)
	for _, need := range t.detection.Needs {
		if why := j.lacks(need); why != "" {
			s.Reasons = append(s.Reasons, why)
		}
	}
	skipped := j.run.skipped[t.detection.ID]
	switch {
	case len(s.Reasons) == 0 && len(skipped) == 0:
		return s
	case len(s.Reasons) > 0 && !t.any():
		s.State = NotEvaluated // single calls do not matter then
		return s
	}
	s.State = Partly
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		s.Reasons = append(s.Reasons, fmt.Sprintf("%s (%d times)", why, skipped[why]))
	}
	return s
}

// unfit is why a detection may not even be tried: what it holds calls against is not
// there, so that it would find all of them or none.
func unfit(d *Detection, params any, p *policy.Policy) (why []string) {
	for _, need := range d.Needs {
		missing := false
		switch need {
		case NeedPolicy:
			missing = p == nil
		case NeedPipelines:
			missing = p == nil || len(p.Pipelines) == 0
		case NeedBreakGlass:
			missing = p == nil || len(p.BreakGlass) == 0
		case NeedClasses:
			missing = !p.HasClasses()
		case NeedProtected:
			missing = !p.HasProtected()
		case NeedAccounts:
			missing = p == nil || len(p.OrgAccounts) == 0
		case NeedParams:
			if open := unset(params); len(open) > 0 {
				why = append(why, "it needs its settings: "+strings.Join(open, ", "))
			}
		}
		if missing {
			why = append(why, "it needs "+string(need))
		}
	}
	return why
}

// unset names the lists and texts among params when all of them are empty.
func unset(params any) (names []string) {
	v := reflect.ValueOf(params).Elem()
	for i := range v.NumField() {
		field := v.Field(i)
		switch field.Kind() {
		case reflect.Slice, reflect.Map, reflect.String:
			if field.Len() > 0 {
				return nil
			}
			names = append(names, paramName(v.Type().Field(i)))
		}
	}
	return names
}

func paramName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

// recentDays is how far back rows prove that a kind of events is logged.
const recentDays = 30

// lacks is why a need is not met by what the lake has; empty when it is. Management
// events of all services come in one stream, so that one of them stands for all, but
// for those of KMS, which a trail may leave out.
func (j *judging) lacks(need Need) string {
	switch need {
	case NeedHistory:
		const days = 14
		if n := j.run.History.Days(28); n < days {
			return fmt.Sprintf("learning: %d of %d days of history", n, days)
		}
		return ""
	case NeedData:
		if j.logged(schema.PlaneData, dataOps) {
			return ""
		}
	case NeedStreams:
		if j.dayRows.stream || j.touchedLately([]string{schema.OpReadStream}) {
			return ""
		}
	case NeedStorage:
		if j.logged(schema.PlaneStorage, nil) {
			return ""
		}
	case NeedKMS:
		if j.logged(schema.PlaneKMS, []string{schema.OpKey}) {
			return ""
		}
	case NeedSessions:
		if j.logged(schema.PlaneSTS, []string{schema.OpSession}) {
			return ""
		}
	case NeedControl, NeedTrail, NeedBackup, NeedConfig, NeedIAM, NeedOther:
		if j.managed() {
			return ""
		}
	default:
		return "" // what it needs of the policy and its settings was asked before
	}
	return fmt.Sprintf("no %s in the last %d days", need, recentDays)
}

var (
	dataOps       = []string{schema.OpReadPoint, schema.OpReadRange, schema.OpWriteItem, schema.OpDeleteItem, schema.OpReadBulk}
	managementOps = []string{
		schema.OpMetaRead, schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag,
		schema.OpKey, schema.OpScale, schema.OpEvaluate, schema.OpAudit, schema.OpSession,
	}
)

// logged reports whether the day, or the days before, have rows of a plane; a history
// that does not count by plane is asked for classes of operations that only it has.
func (j *judging) logged(plane string, ops []string) bool {
	if j.dayRows.planes[plane] {
		return true
	}
	if h, ok := j.run.History.(planes); ok {
		return h.Planes(recentDays)[plane] > 0
	}
	return j.touchedLately(ops)
}

// planes is a History that knows which planes the n days before had touches of.
type planes interface{ Planes(n int) map[string]int64 }

// managed is logged for management events of any service.
func (j *judging) managed() bool {
	isManagement := func(plane string) bool {
		return plane != schema.PlaneData && plane != schema.PlaneInsight && plane != schema.PlaneStorage
	}
	for plane := range j.dayRows.planes {
		if isManagement(plane) {
			return true
		}
	}
	h, ok := j.run.History.(planes)
	if !ok {
		return j.touchedLately(managementOps)
	}
	for plane, n := range h.Planes(recentDays) {
		if n > 0 && isManagement(plane) {
			return true
		}
	}
	return false
}

func (j *judging) touchedLately(ops []string) bool {
	return slices.ContainsFunc(ops, func(op string) bool {
		return slices.ContainsFunc(j.run.History.Touched(recentDays, "", "", op, ""), func(n int64) bool { return n > 0 })
	})
}
