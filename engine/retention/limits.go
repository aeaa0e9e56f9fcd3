package retention

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// FrameworkPlan is what a regulation asks for beside what the file says.
type FrameworkPlan struct {
	Name    string   `json:"name"`
	AtLeast int      `json:"at_least,omitempty"` // days; 0: nothing said
	AtMost  int      `json:"at_most,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Tables  []string `json:"tables"` // under it, by the policy
	Least   int      `json:"least"`  // the shortest limit of these tables; 0: all are kept for good
	Most    int      `json:"most"`   // the longest; 0: one is kept for good
	Short   []string `json:"short,omitempty"`
	Long    []string `json:"long,omitempty"`
}

// tableARNs are the ARNs of tables by their names, as the rollup has them.
func tableARNs(ctx context.Context, l *lake.Lake) (map[string][]string, error) {
	days, err := l.RollupDays(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[string]map[string]bool{}
	err = l.EachCount(ctx, days, func(_ int, counts []lake.Count) error {
		for i := range counts {
			if c := &counts[i]; c.TableARN != "" && !seen[c.TableName][c.TableARN] {
				if seen[c.TableName] == nil {
					seen[c.TableName] = map[string]bool{}
				}
				seen[c.TableName][c.TableARN] = true
			}
		}
		return nil
	})
	arns := map[string][]string{}
	for name, of := range seen {
		arns[name] = slices.Sorted(maps.Keys(of))
	}
	return arns, err
}

// tablePlan finds the limit of a table. Where tables of that name in several accounts or
// Regions have several, the longest counts, since their rows lie in one file.
func (f *File) tablePlan(table string, arns map[string][]string, o *Options) *TablePlan {
	t := &TablePlan{TableName: table, table: table}
	if table == schema.NoTable {
		t.TableName = ""
	}
	names := arns[t.TableName]
	if len(names) == 0 {
		names = []string{""}
	}
	first := true
	for _, arn := range names {
		class := ""
		if o.Class != nil && arn != "" {
			class, _ = o.Class(arn)
		}
		keep, limit := f.of(t.TableName, arn, class, o)
		if longer := keep.Days == 0 || t.Days != 0 && keep.Days > t.Days; first || longer {
			t.Class, t.Days, t.Limit, t.Reason = class, keep.Days, limit, keep.Reason
		}
		first = false
	}
	t.arns = arns[t.TableName]
	if t.Days > 0 {
		t.Before = Keep{Days: t.Days}.before(o.Now.UTC())
	}
	return t
}

// of is the limit of one table.
func (f *File) of(name, arn, class string, o *Options) (keep Keep, limit string) {
	for i, r := range f.Tables {
		if o.Glob(r.Match, name) || arn != "" && o.Glob(r.Match, arn) {
			return Keep{r.Days, r.Reason}, fmt.Sprintf("tables[%d] %s", i, r.Match)
		}
	}
	if keep, ok := f.Classes[class]; ok {
		return keep, "classes." + class
	}
	if f.Default.Days == 0 {
		return Keep{}, "none: kept for good"
	}
	return f.Default, "default"
}

// matches reports whether a pattern is of a table's name or one of its ARNs.
func (o *Options) matches(pattern string, t *TablePlan) bool {
	return o.Glob(pattern, t.TableName) || slices.ContainsFunc(t.arns, func(arn string) bool { return o.Glob(pattern, arn) })
}

func (o *Options) frameworks(arn string) []string {
	if o.Class == nil {
		return nil
	}
	_, names := o.Class(arn)
	return names
}

// frameworks holds the tables' limits against what regulations ask for.
func (p *Plan) frameworks(f *File, under map[string][]*TablePlan) {
	names := maps.Clone(under)
	for name := range f.Frameworks {
		if names[name] == nil {
			names[name] = nil
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		asks := f.Frameworks[name]
		w := FrameworkPlan{Name: name, AtLeast: asks.AtLeast, AtMost: asks.AtMost, Reason: asks.Reason, Tables: []string{}}
		good := false // one is kept for good
		for _, t := range names[name] {
			w.Tables = append(w.Tables, t.TableName)
			if t.Days > 0 && asks.AtLeast > t.Days {
				w.Short = append(w.Short, t.TableName)
			}
			if asks.AtMost > 0 && (t.Days == 0 || t.Days > asks.AtMost) {
				w.Long = append(w.Long, t.TableName)
			}
			if t.Days == 0 {
				good = true
				continue
			}
			if w.Least == 0 || t.Days < w.Least {
				w.Least = t.Days
			}
			w.Most = max(w.Most, t.Days)
		}
		if good {
			w.Most = 0
		}
		p.Frameworks = append(p.Frameworks, w)
	}
}
