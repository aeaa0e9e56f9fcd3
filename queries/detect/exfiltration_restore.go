package detect

import (
	"fmt"

	"github.com/keytrail/keytrail/schema"
)

type restoreParams struct {
	ManagedNames []string `yaml:"managed_names"` // globs of names that restored tables have when all is well
}

var restoredCopy = inOrder(Detection{
	ID: "DDB-EXF-012", Version: 1, Title: "Table restored under another name", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl}, Attack: []string{"T1213.006"},
	Looks:       "a restore that nobody expects: the new table has the old one's items and none of its protection. Critical when the copy leaves a key of yours for one of AWS, or managed_names is given and its name is none of them",
	FalseAlarms: "restore drills, and repairs after an accident",
	Advice:      "look who reads the new table, and what its resource policy is; delete it when nobody needs it",
}, restoreParams{}, setsKeyOrRestores, func(r *Run, p *restoreParams) func(*Event, bool) {
	ownKey := map[string]bool{} // tables that are encrypted with a key of the customer's
	return func(e *Event, today bool) {
		if !e.Is("dynamodb", "CreateTable", "UpdateTable") {
			if !today {
				return
			}
			if _, ok := r.request(e); ok {
				r.Found(restored(e, p, ownKey[e.TableARN]))
			}
			return
		}
		if encryption := e.Request().At("sSESpecification"); encryption.Exists() {
			ownKey[e.TableARN] = ownedKey(encryption)
		}
	}
})

func setsKeyOrRestores(e *Event) bool {
	switch {
	case !e.OK():
		return false
	case e.Is("dynamodb", "CreateTable", "UpdateTable"):
		return e.TableARN != ""
	}
	// The last touch is the table that the items come from, if the record names it.
	return e.Is("dynamodb", "RestoreTableFromBackup", "RestoreTableToPointInTime") && e.TouchIndex == e.TouchCount-1
}

// ownedKey reports whether an encryption's specification names a key of the customer's.
func ownedKey(encryption Value) bool {
	on, known := encryption.At("enabled").Bool()
	key := encryption.At("kMSMasterKeyId").Text()
	return (on || !known) && key != "" && key != "alias/aws/dynamodb"
}

func restored(e *Event, p *restoreParams, hadOwnKey bool) Hit {
	target, encryption := e.Request().At("targetTableName").Text(), e.Request().At("sSESpecificationOverride")
	on, known := encryption.At("enabled").Bool()
	hit := Hit{Event: e, Explain: fmt.Sprintf("%s was restored as %s", e.table(), shown(target)), About: []string{target}}
	switch {
	case known && !on, encryption.Exists() && hadOwnKey && !ownedKey(encryption):
		hit.Severity = schema.SeverityCritical
		hit.Explain += ", encrypted with a key that AWS holds"
	case len(p.ManagedNames) > 0 && !listed(p.ManagedNames, target):
		hit.Severity = schema.SeverityCritical
		hit.Explain += ", a name that restored tables do not have here"
	}
	return hit
}
