package compliance

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

// turn is a time at which a trail or store begins to log something else.
type turn struct {
	trail string // its name
	at    int64  // microseconds since 1970
}

// turned counts tables by what a turn changed of calls on their items.
type turned struct{ less, more, dark int64 } // dark: of less, those that nothing else makes up for

// turns are the period's, worked out from the trails' settings.
type turns map[turn]*turned

func (w *coverageWriter) turns() turns {
	all := turns{}
	for _, t := range w.tables {
		of := map[turn]*turned{} // reads and writes of a table are one
		intervals := w.logs.cover.Intervals(t.arn)
		for i := 1; i < len(intervals); i++ {
			was, is := &intervals[i-1], &intervals[i]
			data := is.Class == detect.DataReads || is.Class == detect.DataWrites
			if !data || was.Trail != is.Trail || was.Class != is.Class || is.Logged == detect.LoggedUnknown || micros(is.From) < w.f.From {
				continue
			}
			key := turn{nameOfTrail(is.Trail), micros(is.From)}
			if of[key] == nil {
				of[key] = &turned{}
			}
			switch {
			case is.Logged > was.Logged:
				of[key].more = 1
			case w.logs.at(intervals, is.Class, key.at) < detect.LoggedYes:
				of[key].less, of[key].dark = 1, 1
			default:
				of[key].less = 1
			}
		}
		for key, n := range of {
			if all[key] == nil {
				all[key] = &turned{}
			}
			all[key].less, all[key].more, all[key].dark = all[key].less+n.less, all[key].more+n.more, all[key].dark+n.dark
		}
	}
	return all
}

func nameOfTrail(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// effect says in words what a call did to what is logged.
func (all turns) effect(e *schema.Touch, about string) string {
	if e.Outcome != schema.OutcomeOK {
		return "none: the call was not carried out"
	}
	text := effectOf(e.EventName)
	n := all[turn{nameOfTrail(about), e.EventTime}]
	switch {
	case n == nil:
		return text
	case n.dark > 0:
		text += fmt.Sprintf("; from then on it logs less, or nothing, of calls on items of %s, and for %d nothing that is known makes up for it", many(n.less, "table"), n.dark)
	case n.less > 0:
		text += fmt.Sprintf("; from then on it logs less, or nothing, of calls on items of %s, which another trail logs", many(n.less, "table"))
	case n.more > 0:
		text += fmt.Sprintf("; from then on it logs calls on items of %s", many(n.more, "table"))
	}
	return text
}
