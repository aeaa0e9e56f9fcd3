package engine

import (
	"context"
	"strings"

	"github.com/keytrail/keytrail/engine/awsconfig"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// AWS Config may deliver into the trail's bucket, or another one, under the same form of
// names. Its folder of an account stays one line of the ledger, as of any other service:
// most of what is in there is about other things than tables. Of the files below, those
// that may tell of tables are objects of their own.

// enterConfig goes on below AWS Config's folder of an account, unless nobody asked for
// that, and reports whether f is a folder below that one: those have no line of their own.
func (d *discovery) enterConfig(ctx context.Context, f folder) (below bool) {
	date, ok := awsconfig.Place(f.prefix)
	_, err := schema.ParseDay(date)
	switch {
	case !ok || d.req.NoConfig:
		return false
	case err == nil:
		if d.wanted(date) {
			d.mu.Lock()
			d.plan.days[date] = append(d.plan.days[date], f)
			d.mu.Unlock()
		}
	case d.mayHave(date):
		d.walk(ctx, f)
	}
	return !awsconfig.Folder(f.prefix)
}

// mayHave reports whether days of the window begin with a year, or a year and month.
func (d *discovery) mayHave(date string) bool {
	n := len(date)
	return (d.req.From == "" || date >= d.req.From[:n]) && (d.req.To == "" || date <= d.req.To[:n])
}

// ofConfig makes an object of another service one of AWS Config's, if its name is that of
// a file to read. read is false for one that the line of its folder stands for.
func (r *run) ofConfig(p *planned) (read bool) {
	switch {
	case r.req.NoConfig || strings.HasSuffix(p.Key, "/"):
	case awsconfig.File(p.Key):
		p.key.Kind = object.KindConfig
	case awsconfig.Within(p.Key):
		return false
	}
	return true
}

// unreadConfig reports an entry of a file of AWS Config's from a time when those were not
// read, or of a run that was told not to.
func (r *run) unreadConfig(e *lake.Entry) bool {
	return !r.req.NoConfig && e.Kind == string(object.KindForeign) && awsconfig.File(e.SourceObject)
}
