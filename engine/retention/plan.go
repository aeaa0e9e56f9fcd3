package retention

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// Options say how to read a file for a lake.
type Options struct {
	Now  time.Time
	Glob func(pattern, text string) bool
	// Class is what the policy says of a table, by its ARN. Nil is nothing.
	Class func(arn string) (class string, frameworks []string)
}

// Plan is what of a lake was kept long enough.
type Plan struct {
	Now        string          `json:"now"` // the day as of which it is
	Tables     []TablePlan     `json:"tables"`
	Beside     []BesidePlan    `json:"beside"`
	Frameworks []FrameworkPlan `json:"frameworks"`
	Partitions int64           `json:"partitions"` // that go
	Files      int64           `json:"files"`
	Rows       int64           `json:"rows"`
	Bytes      int64           `json:"bytes"`
	HeldDays   int64           `json:"held_partitions"` // that would go and are held

	aged []lake.AgedFile
	kept map[string]bool // event days of which rows stay
}

// TablePlan is what goes of one table.
type TablePlan struct {
	TableName  string     `json:"table_name"` // empty: rows of no table
	Class      string     `json:"class,omitempty"`
	Days       int        `json:"days"`  // how long it is kept; 0: for good
	Limit      string     `json:"limit"` // what of the file says so: tables[0], classes.restricted, default
	Reason     string     `json:"reason,omitempty"`
	Before     string     `json:"before,omitempty"` // the first day that is kept
	Partitions int64      `json:"partitions"`
	FirstDay   string     `json:"first_day,omitempty"` // of those that go
	LastDay    string     `json:"last_day,omitempty"`
	Files      int64      `json:"files"`
	Rows       int64      `json:"rows"`
	Bytes      int64      `json:"bytes"`
	Held       []HeldPlan `json:"held,omitempty"`

	table string // of the partitions
	arns  []string
	parts []schema.Partition
	files []lake.TouchFile
	gone  []days // the horizon that goes with it
}

// HeldPlan is what would go if it were not held.
type HeldPlan struct {
	Owner      string `json:"owner"`
	Reason     string `json:"reason"`
	Expires    string `json:"expires"`
	Partitions int64  `json:"partitions"`
}

// BesidePlan is what goes of the files beside the rows.
type BesidePlan struct {
	Kind   lake.Aged `json:"kind"`
	Days   int       `json:"days"`
	Reason string    `json:"reason"`
	Before string    `json:"before"`
	Files  int64     `json:"files"`
	Bytes  int64     `json:"bytes"`
}

// Nothing reports whether nothing goes.
func (p *Plan) Nothing() bool { return p.Files == 0 && len(p.aged) == 0 }

// Look says what of a lake goes, and why. It writes nothing.
func Look(ctx context.Context, l *lake.Lake, f *File, o Options) (*Plan, error) {
	p := &Plan{kept: map[string]bool{}, Now: o.Now.UTC().Format(time.DateOnly), Tables: []TablePlan{}, Beside: []BesidePlan{}, Frameworks: []FrameworkPlan{}}
	arns, err := tableARNs(ctx, l)
	if err != nil {
		return nil, err
	}
	under := map[string][]*TablePlan{} // by framework
	var tables []*TablePlan
	err = l.TouchFiles(ctx, "", "", "", func(file lake.TouchFile) error {
		if n := len(tables); n == 0 || tables[n-1].table != file.Partition.Table {
			t := f.tablePlan(file.Partition.Table, arns, &o)
			tables = append(tables, t)
			for _, arn := range arns[t.TableName] {
				for _, name := range o.frameworks(arn) {
					if !slices.Contains(under[name], t) {
						under[name] = append(under[name], t)
					}
				}
			}
		}
		return p.file(f, &o, tables[len(tables)-1], file)
	})
	if err != nil {
		return nil, err
	}
	manifests := map[string][]lake.FileState{} // by day
	for _, t := range tables {
		if err := t.count(ctx, l, manifests); err != nil {
			return nil, err
		}
		t.gone = f.horizon(t, &o)
		p.add(t)
	}
	p.frameworks(f, under)
	return p, p.beside(ctx, l, f, &o)
}

func (p *Plan) add(t *TablePlan) {
	p.Tables = append(p.Tables, *t)
	p.Partitions += t.Partitions
	p.Files += t.Files
	p.Rows += t.Rows
	p.Bytes += t.Bytes
}

// file takes a file in: it goes, is held, or is not that old.
func (p *Plan) file(f *File, o *Options, t *TablePlan, file lake.TouchFile) error {
	day := file.Partition.DayString()
	if t.Days == 0 || day >= t.Before {
		p.kept[day] = true
		return nil
	}
	for i := range f.LegalHolds {
		if h := &f.LegalHolds[i]; f.holds(h, o, t, day) {
			at := slices.IndexFunc(t.Held, func(p HeldPlan) bool { return p.Owner == h.Owner && p.Reason == h.Reason && p.Expires == h.Expires })
			if at < 0 {
				at, t.Held = len(t.Held), append(t.Held, HeldPlan{h.Owner, h.Reason, h.Expires, 0})
			}
			if file.Bucket == 0 {
				t.Held[at].Partitions++
				p.HeldDays++
			}
			p.kept[day] = true
			return nil
		}
	}
	if n := len(t.parts); n == 0 || t.parts[n-1] != file.Partition {
		t.parts = append(t.parts, file.Partition)
		t.Partitions++
	}
	if t.FirstDay == "" {
		t.FirstDay = day
	}
	t.LastDay = day
	t.files = append(t.files, file)
	t.Files++
	t.Bytes += file.Info.Size
	return nil
}

// holds reports whether a hold keeps a table's day.
func (f *File) holds(h *Hold, o *Options, t *TablePlan, day string) bool {
	return o.Now.UTC().Format(time.DateOnly) <= h.Expires && o.matches(h.Match, t) &&
		(h.From == "" || day >= h.From) && (h.To == "" || day <= h.To)
}

// horizon is the days of a table that are not to come back: all that are old enough, but
// for those that are held.
func (f *File) horizon(t *TablePlan, o *Options) []days {
	if t.Days == 0 {
		return nil
	}
	first, err := schema.ParseDay(t.Before)
	if err != nil {
		return nil
	}
	gone := []days{{ever, first - 1}}
	for i := range f.LegalHolds {
		h := &f.LegalHolds[i]
		if o.Now.UTC().Format(time.DateOnly) > h.Expires || !o.matches(h.Match, t) {
			continue
		}
		from, errFrom := parseDay(h.From, ever)
		to, errTo := parseDay(h.To, math.MaxInt32)
		if errFrom == nil && errTo == nil {
			gone = less(gone, days{from, to})
		}
	}
	return gone
}

// count adds up the rows of a table that go, as the journal has them.
func (t *TablePlan) count(ctx context.Context, l *lake.Lake, manifests map[string][]lake.FileState) (err error) {
	for _, p := range t.parts {
		day := p.DayString()
		states, read := manifests[day]
		if !read {
			if states, err = l.Manifest(ctx, day); err != nil {
				return err
			}
			manifests[day] = states
		}
		for _, s := range states {
			if s.Partition == p {
				t.Rows += s.Rows
			}
		}
	}
	return nil
}

// beside lists what goes beside the rows.
func (p *Plan) beside(ctx context.Context, l *lake.Lake, f *File, o *Options) error {
	for _, k := range f.beside() {
		if k.Days == 0 {
			continue
		}
		b := BesidePlan{Kind: k.of, Days: k.Days, Reason: k.Reason, Before: k.before(o.Now.UTC())}
		files, err := l.AgedFiles(ctx, k.of, b.Before)
		if err != nil {
			return fmt.Errorf("list %s: %w", k.of, err)
		}
		if k.of == lake.AgedRollup || k.of == lake.AgedProfiles { // which say something of the rows
			files = slices.DeleteFunc(files, func(file lake.AgedFile) bool { return p.kept[file.Day] })
		}
		for _, file := range files {
			b.Files++
			b.Bytes += file.Size
		}
		p.aged = append(p.aged, files...)
		p.Beside = append(p.Beside, b)
	}
	return nil
}
