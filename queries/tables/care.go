package tables

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

// Whoever may tag a table may say that it needs little care. So a class that a tag lowered
// is told, and a day is judged by the highest that held in it.

// Lowering is a tag that was changed or taken away, after which a table's class was lower,
// or the table no longer protected.
type Lowering struct {
	At     int64  `json:"at"`
	What   string `json:"what"` // class or protected
	Was    string `json:"was"`
	Is     string `json:"is"` // empty: no class
	Source Source `json:"source"`
}

// state is what tags told of a table from a moment on.
type state struct {
	from, to int64 // to is 0 for the last
	tags     map[string]string
	told     policy.TableTold
	source   Source // of the tag that made it so
}

// states are what tags told of a table's care, in order of time.
func (t *Table) states(p *policy.Policy) (all []state) {
	var list []*Interval
	for _, name := range slices.Concat(p.TableTags.Class, p.TableTags.Protected) {
		of := t.Of(TagPrefix + name)
		for i := range of {
			list = append(list, &of[i])
		}
	}
	slices.SortStableFunc(list, func(a, b *Interval) int { return cmp.Compare(a.From, b.From) })
	list = slices.Compact(list) // a tag that tells both
	held := map[string]*Interval{}
	for i := 0; i < len(list); {
		at := list[i].From
		source := list[i].Source
		maps.DeleteFunc(held, func(_ string, i *Interval) bool { return i.To != 0 && i.To <= at })
		for ; i < len(list) && list[i].From == at; i++ {
			held[strings.TrimPrefix(list[i].Setting, TagPrefix)] = list[i]
		}
		next := state{from: at, tags: map[string]string{}, source: source}
		for name, i := range held {
			if next.to == 0 || i.To != 0 && i.To < next.to {
				next.to = i.To // the next state's beginning, or the table's end
			}
			if !i.taken() {
				next.tags[name] = i.Value
			}
		}
		next.told = p.TableTold(t.ARN, next.tags)
		all = append(all, next)
	}
	return all
}

// lowerings are those among states, which the policy's own words are not touched by.
func lowerings(all []state) (found []Lowering) {
	for i := 1; i < len(all); i++ {
		was, is := &all[i-1], &all[i]
		if was.to != is.from && was.to != 0 {
			continue // the table was deleted between
		}
		if was.told.Class != is.told.Class && was.told.AtLeast(cmp.Or(is.told.Class, was.told.Class)) {
			found = append(found, Lowering{is.from, "class", was.told.Class, is.told.Class, is.source})
		}
		if was.told.Protected && !is.told.Protected {
			found = append(found, Lowering{is.from, "protected", "yes", "no", is.source})
		}
	}
	return found
}

// String says it in a sentence. Texts of the log in it are as they were.
func (l *Lowering) String() string {
	who := l.Source.who()
	if who == "" {
		who = "somebody"
	}
	return fmt.Sprintf("%s was lowered by a tag: %s to %s at %s, by %s (%s).",
		l.What, l.Was, cmp.Or(l.Is, "none"), queries.Clock(l.At), who, l.Source.teller())
}

// WithTags is a policy with what tags tell of tables in [from, to), microseconds since 1970
// and 0 for no bound: of each table those with the highest class that held in that time,
// those that protected it, and those at its end. A policy without a word on tags costs
// nothing.
func WithTags(ctx context.Context, l Lake, p *policy.Policy, from, to int64) (*policy.Policy, error) {
	if !p.ByTag() {
		return p, nil
	}
	c, err := tagged(ctx, l, to)
	if err != nil {
		return nil, err
	}
	classes, protects := policy.Tags{}, policy.Tags{}
	for i := range c.Tables {
		t := &c.Tables[i]
		class, protected := "", false
		for _, s := range t.states(p) {
			if s.to != 0 && s.to <= from {
				continue
			}
			if s.told.Class != class && s.told.AtLeast(cmp.Or(class, s.told.Class)) {
				class, classes[t.ARN] = s.told.Class, s.tags
			}
			if s.told.Protected && !protected {
				protected, protects[t.ARN] = true, s.tags
			}
		}
	}
	return p.WithTags(classes, protects, c.Tags()), nil
}
