package detect

import (
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// keyParams are of keyReplaced.
type keyParams struct {
	Keys []string `yaml:"keys"` // globs of ARNs, or ids, of the keys that tables may have
}

var keyReplaced = inOrder(Detection{
	ID: "DDB-SEC-003", Version: 1, Title: "Table's encryption key changed", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedControl}, Attack: []string{"T1486", "T1562"}, AttackNext: []string{"T1486", "T1685"},
	Looks: "a table made, changed or restored with another key: of an account that is not ours (critical), with AWS's own key where the table or its source " +
		"had a customer key and is confidential or more (high), or with a key that is not listed under keys (medium)",
	FalseAlarms: "re-keying, for which the new key should be listed first",
	Advice: "whoever holds the key can take the data away for good: while the old key exists, switch back to it at once; a table that was restored without its key " +
		"lies open to whoever may read the copy",
}, keyParams{}, setsKey, func(r *Run, p *keyParams) func(*Event, bool) {
	k := keyChanges{run: r, params: p, had: map[string]keyKind{}}
	return k.step
})

// setsKey picks the calls that give a table a key.
func setsKey(e *Event) bool {
	return e.TouchIndex == 0 && e.Is("dynamodb", "CreateTable", "UpdateTable", "RestoreTableFromBackup", "RestoreTableToPointInTime")
}

// keyKind is whose a table's key is.
type keyKind uint8

const (
	keyUnknown keyKind = iota
	keyOfAWS           // DynamoDB's own, or the one AWS manages in the account
	keyOfCustomer
)

// keyChanges knows whose key each table has.
type keyChanges struct {
	run    *Run
	params *keyParams
	had    map[string]keyKind // by table's ARN
}

func (k *keyChanges) step(e *Event, today bool) {
	spec := e.Request().At("sSESpecification")
	if !spec.Exists() {
		spec = e.Request().At("sSESpecificationOverride")
	}
	if !spec.Exists() {
		if today && e.omitted() {
			k.run.NotEvaluated("the record does not hold the request")
		}
		k.keep(e)
		return
	}
	kind, key := specified(spec)
	if today {
		if why, how := k.judge(e, kind, key); why != "" {
			k.run.Found(Hit{Event: e, Explain: why, Severity: how})
		}
	}
	if e.OK() {
		k.had[e.TableARN] = kind
	}
}

// keep notes what a table has that says nothing of keys: a new one DynamoDB's own key, a
// restored one its source's.
func (k *keyChanges) keep(e *Event) {
	switch {
	case !e.OK() || e.EventName == "UpdateTable":
	case e.EventName == "CreateTable":
		k.had[e.TableARN] = keyOfAWS
	default:
		k.had[e.TableARN] = k.had[sourceTable(e)]
	}
}

func specified(spec Value) (keyKind, string) {
	key := spec.At("kMSMasterKeyId").Text()
	if on, known := spec.At("enabled").Bool(); known && !on || key == "" || strings.HasSuffix(key, "alias/aws/dynamodb") {
		return keyOfAWS, ""
	}
	return keyOfCustomer, key
}

// sourceTable is the ARN of the table a restore takes its data from.
func sourceTable(e *Event) string {
	q := e.Request()
	for _, name := range []string{"sourceTableArn", "backupArn"} {
		if arn, ok := schema.ParseTableARN(q.At(name).Text()); ok {
			return arn.ARN
		}
	}
	if name := q.At("sourceTableName").Text(); name != "" {
		if target, ok := schema.ParseTableARN(e.TableARN); ok {
			return strings.TrimSuffix(target.ARN, target.Table) + name
		}
	}
	return ""
}

func (k *keyChanges) judge(e *Event, kind keyKind, key string) (why string, how schema.Severity) {
	if kind == keyOfAWS {
		return k.downgrade(e), 0
	}
	if account := accountIn(key); account != "" && account != e.TableAccountID {
		foreign, known := k.run.outsider(account)
		switch {
		case !known:
			k.run.NotEvaluated(unknownAccounts)
		case foreign:
			return e.table() + " got a key of account " + account + ", which is none of ours", schema.SeverityCritical
		}
	}
	switch {
	case len(k.params.Keys) == 0:
		k.run.NotEvaluated("the setting keys lists none, so that any key may be the right one")
		return "", 0
	case listed(k.params.Keys, key, keyName(key, e.AWSRegion, e.TableAccountID)):
		return "", 0
	}
	return e.table() + " got the key " + shown(key) + ", which is not listed", schema.SeverityMedium
}

// downgrade says that a table that should keep its key gets one of AWS's.
func (k *keyChanges) downgrade(e *Event) string {
	from := e.TableARN
	if strings.HasPrefix(e.EventName, "Restore") {
		from = sourceTable(e)
	}
	if had := k.run.Policy.TableOf(from); e.EventName == "CreateTable" || !had.AtLeast(confidential) && !e.Table.AtLeast(confidential) {
		return ""
	}
	switch k.had[from] {
	case keyUnknown:
		k.run.NotEvaluated("which key the table had is not in the log")
	case keyOfCustomer:
		return e.table() + " went from a key of yours to one of AWS's"
	}
	return ""
}

// confidential is the class from which tables need a key of their own.
var confidential = policy.Classes[2]

var keyWidened = define(Detection{
	ID: "DDB-SEC-004", Version: 1, Title: "Policy or grant of a table's key widened", Severity: schema.SeverityHigh, Kind: schema.FindingEvent,
	Needs: []Need{NeedKMS}, Attack: []string{"T1098", "T1548.005"},
	Looks:       "a key policy put on a key that encrypts a table, by anybody but a service; a grant on such a key for an account that is not ours, partners among them",
	FalseAlarms: "key policies kept as code; DynamoDB's own grants are left out",
	Advice:      "read the new key policy, or revoke the grant: together with a copy or backup of the table it opens the data. Then see who read or copied the table since",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &keyCalls{run: r, keys: newTableKeys(r), is: func(e *Event) bool { return e.OK() && e.Is("kms", "PutKeyPolicy", "CreateGrant") }, why: widened}
})

// widened says whom a call lets use a key.
func widened(r *Run, e *Event) string {
	if e.EventName == "PutKeyPolicy" {
		if e.ActorKind == schema.ActorAWS {
			return ""
		}
		return "a new policy was put on the key that encrypts"
	}
	grantee := e.Request().At("granteePrincipal").Text()
	account := accountIn(grantee)
	switch {
	case isService(grantee):
		return ""
	case account == "":
		r.NotEvaluated("the grant does not say whom it is for")
		return ""
	}
	foreign, known := r.outsider(account)
	if !known {
		r.NotEvaluated(unknownAccounts)
	}
	if !known || !foreign {
		return ""
	}
	return "account " + account + " was granted the use of the key that encrypts"
}

var rotationOff = define(Detection{
	ID: "DDB-SEC-005", Version: 1, Title: "Rotation of a table's key switched off", Severity: schema.SeverityLow, Kind: schema.FindingEvent,
	Needs: []Need{NeedKMS}, Attack: []string{"T1562"}, AttackNext: []string{"T1685"},
	Looks:       "DisableKeyRotation on a key that encrypts a table",
	FalseAlarms: "keys with imported material, which cannot be rotated",
	Advice:      "switch it on again unless the key's material is imported",
}, plain{}, func(r *Run, _ *plain) Watcher {
	return &keyCalls{
		run: r, keys: newTableKeys(r),
		is:  func(e *Event) bool { return e.Is("kms", "DisableKeyRotation") },
		why: func(*Run, *Event) string { return "rotation was switched off for the key that encrypts" },
	}
})
