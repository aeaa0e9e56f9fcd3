package report

// Level says how a thing is to be taken. Writers show it by a word and a sign, not by
// colour alone.
type Level string

// The levels. The zero value is plain text.
const (
	Plain     Level = ""
	OK        Level = "ok"        // as it should be
	Attention Level = "attention" // somebody should look at it
	Alarm     Level = "alarm"     // somebody must
	Unknown   Level = "unknown"   // the log cannot tell: neither good nor bad
)

// Levels are all but [Plain], the one that matters most first.
var Levels = []Level{Alarm, Attention, Unknown, OK}

// Word is what people read for a level, nothing for [Plain].
func (l Level) Word() string {
	switch l {
	case OK:
		return "in order"
	case Attention:
		return "attention"
	case Alarm:
		return "alarm"
	case Unknown:
		return "cannot tell"
	}
	return ""
}

// Worse is the level that matters more: [Alarm], then [Attention], [Unknown], [OK].
func (l Level) Worse(o Level) Level {
	if rank(o) > rank(l) {
		return o
	}
	return l
}

func rank(l Level) int {
	switch l {
	case OK:
		return 1
	case Unknown:
		return 2
	case Attention:
		return 3
	case Alarm:
		return 4
	}
	return 0
}
