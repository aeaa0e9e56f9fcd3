package compliance

import (
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// part makes some of a report's sections.
type part interface {
	// touch is shown every touch of the period that is in scope, in no order that means
	// anything. Of calls on items the raw JSON is left out. The event is valid only during
	// the call.
	touch(e *detect.Event)
	// write makes the sections, after the last touch. It may read more from the lake, and
	// what parts before it have made.
	write(ctx context.Context, f *Frame, made sections) error
}

// parts are all there are, in the order in which they write: those that sum up others come
// last.
func (f *Frame) parts() []part {
	return append(append([]part{newAccess(f)}, f.accountParts()...), summary{})
}

// ErrChanging says that the lake changed while the report was made from it.
var ErrChanging = errors.New("the lake changed while the report was made, by an ingest probably: make it again")

// Made is a report and what goes with it.
type Made struct {
	*report.Document
	Head  lake.Head       // the state of the lake
	Worst schema.Severity // of the findings in it that are neither suppressed nor a dry run
}

// Collect makes the report. Errors are those of the question, of reading, and
// [ErrChanging].
func Collect(ctx context.Context, l *lake.Lake, q Question) (*Made, error) {
	f, err := open(ctx, l, q)
	if err != nil {
		return nil, err
	}
	parts := f.parts()
	if err := f.scan(ctx, parts); err != nil {
		return nil, err
	}
	made := sections{}
	for _, p := range parts {
		if err := p.write(ctx, f, made); err != nil {
			return nil, err
		}
	}
	head, err := headOf(ctx, l)
	if err != nil {
		return nil, err
	}
	if head != f.Head {
		return nil, ErrChanging
	}
	d, err := f.assemble(made)
	if err != nil {
		return nil, err
	}
	return &Made{d, f.Head, f.worst}, nil
}

func open(ctx context.Context, l *lake.Lake, q Question) (f *Frame, err error) {
	f = &Frame{Question: q, Lake: l, chosen: tableMatcher(q.Tables)}
	if f.From, f.To, err = q.span(); err != nil {
		return nil, err
	}
	f.Days = q.days()
	if f.Head, err = headOf(ctx, l); err != nil {
		return nil, err
	}
	if f.Coverage, err = l.Coverage(ctx); err != nil {
		return nil, err
	}
	f.Gaps = queries.GapsOf(&queries.Who{From: f.From, To: f.To}, &f.Coverage, nil)
	if err := f.readFindings(ctx); err != nil {
		return nil, err
	}
	if err := f.readTables(ctx); err != nil {
		return nil, err
	}
	if err := f.readKeys(ctx); err != nil {
		return nil, err
	}
	if f.Policy != nil && len(f.Policy.Rules) > 0 {
		if f.Unexpected, err = unexpected.Ask(ctx, l, unexpected.Question{Policy: f.Policy, From: f.From, To: f.To, Progress: q.Progress}); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// readTables reads what is known of tables. Their classes are those that the policy gives
// them by their tags too: the highest of the period, since who may tag could lower one.
func (f *Frame) readTables(ctx context.Context) (err error) {
	if f.Catalogue, err = tables.Open(ctx, f.Lake, f.Policy, f.From, f.To); err != nil {
		return fmt.Errorf("read the settings of tables: %w", err)
	}
	f.Policy, err = tables.WithTags(ctx, f.Lake, f.Policy, f.From, f.To)
	return err
}

// scan shows the period's touches to the parts: calls on items without their raw JSON,
// which is most of the lake's bytes and none of the report's business, all others whole.
func (f *Frame) scan(ctx context.Context, parts []part) error {
	all := reader.Query{From: f.From, To: f.To, Columns: []int{}}
	want, err := f.count(ctx, all)
	if err != nil {
		return err
	}
	plane := schema.ColumnIndex("plane")
	data := reader.Query{From: f.From, To: f.To, Columns: lightColumns, Where: []reader.Condition{{Column: plane, AnyOf: schema.Planes[:1]}}}
	others := reader.Query{From: f.From, To: f.To, Where: []reader.Condition{{Column: plane, AnyOf: schema.Planes[1:]}}}
	var e detect.Event // one for all touches: parts do not keep it
	for _, q := range []reader.Query{data, others} {
		_, err := queries.EachTouch(ctx, queries.Watch(f.Lake, f.Progress), q, func(t *schema.Touch, _ schema.Partition) error {
			f.Rows++
			if f.inScope(t) {
				e = f.event(t)
				for _, p := range parts {
					p.touch(&e)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if f.Rows != want {
		return fmt.Errorf("%d rows became %d: %w", want, f.Rows, ErrChanging)
	}
	return nil
}

func (f *Frame) count(ctx context.Context, q reader.Query) (rows int64, err error) {
	_, err = queries.EachTouch(ctx, f.Lake, q, func(*schema.Touch, schema.Partition) error {
		rows++
		return nil
	})
	return rows, err
}

// event is a touch with what the policy says of it.
func (f *Frame) event(t *schema.Touch) detect.Event {
	e := detect.Event{Touch: t, Principal: schema.PrincipalKey(t)}
	if f.Policy != nil {
		e.Table, e.Verdict = f.Policy.TableOf(t.TableARN), f.Policy.Judge(t)
	} else {
		e.Verdict = policy.Verdict{Effect: policy.None}
	}
	return e
}

// lightColumns are those read of calls on items.
var lightColumns = func() (list []int) {
	raw := map[string]bool{"request_parameters": true, "response_elements": true, "additional_event_data": true, "resources": true}
	for i := range schema.Columns {
		if !raw[schema.Columns[i].Name] {
			list = append(list, i)
		}
	}
	return list
}()

// headOf is the journal's last entry; the zero head of a lake without any.
func headOf(ctx context.Context, l *lake.Lake) (lake.Head, error) {
	numbers, err := l.Journal(ctx)
	if err != nil || len(numbers) == 0 {
		return lake.Head{}, err
	}
	c, err := l.Commit(ctx, numbers[len(numbers)-1])
	return c.Head, err
}
