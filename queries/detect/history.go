package detect

import "github.com/keytrail/keytrail/schema"

// Family is a kind of thing that is new the first time it is seen.
type Family uint8

const (
	ByTable   Family = iota // value empty: has the principal touched the table
	ByOp                    // value: operation class
	ByEvent                 // value: API name
	ByNetwork               // value: queries.Network of the address; table empty: anywhere
	ByAgent                 // value: queries.Program of the user agent; table empty: anywhere
	ByRegion                // value: AWS Region
	BySession               // value: schema.SessionShape of the session's name
)

// History is what the lake knows of the days before the one that is judged. Days are
// numbers as in schema.Partition. A call that the trails of two accounts logged counts
// once, as done by whom the caller's account says. Safe for concurrent use. Package profile
// has the one that is kept in the lake.
type History interface {
	// Days is how many of the n days before are in the lake: those with any row.
	Days(n int) int
	// LastSeen is the latest day before on which the principal was seen with a value
	// of a family on a table, or on any if that is empty; ok is false
	// when it never was, as far back as the history goes.
	LastSeen(f Family, table, principal, value string) (day int32, ok bool)
	// FirstDay is the first day a table was touched, within the history.
	FirstDay(table string) (day int32, ok bool)
	// Touched are touches by day, of the n days before, the latest last, of one
	// principal, table and operation class with one outcome; empty texts are any.
	// A day that the lake has nothing of is -1.
	Touched(n int, table, principal, op, outcome string) []int64
	// Distinct are different keys by day, like Touched.
	Distinct(n int, table, principal, op string) []int64
	// Settings calls fn with the calls that changed a setting, those on the trail among
	// them, and those that told of a table's size or key, in order of time. Of the latter
	// there is, by API name, table and day, at least the last one that got an answer.
	// The touches are the history's and must not be changed.
	Settings(fn func(*schema.Touch))
}

// IsSetting reports whether a history keeps a touch whole ([History.Settings]): calls that
// change something and are not calls on items, those on the trail and on what identities
// may do, and descriptions of tables, which tell their size and key.
func IsSetting(t *schema.Touch) bool {
	switch t.Plane {
	case schema.PlaneData, schema.PlaneSTS, schema.PlaneInsight:
		return false
	case schema.PlaneTrail, schema.PlaneIAM:
		return true
	case schema.PlaneKMS:
		return t.Mutates
	}
	return t.Mutates || t.EventName == "DescribeTable" || t.EventName == "DescribeContinuousBackups"
}
