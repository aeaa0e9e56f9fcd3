package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// openCatalogue reads what is known of the tables' settings and, from policy and tags, of
// how much care they need.
func (a *answer) openCatalogue(ctx context.Context, l *lake.Lake) (err error) {
	if a.catalogue, err = tables.Open(ctx, l, a.Policy, a.From, a.To); err != nil {
		return fmt.Errorf("settings of the tables: %w", err)
	}
	return nil
}

// care is how much care a table needs: its class, and whether it is protected, which without
// a policy nobody knows.
func (a *answer) care(arn string) (class, protected report.Value) {
	if a.Policy == nil {
		return report.Value{}, report.Value{}
	}
	if of := a.catalogue.Of(arn); of != nil { // by its tags, too
		return report.TextOf(of.Class.Value), report.FlagOf(of.Protected)
	}
	of := a.Policy.TableOf(arn)
	return report.TextOf(of.Class), report.FlagOf(of.Protected)
}

// expires reports whether items of a table may have expired in the time looked at, which no
// log shows, and since when; sure is false where nobody told.
func (a *answer) expires(arn string) (may, sure bool, since int64) {
	t := a.catalogue.Of(arn)
	if t == nil {
		return true, false, 0
	}
	from, to := int64(a.First)*dayMicros, (int64(a.Last)+1)*dayMicros
	may, sure = t.TTLMayDelete(from, to)
	for _, i := range t.Of(tables.TTL) {
		if i.Value == tables.On && i.From < to && (i.To == 0 || i.To > from) {
			return may, sure, i.From
		}
	}
	return may, sure, 0
}

// expiryCells say it in a row.
func (a *answer) expiryCells(arn string) (word, since report.Value) {
	may, sure, from := a.expires(arn)
	switch {
	case may && sure:
		return report.WordOf("on", report.Attention), report.TimeOf(from)
	case may:
		return report.WordOf("not known", report.Unknown), report.Value{}
	}
	return report.WordOf("off", report.OK), report.Value{}
}

// namedTables is how many tables a sentence names.
const namedTables = 10

// expiryNote names the tables whose items expire.
func (a *answer) expiryNote() (n report.Note, ok bool) {
	var names []string
	unknown := int64(0)
	for _, t := range a.Tables {
		switch may, sure, since := a.expires(t.ARN); {
		case may && sure:
			names = append(names, t.Name+" since "+report.TimeOf(since).String())
		case may:
			unknown++
		}
	}
	if len(names)+int(unknown) == 0 {
		return n, false
	}
	var parts []string
	if len(names) > 0 {
		more := ""
		if len(names) > namedTables {
			more = fmt.Sprintf(", and %d more", len(names)-namedTables)
		}
		parts = append(parts, "Time to live is on, and items expire without an event, in "+strings.Join(names[:min(namedTables, len(names))], ", ")+more+".")
		n.Level = report.Attention
	}
	if unknown > 0 {
		parts = append(parts, fmt.Sprintf("Whether it is on is not known of %s of %s tables.", report.CountOf(unknown), report.CountOf(int64(len(a.Tables)))))
		n.Level = n.Level.Worse(report.Unknown)
	}
	n.Text = strings.Join(parts, " ")
	return n, true
}

// untouched lists the tables that the policy or somebody's settings tell of, and of which the
// log has nothing: it may not reach them.
func (a *answer) untouched() report.Table {
	t := report.Table{ID: "untouched", Title: "Tables without any event", Empty: "The lake has an event of each table that is known.",
		Lead: "Nobody reached them in this time, or no trail that is read here logs their account and Region.",
		Columns: []report.Column{
			{Name: "table", Title: "Table", Kind: report.Text}, {Name: "class", Title: "Class", Kind: report.Text}, {Name: "protected", Title: "Protected", Kind: report.Flag},
			{Name: "known_by", Title: "Known by", Kind: report.Text}, {Name: "table_arn", Title: "ARN or pattern", Kind: report.Code},
		}}
	here := map[string]bool{}
	for _, of := range a.Tables {
		here[of.ARN] = true
	}
	for i := range a.catalogue.Tables {
		of := &a.catalogue.Tables[i]
		if now, ok := of.At(tables.Existence, int64(a.First)*dayMicros); here[of.ARN] || ok && now.Value == tables.Deleted {
			continue
		}
		here[of.ARN] = true
		class, protected := a.care(of.ARN)
		t.Add(report.TextOf(of.Name), class, protected, report.TextOf("its settings"), report.CodeOf(of.ARN))
	}
	for _, named := range a.policyTables() {
		if !anyMatch(named.Match, here) {
			arn, _ := schema.ParseTableARN(named.Match)
			t.Add(report.TextOf(cmp.Or(arn.Table, named.Match)), report.TextOf(named.Class), report.FlagOf(named.Protected), report.TextOf("the policy"), report.CodeOf(named.Match))
		}
	}
	return t
}

// policyTables are those that the policy names by ARN or by pattern, each once. The pattern
// of all tables names none.
func (a *answer) policyTables() (list []policy.Table) {
	if a.Policy == nil {
		return nil
	}
	for _, t := range a.Policy.Tables {
		if strings.Trim(t.Match, "*") != "" && !slices.ContainsFunc(list, func(of policy.Table) bool { return of.Match == t.Match }) {
			list = append(list, t)
		}
	}
	return list
}

func anyMatch(glob string, arns map[string]bool) bool {
	if arns[glob] {
		return true
	}
	for arn := range arns {
		if policy.Glob(glob, arn) {
			return true
		}
	}
	return false
}
