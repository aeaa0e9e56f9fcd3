package decode

import (
	"github.com/keytrail/keytrail/schema"
)

// reach is a touch to be: what tells it from the others of its record.
type reach struct {
	table     tableRef
	index     string
	op        schema.Operation
	key       string
	values    span
	attrs     span
	statement string
}

// span is a stretch of the decoder's texts.
type span struct{ from, to int32 }

// gather finds the touches of the record.
func (d *Decoder) gather() {
	d.mentionsRead, d.last = false, tableRef{}
	r := &d.rec
	switch r.family {
	case famInsight:
		d.reach(tableRef{}, schema.Operation{Op: schema.OpInsight, Scope: schema.ScopeNone})
	case famTrail, famDetector:
		d.reach(tableRef{}, schema.Operation{Op: schema.OpAudit, Scope: schema.ScopeNone})
	case famIAM:
		d.reach(tableRef{}, schema.Operation{Op: schema.OpGrant, Scope: schema.ScopeNone})
	case famStorage:
		d.bucketCall()
	case famMapping, famIntegration, famTagging:
		d.reached()
	case famSession:
		d.sessionGiven()
	case famKMS:
		d.keyUse()
	case famScaling:
		d.scaling()
	case famBackup:
		d.backup()
	case famConfig:
		d.evaluation()
	default:
		d.call()
	}
}

// call takes a call of DynamoDB or DAX.
func (d *Decoder) call() {
	switch d.rec.name {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "SearchVectors":
		d.itemCall()
	case "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		d.batchCall()
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		d.statementCall()
	case "RestoreTableFromBackup", "RestoreTableToPointInTime", "RestoreTableFromAwsBackup":
		d.restoreCall()
	default:
		d.controlCall()
	}
}

// reach adds a touch of a table. The result is good until the next one is added.
func (d *Decoder) reach(table tableRef, op schema.Operation) *reach {
	if len(d.reaches) >= d.limits.Touches {
		d.over = true
		d.reaches = d.reaches[:0]
		d.texts = d.texts[:0]
	}
	if table.arn == "" && table.name != "" {
		table = d.located(table, "")
	}
	d.reaches = append(d.reaches, reach{table: table, op: op})
	return &d.reaches[len(d.reaches)-1]
}

// onTables adds the touches of a call whose table is found by the general rule:
// one, or one for each when only resources names tables, and names several.
func (d *Decoder) onTables(op schema.Operation) []reach {
	tables := d.callTables()
	if len(tables) != 1 || tables[0].name == "" {
		op.Scope = schema.ScopeNone
		if d.rec.plane == schema.PlaneData {
			op.Scope = schema.ScopeUnknown
		}
	}
	first := len(d.reaches)
	index := d.rec.paramText(paramIndexName)
	for i := range tables {
		d.reach(tables[i], op).index = index
	}
	if d.over {
		return nil
	}
	return d.reaches[first:]
}

// emit hands the record's touches to the sink.
func (d *Decoder) emit(at int64) error {
	t := &d.touch
	t.TouchCount = int32(len(d.reaches))
	for i := range d.reaches {
		r := &d.reaches[i]
		t.TouchIndex = int32(i)
		t.TableName, t.TableARN, t.TableAccountID = r.table.name, r.table.arn, r.table.account
		t.IndexName = r.index
		t.Op, t.Mutates, t.KeyScope = r.op.Op, r.op.Mutates, r.op.Scope
		t.ItemKey = r.key
		t.KeyValues = d.list(r.values)
		t.Attributes = d.list(r.attrs)
		t.Statement = r.statement
		if err := d.sink.Touch(t); err != nil {
			return err
		}
	}
	if d.sum.InScope == 0 || at < d.sum.First {
		d.sum.First = at
	}
	if d.sum.InScope == 0 || at > d.sum.Last {
		d.sum.Last = at
	}
	d.sum.Records++
	d.sum.InScope++
	d.sum.Touches += int64(len(d.reaches))
	return nil
}

// list is a stretch of texts, nil when empty.
func (d *Decoder) list(s span) []string {
	if s.from == s.to {
		return nil
	}
	return d.texts[s.from:s.to:s.to]
}
