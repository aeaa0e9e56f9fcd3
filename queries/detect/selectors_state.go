package detect

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// logState is a trail's settings from some time on.
type logState struct {
	from            int64 // microseconds; 0 in a snapshot
	region, account string
	everywhere      schema.Tri // logs all Regions
	organization    schema.Tri // logs all accounts
	logging         schema.Tri
	gone            bool
	known           bool // selectors are
	selectors       []selector
}

// place reads Region and account in an ARN.
func (s *logState) place(arn string) {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		s.region, s.account = parts[3], parts[4]
	}
}

// change has the state be the one after a call.
func (s *logState) change(call string, request Value) {
	if on, known := request.At("isMultiRegionTrail").Bool(); known {
		s.everywhere = schema.TriOf(on)
	}
	if on, known := request.At("multiRegionEnabled").Bool(); known {
		s.everywhere = schema.TriOf(on)
	}
	for _, name := range []string{"isOrganizationTrail", "organizationEnabled"} {
		if on, known := request.At(name).Bool(); known {
			s.organization = schema.TriOf(on)
		}
	}
	switch call {
	case "CreateTrail": // logs management events, once it is started
		s.logging, s.known, s.selectors, s.gone = schema.False, true, []selector{{management: true, reads: LoggedYes, writes: LoggedYes}}, false
		s.everywhere, s.organization = orFalse(s.everywhere), orFalse(s.organization)
	case "CreateEventDataStore":
		s.logging, s.known, s.selectors, s.gone = schema.True, true, []selector{{management: true, reads: LoggedYes, writes: LoggedYes}}, false
		if s.everywhere == schema.Null {
			s.everywhere = schema.True
		}
		s.organization = orFalse(s.organization)
		s.choose(request)
	case "PutEventSelectors", "UpdateEventDataStore":
		s.choose(request)
	case "StartLogging", "StartEventDataStoreIngestion", "RestoreEventDataStore":
		s.logging, s.gone = schema.True, false
	case "StopLogging", "StopEventDataStoreIngestion":
		s.logging = schema.False
	case "DeleteTrail", "DeleteEventDataStore":
		s.logging, s.gone = schema.False, true
	}
}

func orFalse(t schema.Tri) schema.Tri {
	if t == schema.Null {
		return schema.False
	}
	return t
}

// logs says whether a trail in this state logs a class of a table's events.
func (s *logState) logs(table schema.TableARN, class LogClass) Logged {
	if s.gone || s.logging == schema.False {
		return LoggedNo
	}
	least := LoggedYes
	if s.region != table.Region {
		least = min(least, certainly(s.everywhere))
	}
	if s.account != table.Account {
		least = min(least, certainly(s.organization))
	}
	if least == LoggedNo {
		return LoggedNo
	}
	least = min(least, max(certainly(s.logging), LoggedUnknown))
	if !s.known {
		return LoggedUnknown
	}
	most := LoggedNo
	for i := range s.selectors {
		most = max(most, s.selectors[i].logs(table.ARN, class))
	}
	if most == LoggedNo {
		return LoggedNo
	}
	return min(most, least)
}

// some tells which events of a class are logged where only some are.
func (s *logState) some(table schema.TableARN, class LogClass) (conditions string) {
	for i := range s.selectors {
		if s.selectors[i].logs(table.ARN, class) == LoggedPartly {
			conditions += s.selectors[i].others + "\n"
		}
	}
	return conditions
}

// assumed is the state with what is not known of it taken to be so that it logs: for
// comparing what selectors say.
func (s *logState) assumed() *logState {
	a := *s
	for _, t := range []*schema.Tri{&a.logging, &a.everywhere, &a.organization} {
		if *t == schema.Null {
			*t = schema.True
		}
	}
	return &a
}

func certainly(t schema.Tri) Logged {
	switch t {
	case schema.True:
		return LoggedYes
	case schema.False:
		return LoggedNo
	}
	return LoggedUnknown
}
