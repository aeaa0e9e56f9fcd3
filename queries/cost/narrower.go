package cost

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/schema"
)

// choice is a narrower choice of events: what it leaves out, and what that hides.
type choice struct {
	what, blind string
	narrowing   narrowing
	leaves      func(*key) bool // whether events are left out
	events      int64
	regions     map[string]int64
}

// offered is how many tables, calls and callers a choice is offered for, those with most
// events.
const offered = 10

// choices are what could be left out, what saves most first.
func (a *answer) choices() []*choice {
	all := slices.Concat(a.tableChoices(), a.callChoices(), a.callerChoices(), []*choice{
		{
			what:  "Log writes only",
			blind: "who read what: reads, searches and Scans of all tables. No report on who saw somebody's data can be made, and reading a table out leaves no trace",
			narrowing: narrowing{
				tables: []field{equals("readOnly", "false")}, drop: true,
			},
			leaves: func(k *key) bool { return k.readOnly == schema.True || k.stream },
		},
		{
			what:      "Leave out streams",
			blind:     "who reads the changes of tables from their streams: a copy of every change",
			narrowing: narrowing{drop: true},
			leaves:    func(k *key) bool { return k.stream },
		},
	})
	for _, c := range all {
		c.regions = map[string]int64{}
		for k, n := range a.groups {
			if c.leaves(&k) {
				c.events += n
				c.regions[k.region] += n
			}
		}
	}
	all = slices.DeleteFunc(all, func(c *choice) bool { return c.events == 0 })
	slices.SortFunc(all, func(a, b *choice) int {
		return cmp.Or(cmp.Compare(b.events, a.events), strings.Compare(a.what, b.what))
	})
	return all
}

// tableChoices leave out one table each.
func (a *answer) tableChoices() (all []*choice) {
	for _, t := range a.first10(func(k *key) string {
		if k.stream {
			return ""
		}
		return k.arn
	}) {
		all = append(all, &choice{
			what:      "Leave out table " + t.key.table,
			blind:     "every access to items of " + t.key.table + ": who, when and which. Changes of its settings are still logged",
			narrowing: narrowing{tables: []field{{Field: "resources.ARN", NotEquals: []string{t.id}, NotStartsWith: []string{t.id + "/"}}}},
			leaves:    func(k *key) bool { return !k.stream && k.arn == t.id },
		})
	}
	return all
}

// callChoices leave out calls of one name each.
func (a *answer) callChoices() (all []*choice) {
	for _, t := range a.first10(func(k *key) string {
		if k.stream {
			return ""
		}
		return k.event
	}) {
		all = append(all, &choice{
			what:      "Leave out " + t.id,
			blind:     t.id + " of all tables by all callers: who does it with this call is not seen, whoever it is",
			narrowing: narrowing{tables: []field{{Field: "eventName", NotEquals: []string{t.id}}}},
			leaves:    func(k *key) bool { return !k.stream && k.event == t.id },
		})
	}
	return all
}

// callerChoices leave out one workload each. People are never offered: it is them that
// the log is for.
func (a *answer) callerChoices() (all []*choice) {
	for _, t := range a.first10(func(k *key) string {
		if k.kind != schema.ActorService {
			return ""
		}
		return callerCondition(k.actor)
	}) {
		f, _ := notCaller(t.key.actor) // there is one: callerCondition has said so
		all = append(all, &choice{
			what:      "Leave out caller " + lastPart(t.key.actor),
			blind:     "all that is done as " + lastPart(t.key.actor) + ", by a person who takes on that role or has its keys, too: a breach of this workload is not seen",
			narrowing: narrowing{tables: []field{f}, streams: []field{f}},
			leaves:    func(k *key) bool { return callerCondition(k.actor) == t.id },
		})
	}
	return all
}

// first10 are the totals with most events.
func (a *answer) first10(of func(*key) string) []*total {
	totals := a.totals(of)
	return totals[:min(offered, len(totals))]
}

// callerCondition is what callers are left out by; empty where they cannot be.
func callerCondition(actor string) string {
	f, _ := notCaller(actor)
	return strings.Join(append(f.NotStartsWith, f.NotEquals...), " ")
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// narrower says what could be left out, and at which price in sight.
func (a *answer) narrower() report.Section {
	s := report.Section{ID: "narrower", Title: "What a narrower choice would save, and hide"}
	t := report.Table{
		ID: "narrower", Title: "One change each, what saves most first", Empty: "There is nothing to leave out.",
		Lead: "Selectors are those of put-event-selectors: put the JSON into a file and give it as --advanced-event-selectors file://FILE. They replace all that the trail has. A terminal cuts them: --csv-out and --json-out have them whole.",
		Columns: []report.Column{
			{Name: "change", Title: "Change", Kind: report.Text}, {Name: "events", Title: "Events less", Kind: report.Count}, {Name: "share", Title: "Share", Kind: report.Share},
			{Name: "usd_month", Title: "USD less in a month", Kind: report.Money}, {Name: "hides", Title: "What goes blind", Kind: report.Text}, {Name: "selectors", Title: "Selectors", Kind: report.Code},
		},
	}
	streams := len(a.totals(func(k *key) string {
		if k.stream {
			return "stream"
		}
		return ""
	})) > 0
	choices := a.choices()
	for _, c := range choices {
		t.Add(report.TextOf(c.what), report.CountOf(c.events), report.ShareOf(c.events, a.data), report.MoneyOf(a.usd(c.regions)),
			report.TextOf(c.blind), report.CodeOf(c.narrowing.selectors(streams)))
	}
	s.Lead = "Nothing can be saved where nothing is logged."
	if len(choices) > 0 {
		s.Level = report.Attention
		s.Lead = fmt.Sprintf("%s of the data events could be left out by the change that saves most, %q. Each change hides something for good: what was not logged cannot be asked for later.",
			report.ShareOf(choices[0].events, a.data), choices[0].what)
	}
	s.Tables = []report.Table{t}
	return s
}
