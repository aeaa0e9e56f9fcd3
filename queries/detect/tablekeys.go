package detect

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// tableKeys knows which tables a KMS key encrypts, or encrypted once: backups and
// older data still need that key. It learns from calls that set a table's key and from
// DynamoDB's own uses of keys, on the day that is judged and, of settings, before it.
// Since a day comes in no order, it is complete at its end.
type tableKeys struct {
	run    *Run
	past   bool                // the history has been read
	byKey  map[string][]string // ARNs of tables by key, see keyName
	learnt int                 // pairs of key and table
}

// maxTableKeys bounds the pairs of key and table that are remembered.
const maxTableKeys = 200_000

func newTableKeys(r *Run) *tableKeys {
	return &tableKeys{run: r, byKey: map[string][]string{}}
}

// learn takes any touch; most tell nothing of keys.
func (k *tableKeys) learn(e *Event) {
	if e.Plane == schema.PlaneData || e.TableARN == "" || !e.OK() {
		return
	}
	switch {
	case e.Plane == schema.PlaneKMS && !strings.HasPrefix(e.InvokedBy, "dynamodb."):
		return // anybody may call a key with a context that names a table
	case e.Plane == schema.PlaneKMS:
		k.add(e, e.Request().At("keyId").Text())
		for _, arn := range keyARNs(e.Resources) {
			k.add(e, arn)
		}
	case e.Is("dynamodb", "CreateTable", "UpdateTable", "RestoreTableFromBackup", "RestoreTableToPointInTime", "DescribeTable"):
		if e.EventName != "DescribeTable" && e.TouchIndex > 0 {
			return // a restore's source keeps the key it has
		}
		for _, key := range setKeys(e) {
			k.add(e, key)
		}
	}
}

// tables are the ARNs of the tables that a key is known to encrypt, sorted. The key is
// named by its ARN, its id, or an alias's ARN.
func (k *tableKeys) tables(keyARN string) []string {
	k.readPast()
	all := slices.Clone(k.byKey[keyName(keyARN, "", "")])
	slices.Sort(all)
	return all
}

// known reports whether the key of any table is known at all.
func (k *tableKeys) known() bool {
	k.readPast()
	return len(k.byKey) > 0
}

func (k *tableKeys) readPast() {
	if k.past {
		return
	}
	k.past = true
	k.run.History.Settings(func(t *schema.Touch) { k.learn(&Event{Touch: t}) })
}

func (k *tableKeys) add(e *Event, key string) {
	name := keyName(key, e.AWSRegion, e.TableAccountID)
	if name == "" || k.learnt >= maxTableKeys || slices.Contains(k.byKey[name], e.TableARN) {
		return
	}
	k.learnt++
	k.byKey[strings.Clone(name)] = append(k.byKey[name], strings.Clone(e.TableARN))
}

// setKeys are the keys that a call on a table names, and those in its answer.
func setKeys(e *Event) []string {
	q, s := e.Request(), e.Response().At("tableDescription")
	all := []string{
		q.At("sSESpecification", "kMSMasterKeyId").Text(),
		q.At("sSESpecificationOverride", "kMSMasterKeyId").Text(),
		s.At("sSEDescription", "kMSMasterKeyArn").Text(),
		e.Response().At("table", "sSEDescription", "kMSMasterKeyArn").Text(),
	}
	return slices.DeleteFunc(all, func(key string) bool { return key == "" })
}

// keyARNs are the ARNs of KMS keys in a record's resources.
func keyARNs(resources string) (all []string) {
	var o object
	for _, resource := range o.of(resources).List() {
		if arn := resource.At("ARN").Text(); strings.Contains(arn, ":kms:") {
			all = append(all, arn)
		}
	}
	return all
}

// keyName is what a key is remembered by: its id, which no two keys share, or the ARN
// of an alias, which is put together where only the name is given.
func keyName(key, region, account string) string {
	if _, id, ok := strings.Cut(key, ":key/"); ok {
		return id
	}
	if strings.HasPrefix(key, "alias/") && region != "" && account != "" {
		return "arn:" + schema.ARNPartition(region) + ":kms:" + region + ":" + account + ":" + key
	}
	return key
}
