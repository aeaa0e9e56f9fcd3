package compliance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// maxSettings bounds the calls on settings that are remembered.
const maxSettings = 50_000

// settingsLog is the calls of the period that changed a table's settings: who made them and
// what the policy says. What they changed from and to, the catalogue of tables knows.
type settingsLog struct {
	of   map[settingKey]*settingCall
	left int64 // touches
}

type settingKey struct {
	event string
	table int32
}

type settingCall struct {
	at            int64
	caller        int32
	event         string
	verdict       policy.Verdict
	asked         string // in words, where neither the catalogue nor throughput has it
	before, after string // throughput, which the catalogue does not have
	told          bool   // the catalogue had it
}

func newSettingsLog() settingsLog { return settingsLog{of: map[settingKey]*settingCall{}} }

// setsTable reports whether a touch changed a table's settings, or what belongs to them.
// Backups are ways out.
func setsTable(s *sighting) bool {
	if !s.OK() || !s.Mutates || s.TableARN == "" {
		return false
	}
	switch s.Plane {
	case schema.PlaneControl, schema.PlaneAutoscaling, schema.PlaneKMS, schema.PlaneOther:
		return s.Op != schema.OpCopy || strings.HasPrefix(s.EventName, "RestoreTable")
	}
	return false
}

func (l *settingsLog) touch(s *sighting) {
	if !setsTable(s) {
		return
	}
	key := settingKey{s.EventID, s.table}
	if l.of[key] != nil {
		return
	}
	if len(l.of) >= maxSettings {
		l.left++
		return
	}
	key.event = strings.Clone(key.event)
	call := &settingCall{at: s.EventTime, caller: s.caller, event: strings.Clone(s.EventName), verdict: s.Verdict}
	if asked := s.Request().At("provisionedThroughput"); asked.Exists() {
		call.after = throughput(asked)
		call.before = throughput(s.Response().At("tableDescription", "provisionedThroughput"))
		if s.EventName == "CreateTable" {
			call.before = ""
		}
	}
	if call.after == "" {
		call.asked = asked(s.Request())
	}
	l.of[key] = call
}

// maxAsked bounds what is told of a request.
const maxAsked = 300

// asked is what a request asks for beside the table's name, in words.
func asked(request detect.Value) string {
	var parts []string
	names := request.Names()
	slices.Sort(names)
	for _, name := range names {
		switch value := request.At(name); {
		case slices.Contains([]string{"tableName", "resourceArn", "resourceId"}, name):
		case value.Text() != "":
			parts = append(parts, name+"="+value.Text())
		default:
			parts = append(parts, name)
		}
	}
	text := []rune(strings.Join(parts, ", "))
	if len(text) > maxAsked {
		return string(text[:maxAsked]) + "…"
	}
	return string(text)
}

// throughput is capacity in words; empty where the log does not have it.
func throughput(v detect.Value) string {
	read, write := v.At("readCapacityUnits").Text(), v.At("writeCapacityUnits").Text()
	if read == "" && write == "" {
		return ""
	}
	return fmt.Sprintf("%s read, %s write", unknownIfEmpty(read), unknownIfEmpty(write))
}

func unknownIfEmpty(s string) string {
	if s == "" {
		return "?"
	}
	return s
}
