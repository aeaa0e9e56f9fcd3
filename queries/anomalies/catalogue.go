package anomalies

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// The detections of this package.
const (
	Spike   = "DDB-STA-001"
	Rise    = "DDB-STA-002"
	Shift   = "DDB-STA-003"
	Breadth = "DDB-STA-004"
	Denied  = "DDB-STA-005"
	Novel   = "DDB-STA-006"
	HotKey  = "DDB-STA-007"
	Silence = "DDB-STA-008"
	Insight = "DDB-INS-001"
)

// Detection is one thing that numbers may tell.
type Detection struct {
	ID       string
	Version  int
	Title    string
	Severity schema.Severity // where nothing makes it more or less
	Looks    string
	attack   []string
}

// Catalogue is all there are.
var Catalogue = []Detection{
	{Spike, 1, "Many more touches than usual", schema.SeverityMedium,
		"a day's touches by an actor on a table, of a table or by an actor, far above those of days alike", []string{"T1213.006", "T1119"}},
	{Rise, 1, "Touches rise slowly", schema.SeverityLow,
		"a level that went up over days, none of which is odd by itself", []string{"T1119"}},
	{Shift, 1, "Other operations than usual", schema.SeverityLow,
		"an actor whose mix of operations on a table is another one", []string{"T1078.004"}},
	{Breadth, 1, "Many more different keys than usual", schema.SeverityMedium,
		"an actor that reaches three times as many keys as ever, or a person that reaches half a table", []string{"T1213.006"}},
	{Denied, 1, "Many more calls denied than usual", schema.SeverityLow,
		"a share of denied calls far above that of the days before", []string{"T1580"}},
	{Novel, 1, "New to this table", schema.SeverityLow,
		"an actor, or an operation of an actor, that is new to a table where new ones are rare", []string{"T1078.004"}},
	{HotKey, 1, "A hot key", schema.SeverityInfo,
		"a key with a tenth of a table's touches, or with as many in a second as one partition serves", nil},
	{Silence, 1, "Far fewer touches than usual", schema.SeverityMedium,
		"an actor on a table, or a table, that is never quiet and was, though the log is there", []string{"T1562.008"}},
	{Insight, 1, "CloudTrail Insights saw unusual activity", schema.SeverityInfo,
		"an Insight event that CloudTrail delivered", nil},
}

func detectionOf(id string) *Detection {
	for i := range Catalogue {
		if Catalogue[i].ID == id {
			return &Catalogue[i]
		}
	}
	return nil
}

// attackOf are the techniques of a finding: of a spike, those that its operation serves.
func attackOf(d *Detection, op string) []string {
	if d.ID != Spike {
		return d.attack
	}
	switch op {
	case schema.OpDeleteItem, schema.OpDestroy:
		return []string{"T1485"}
	case schema.OpWriteItem:
		return []string{"T1565.001"}
	}
	return d.attack
}

// Explain says all there is to know of one, by its id or the end of it: empty when it is
// none of these.
func Explain(id string) string {
	for i := range Catalogue {
		d := &Catalogue[i]
		if !strings.EqualFold(d.ID, id) && !strings.EqualFold(strings.TrimPrefix(d.ID, "DDB-"), id) {
			continue
		}
		text := fmt.Sprintf("%s  %s\n\nWhat it looks for: %s.\nSeverity: %s, where nothing makes it more or less.\n", d.ID, d.Title, d.Looks, d.Severity)
		if len(d.attack) > 0 {
			text += "ATT&CK: " + strings.Join(d.attack, ", ") + ".\n"
		}
		return text + "It judges numbers by those of the days before: \"keytrail anomalies\" tells it, and what it could not test.\n"
	}
	return ""
}
