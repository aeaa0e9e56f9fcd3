package compliance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/report"
)

// accountParts make the sections that come from the lake's accounts: books first, which
// all others read; those that look at other sections last.
func (f *Frame) accountParts() []part {
	b := newBooks(f)
	c := newCovered(b)
	found := &found{books: b}
	return []part{
		b, c, &method{books: b, covered: c}, &integrity{books: b}, restated{b}, found, newIdentities(b),
		newLogSystem(), newFields(), retained{b}, &signOff{books: b, found: found}, newProvenance(f, b), mapped{b},
	}
}

// cover says on the cover what the report is of.
func cover(f *Frame) []report.Fact {
	tables, frameworks := "all", strings.Join(Frameworks, ", ")
	if len(f.Tables) > 0 {
		tables = strings.Join(f.Tables, ", ")
	}
	if len(f.Frameworks) > 0 {
		frameworks = strings.Join(f.Frameworks, ", ")
	}
	accounts, regions := map[string]bool{}, map[string]bool{}
	for _, a := range f.Coverage.Areas() {
		accounts[a.Account], regions[a.Region] = true, true
	}
	facts := []report.Fact{
		{ID: "period", Name: "Period", Value: report.TextOf(fmt.Sprintf("%s to %s, both included (UTC)", f.Question.From, f.Question.To))},
		{ID: "scope_tables", Name: "Tables", Value: report.TextOf(tables)},
		{ID: "scope_accounts", Name: "Accounts with logs", Value: report.ListOf(slices.Sorted(maps.Keys(accounts)))},
		{ID: "scope_regions", Name: "Regions with logs", Value: report.ListOf(slices.Sorted(maps.Keys(regions)))},
		{ID: "item_keys", Name: "Item keys", Value: report.TextOf(keysSaid(f.Keys))},
		{ID: "frameworks", Name: "Frameworks", Value: report.TextOf(frameworks)},
		{ID: "journal_head", Name: "State of the lake", Value: report.CodeOf(f.Head.String()), Text: "the journal's last entry; for --since of the next report"},
		{ID: "version", Name: "keytrail", Value: report.CodeOf(f.Tool)},
	}
	for _, name := range slices.Sorted(maps.Keys(f.Files)) {
		facts = append(facts, report.Fact{ID: "sha256_" + factID(name), Name: "SHA-256 of the " + name, Value: report.CodeOf(f.Files[name])})
	}
	return facts
}

// factID is a name as an id has it.
func factID(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(parts, "_")
}
