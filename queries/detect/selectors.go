package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// LogClass is a class of a table's events that trails log or leave out.
type LogClass string

const (
	ManagementReads  LogClass = "management_read"
	ManagementWrites LogClass = "management_write"
	DataReads        LogClass = "data_read"
	DataWrites       LogClass = "data_write"
)

// LogClasses are all there are.
var LogClasses = []LogClass{ManagementReads, ManagementWrites, DataReads, DataWrites}

// Logged says whether events are logged, from what is least.
type Logged uint8

const (
	LoggedNo      Logged = iota
	LoggedUnknown        // what the trail's settings are nobody has told
	LoggedPartly         // some events of the class, by name, caller or the like
	LoggedYes
)

func (l Logged) String() string {
	return [...]string{"not logged", "unknown", "partly logged", "logged"}[min(l, LoggedYes)]
}

// Coverage follows the settings of trails and event data stores through time, to say
// which tables' events are logged. It begins with what a snapshot says ([Coverage.Learn]),
// and follows the calls that change settings ([Coverage.Apply]). Not safe for
// concurrent use.
type Coverage struct {
	trails   map[string][]logState // by ARN, each in order of time
	complete bool                  // a snapshot has named all trails
}

// NewCoverage knows nothing: everything is [LoggedUnknown].
func NewCoverage() *Coverage { return &Coverage{trails: map[string][]logState{}} }

// Complete reports whether a snapshot has named all trails: only then is what none of them
// logs known not to be logged.
func (c *Coverage) Complete() bool { return c.complete }

// Apply follows one call. Calls come in order of time; those that are not about trails,
// and those that failed, change nothing.
func (c *Coverage) Apply(t *schema.Touch) {
	if !IsTrailSetting(t) || t.Outcome != schema.OutcomeOK {
		return
	}
	request, response := new(object).of(t.RequestParameters), new(object).of(t.ResponseElements)
	arn := trailARN(t, request, response)
	if arn == "" {
		return
	}
	s := logState{}
	if states := c.trails[arn]; len(states) > 0 {
		s = states[len(states)-1]
	}
	s.from = t.EventTime
	s.place(arn)
	s.change(t.EventName, request)
	c.trails[arn] = append(c.trails[arn], s)
}

// IsTrailSetting reports whether a touch is a call that says what a trail or an event data
// store logs from then on.
func IsTrailSetting(t *schema.Touch) bool {
	service, _, _ := strings.Cut(t.EventSource, ".")
	if service != "cloudtrail" {
		return false
	}
	switch t.EventName {
	case "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors",
		"CreateEventDataStore", "UpdateEventDataStore", "DeleteEventDataStore", "RestoreEventDataStore",
		"StartEventDataStoreIngestion", "StopEventDataStoreIngestion":
		return true
	}
	return false
}

// trailARN is the trail or store that a call is about. A trail's name alone is of the
// account and Region of the call.
func trailARN(t *schema.Touch, request, response Value) string {
	for _, v := range []Value{response.At("trailARN"), response.At("eventDataStoreArn"), request.At("eventDataStore"), request.At("trailName"), request.At("name")} {
		switch name := v.Text(); {
		case strings.HasPrefix(name, "arn:"):
			return name
		case name != "":
			return "arn:" + partitionOf(t.AWSRegion) + ":cloudtrail:" + t.AWSRegion + ":" + t.RecipientAccountID + ":trail/" + name
		}
	}
	return ""
}

// partitionOf is the partition of AWS that a Region is in.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// Of says whether a class of a table's events is logged by the state that things are in
// now, by any trail. That none logs it is [LoggedUnknown] unless a snapshot has named
// all trails.
func (c *Coverage) Of(table string, class LogClass) Logged {
	arn, ok := schema.ParseTableARN(table)
	if !ok {
		return LoggedUnknown
	}
	most := LoggedNo
	if !c.complete {
		most = LoggedUnknown
	}
	for _, states := range c.trails {
		most = max(most, states[len(states)-1].logs(arn, class))
	}
	return most
}

// Chosen says the same by what the trails' selectors pick, with all that nobody has told of
// a trail taken to be so that it logs: for comparing before and after.
func (c *Coverage) Chosen(table string, class LogClass) Logged {
	arn, ok := schema.ParseTableARN(table)
	if !ok {
		return LoggedUnknown
	}
	most := LoggedNo
	for _, states := range c.trails {
		most = max(most, states[len(states)-1].assumed().logs(arn, class))
	}
	return most
}

// tablesNamed are the tables that the trails' selectors name one by one.
func (c *Coverage) tablesNamed() (arns []string) {
	for _, states := range c.trails {
		for i := range states {
			for j := range states[i].selectors {
				arns = append(arns, states[i].selectors[j].tables()...)
			}
		}
	}
	slices.SortFunc(arns, cmp.Compare[string])
	return slices.Compact(arns)
}
