package erasure

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Request is what somebody wants to have forgotten.
type Request struct {
	// ID names the request in the journal and in the list. It must say nothing of the
	// subject.
	ID       string
	Operator string
	Asked    []Asked // each is the subject, by other words
	Remove   bool    // drop its rows rather than unlink them
	Part     bool    // a value may be a part of a longer one: 1042 of customer#1042
	// Held says who holds a partition by law, and why; empty when nobody does. Nil is for
	// a lake of which nothing is held.
	Held func(schema.Partition) string
	// Override says who agreed that rows which are held are erased all the same.
	Override string
}

// ErrHeld is for rows that must not be erased yet. Test with errors.Is.
var ErrHeld = errors.New("under a legal hold, so that it may not be erased yet (GDPR Art. 17(3)(e))")

// Done is what was changed to forget somebody.
type Done struct {
	*Plan
	Journal lake.Head `json:"journal"` // the journal's last entry; zero when no rows were changed
}

// Prefixes are the folders in the lake whose files were changed or removed, of which a
// bucket may still have older versions. A run before this one may have changed any of
// those beside the rows, and left no word of it in the journal.
func (p *Plan) Prefixes() []string {
	keys := lake.BesidePrefixes()
	for _, part := range p.parts {
		keys = append(keys, lake.PartitionPrefix(part))
	}
	return keys
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$`)

// CheckNames says what is wrong with the request's id or its operator.
func (r *Request) CheckNames() error {
	if !requestID.MatchString(r.ID) {
		return errors.New("the request's id has to be 1 to 64 letters, digits or . _ : / -")
	}
	if len(r.Operator) > 100 || strings.ContainsFunc(r.Operator, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return errors.New("the operator's name has to be one line of at most 100 bytes")
	}
	if len(r.Override) > 200 || strings.ContainsFunc(r.Override, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return errors.New("who agreed to override the hold has to be one line of at most 200 bytes")
	}
	return nil
}

// Check says what is wrong with a request. The error has nothing of the values.
func (r *Request) Check() error {
	if err := r.CheckNames(); err != nil {
		return err
	}
	if len(r.Asked) == 0 {
		return errors.New("whom to forget: name members of the key, or a value")
	}
	for i := range r.Asked {
		if err := r.Asked[i].check(); err != nil {
			return err
		}
		for _, v := range r.Asked[i].Values {
			if len(v) < leastInSentence && v != r.ID && v != r.Operator {
				continue // it is in any id
			}
			if strings.Contains(r.ID, v) || strings.Contains(r.Operator, v) || strings.Contains(r.Override, v) {
				return errors.New("the request's id, its operator or who agreed has the value itself in it, which would stay in the journal for good")
			}
		}
	}
	return nil
}

// Look says what forgetting would change. It writes nothing.
func Look(ctx context.Context, l *lake.Lake, r *Request) (*Plan, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	all, err := loadList(ctx, l)
	if err != nil {
		return nil, err
	}
	return plan(ctx, l, all, all.enter(r, time.Now()), r.Held)
}

// Forget enters the request in the lake's list and takes its subject out of the lake.
// What a killed run left to be done is done, too. e is an engine of the lake with the
// options of its ingests.
func Forget(ctx context.Context, e *engine.Engine, r *Request) (*Done, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	var done *Done
	err := e.Alone(ctx, func(ctx context.Context, in *engine.Restating) (err error) {
		done, err = forget(ctx, e.Lake, in, r)
		return err
	})
	return done, err
}

func forget(ctx context.Context, l *lake.Lake, in *engine.Restating, r *Request) (*Done, error) {
	all, err := loadList(ctx, l)
	if err != nil {
		return nil, err
	}
	e := all.enter(r, time.Now())
	p, err := plan(ctx, l, all, e, r.Held)
	if err != nil {
		return nil, err
	}
	if len(p.Held) > 0 && r.Override == "" {
		return nil, fmt.Errorf("what it says of the subject is %w: held by %s", ErrHeld, p.heldBy())
	}
	if len(p.Held) > 0 {
		e.Override = r.Override
	}
	e.Pending = nil
	for _, part := range p.parts {
		e.Pending = append(e.Pending, placeOf(part))
	}
	// From here on an ingest brings nothing back, and a run that is killed is found out.
	if err := all.save(ctx, l); err != nil {
		return nil, fmt.Errorf("enter the request in the list: %w", err)
	}
	done := &Done{Plan: p}
	if err := done.rewrite(ctx, in, all); err != nil {
		return done, err
	}
	if err := p.beside(ctx, l, newRewriter(all)); err != nil {
		return done, err
	}
	for i := range all.Entries {
		all.Entries[i].Pending = nil
	}
	l.Sweep()
	return done, all.save(ctx, l)
}

// rewrite rewrites what is pending, each request's partitions with that as their cause.
func (d *Done) rewrite(ctx context.Context, in *engine.Restating, all *list) error {
	maker := func() engine.Rewriter { return newRewriter(all) }
	for i := range all.Entries {
		e := &all.Entries[i]
		var parts []schema.Partition
		for _, at := range e.Pending {
			part, err := at.partition()
			if err != nil {
				return err
			}
			parts = append(parts, part)
		}
		if len(parts) == 0 {
			continue
		}
		restated, err := in.Rewrite(ctx, parts, maker, e.cause())
		if err != nil {
			return err
		}
		d.Journal = restated.Journal
	}
	return nil
}

// beside changes what the lake has beside its rows.
func (p *Plan) beside(ctx context.Context, l *lake.Lake, by *rewriter) error {
	for _, day := range p.quarantine {
		err := l.RewriteQuarantine(ctx, day, func(q *lake.Quarantined) { q.Reason, q.Raw = by.Quarantined(q.Reason, q.Raw) })
		if err != nil {
			return err
		}
	}
	for _, day := range p.findings {
		err := l.MergeFindings(ctx, day, func(present []schema.Finding) []schema.Finding {
			by.findings(present)
			return present
		})
		if err != nil {
			return err
		}
	}
	days := map[string]bool{}
	for _, part := range p.parts {
		if day := part.DayString(); !days[day] {
			days[day] = true
			if err := l.RemoveProfile(ctx, day); err != nil {
				return err
			}
		}
	}
	return nil
}
