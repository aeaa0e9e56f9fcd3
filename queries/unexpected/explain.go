package unexpected

import (
	"context"

	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Explained is what a policy says of one event: of its touches of one table by one class
// of operation.
type Explained struct {
	Touch   *schema.Touch // the first
	Touches int
	Verdict policy.Verdict
	Lapsed  *policy.Rule
	Service string // the AWS service that is expected to do so without a rule
	Rules   []policy.Explanation
}

// maxExplained bounds how much of a large transaction is explained.
const maxExplained = 20

// Explain finds the touches of an event and says what each rule has to say of them. Times
// of q bound where it is looked for; with none it is all that the lake has.
func Explain(ctx context.Context, l reader.Lake, q Question, event string) (all []Explained, err error) {
	held, err := holdingsOf(ctx, l, q.Table)
	if err != nil {
		return nil, err
	}
	type kind struct{ account, arn, table, op, outcome string }
	at := map[kind]int{}
	query := reader.Query{From: q.From, To: q.To, Columns: columnsOf(q.Policy, append([]string{"error_code"}, gatherColumns...)),
		Where: []reader.Condition{{Column: schema.ColumnIndex("event_id"), AnyOf: []string{event}}}}
	err = held.scan(ctx, l, query, q.Progress, func(t *schema.Touch, _ schema.Partition) error {
		k := kind{t.RecipientAccountID, t.TableARN, t.TableName, t.Op, t.Outcome}
		if n, known := at[k]; known {
			all[n].Touches++
			return nil
		}
		if len(all) == maxExplained {
			return nil
		}
		t = t.Clone()
		at[kind{t.RecipientAccountID, t.TableARN, t.TableName, t.Op, t.Outcome}] = len(all)
		all = append(all, explain(q.Policy, t))
		return nil
	})
	return all, err
}

func explain(p *policy.Policy, t *schema.Touch) Explained {
	e := Explained{Touch: t, Touches: 1, Verdict: p.Judge(t), Rules: p.Explain(t)}
	if e.Verdict.Effect == policy.None {
		e.Lapsed, e.Service = p.Lapsed(t), dutifulService(t)
	}
	return e
}
