package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// tableResource is the type of resource that calls on items are logged under.
const tableResource = "AWS::DynamoDB::Table"

// selector is one event selector, of either style, as far as it is about DynamoDB.
type selector struct {
	management    bool   // logs management events, else data events of tables
	reads, writes Logged // if the table is one that it is about
	arn           field  // of the table; none: all tables
	others        string // conditions on what else there is, which make it log only some events
}

// field is the condition on one field of an advanced selector. Of the values that are
// wanted one must hold, and none of those that are not.
type field struct {
	wanted, unwanted []textMatch
}

type textMatch struct {
	how  string // equals, startsWith, endsWith, prefix
	text string
}

// choose reads the selectors in a request, of either style. A request that has none
// changes nothing; of one that was left out of the record nobody knows what it changed.
func (s *logState) choose(request Value) {
	if left, _ := request.At("omitted").Bool(); left {
		s.known = false
		return
	}
	advanced, basic := request.At("advancedEventSelectors"), request.At("eventSelectors")
	if len(advanced.List()) == 0 && len(basic.List()) == 0 {
		return
	}
	s.known, s.selectors = true, nil
	for _, v := range advanced.List() {
		if sel, ok := advancedSelector(v); ok {
			s.selectors = append(s.selectors, sel)
		}
	}
	for _, v := range basic.List() {
		s.selectors = append(s.selectors, basicSelectors(v)...)
	}
}

// basicSelectors are what a basic selector says of management events and of tables.
func basicSelectors(v Value) (all []selector) {
	reads, writes := LoggedYes, LoggedYes
	switch v.At("readWriteType").Text() {
	case "ReadOnly":
		writes = LoggedNo
	case "WriteOnly":
		reads = LoggedNo
	}
	excluded := slices.ContainsFunc(v.At("excludeManagementEventSources").List(), func(s Value) bool { return s.Text() == "dynamodb.amazonaws.com" })
	if on, known := v.At("includeManagementEvents").Bool(); (on || !known) && !excluded {
		all = append(all, selector{management: true, reads: reads, writes: writes})
	}
	for _, resource := range v.At("dataResources").List() {
		if resource.At("type").Text() != tableResource {
			continue
		}
		sel := selector{reads: reads, writes: writes}
		for _, value := range resource.At("values").List() {
			sel.arn.wanted = append(sel.arn.wanted, textMatch{"prefix", value.Text()})
		}
		if len(sel.arn.wanted) > 0 {
			all = append(all, sel)
		}
	}
	return all
}

// advancedSelector reads an advanced selector; ok is false when it is about other events.
func advancedSelector(v Value) (sel selector, ok bool) {
	sel.reads, sel.writes = LoggedYes, LoggedYes
	category, table := "", false
	for _, f := range v.At("fieldSelectors").List() {
		condition := readField(f)
		switch name := f.At("field").Text(); strings.ToLower(name) {
		case "eventcategory":
			for _, c := range []string{"Management", "Data"} {
				if condition.matches(c) {
					category = c
				}
			}
		case "resources.type":
			table = condition.matches(tableResource)
		case "resources.arn":
			sel.arn = condition
		case "readonly":
			if !condition.matches("true") {
				sel.reads = LoggedNo
			}
			if !condition.matches("false") {
				sel.writes = LoggedNo
			}
		case "eventsource":
			if !condition.matches("dynamodb.amazonaws.com") {
				return sel, false
			}
		default: // by name of the call, caller, type of event: some of them
			sel.reads, sel.writes = min(sel.reads, LoggedPartly), min(sel.writes, LoggedPartly)
			sel.others += fmt.Sprintf("%s %q %q\n", name, condition.wanted, condition.unwanted)
		}
	}
	sel.management = category == "Management"
	return sel, sel.management || category == "Data" && table
}

func readField(v Value) (f field) {
	for _, how := range []string{"equals", "startsWith", "endsWith"} {
		for _, value := range v.At(how).List() {
			f.wanted = append(f.wanted, textMatch{how, value.Text()})
		}
	}
	for name, how := range map[string]string{"notEquals": "equals", "notStartsWith": "startsWith", "notEndsWith": "endsWith"} {
		for _, value := range v.At(name).List() {
			f.unwanted = append(f.unwanted, textMatch{how, value.Text()})
		}
	}
	return f
}

func (f *field) matches(s string) bool {
	is := func(m textMatch) bool { return m.matches(s) }
	return (len(f.wanted) == 0 || slices.ContainsFunc(f.wanted, is)) && !slices.ContainsFunc(f.unwanted, is)
}

func (m textMatch) matches(s string) bool {
	switch m.how {
	case "startsWith":
		return strings.HasPrefix(s, m.text)
	case "endsWith":
		return strings.HasSuffix(s, m.text)
	case "prefix":
		// A basic selector names all tables by the beginning of their ARNs, or one by all
		// of it: table/orders is not table/orders-dev too.
		_, whole := schema.ParseTableARN(m.text)
		return s == m.text || !whole && strings.HasPrefix(s, m.text)
	}
	return s == m.text
}

// logs says whether a selector is about a class of events of a table.
func (s *selector) logs(table string, class LogClass) Logged {
	if s.management != (class == ManagementReads || class == ManagementWrites) || !s.management && !s.arn.matches(table) {
		return LoggedNo
	}
	if class == ManagementReads || class == DataReads {
		return s.reads
	}
	return s.writes
}

// tables are those that it names one by one.
func (s *selector) tables() (arns []string) {
	for _, m := range slices.Concat(s.arn.wanted, s.arn.unwanted) {
		if _, ok := schema.ParseTableARN(m.text); ok {
			arns = append(arns, m.text)
		}
	}
	return arns
}
