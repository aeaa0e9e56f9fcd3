package engine

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// planned is an object to read, or, when skip is set, one to enter in the
// ledger unread.
type planned struct {
	input Input
	object.Info
	source, name string // provenance: see object.Canonical
	key          object.Key
	prior        int64 // touches of earlier versions under the same name
	skip         *lake.Entry
}

// entry is the ledger row of the object as far as its listing tells.
func (p *planned) entry() lake.Entry {
	return lake.Entry{
		SourceObject: p.name, Source: p.source, ETag: p.ETag, Size: p.Size, LastModified: p.LastModified,
		AccountID: p.key.Account, AWSRegion: p.key.Region, Kind: string(p.key.Kind),
	}
}

// countKnown counts an object that the ledger has.
func (r *run) countKnown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.ObjectsKnown++
}

// lister lists in the background while objects are read.
type lister struct {
	done chan struct{}
	err  error
}

func (l *lister) wait() {
	if l.done != nil {
		<-l.done
	}
}

// listAhead is how many objects may be listed and wait for being read: enough for
// any pause between two pages of a listing, at some 700 bytes each.
const listAhead = 1 << 12

// list finds the objects to read, in order of delivery day, and sends those
// that the ledger does not have as done.
func (r *run) list() <-chan planned {
	objects := make(chan planned, listAhead)
	r.lister.done = make(chan struct{})
	go func() {
		defer close(r.lister.done)
		defer close(objects)
		r.lister.err = r.listAll(objects)
		r.Progress.listed.Store(true)
	}()
	return objects
}

// listErr is why listing ended early, once the list has ended.
func (r *run) listErr(ended bool) error {
	if !ended {
		return nil
	}
	r.lister.wait()
	return r.cause(r.lister.err)
}

func (r *run) listAll(objects chan<- planned) error {
	p, err := r.discover(r.ctx)
	if err != nil {
		return err
	}
	loose := map[string][]found{}
	if len(p.foreign) > 0 {
		// One line for each folder of another service: it may hold any number of
		// objects, and none of them is ours.
		loose[""] = p.foreign
	}
	for _, f := range p.loose {
		if day := object.ParseKey(f.Key).Day; r.wanted(day) {
			loose[day] = append(loose[day], f)
		}
	}
	for day := range loose {
		if _, ok := p.days[day]; !ok {
			p.days[day] = nil
		}
	}
	for _, days := range byMonth(p.order()) {
		listed, err := r.listMonth(p, days)
		if err != nil {
			return err
		}
		for _, day := range days {
			if err := r.listDay(day, p.days[day], append(loose[day], listed[day]...), objects); err != nil {
				return err
			}
		}
	}
	return nil
}

// wanted reports whether a delivery day is in the window; an unknown one is.
func (r *run) wanted(day string) bool {
	return day == "" || (r.req.From == "" || day >= r.req.From) && (r.req.To == "" || day <= r.req.To)
}

// listDay lists the folders of one delivery day side by side.
func (r *run) listDay(day string, folders []folder, loose []found, objects chan<- planned) error {
	known, err := r.known(day)
	if err != nil {
		return err
	}
	for _, f := range loose {
		if err := r.send(f, known, objects); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(r.ctx)
	g.SetLimit(listers)
	for _, f := range folders {
		g.Go(func() error {
			return f.input.Source.List(ctx, f.prefix, func(o object.Info) error {
				return r.send(found{f.input, o}, known, objects)
			})
		})
	}
	return g.Wait()
}

// send decides what becomes of an object that was listed.
func (r *run) send(f found, known *known, objects chan<- planned) error {
	p := planned{input: f.input, Info: f.Info, key: object.ParseKey(f.Key)}
	if p.key.Kind == object.KindForeign && !r.ofConfig(&p) {
		return nil
	}
	p.source, p.name = object.Canonical(f.input.Source.URL(), f.Key)
	if known.has(p.source, p.name, p.ETag) {
		r.countKnown()
		return nil
	}
	p.prior = known.prior(p.name)
	p.skip = skipped(&p)
	if p.skip == nil {
		r.Progress.planned.Add(1)
		r.Progress.plannedBytes.Add(p.Size)
	}
	select {
	case objects <- p:
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	}
}

// skipped is the ledger entry of an object that is not read: one that is no
// trail object, or that its storage class keeps from us. Nil for the others.
func skipped(p *planned) *lake.Entry {
	why := ""
	switch {
	case p.StorageClass != "":
		why = fmt.Sprintf("archived in %s: restore the object, then run again", p.StorageClass)
	case p.key.Kind == object.KindCloudTrail, p.key.Kind == object.KindInsight, p.key.Kind == object.KindUnknown, p.key.Kind == object.KindConfig:
		return nil
	}
	e := p.entry()
	e.Status, e.Error = lake.Skipped, why
	return &e
}
