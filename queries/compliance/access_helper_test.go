package compliance

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/sample"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
)

// accessPolicy speaks of the sample's tables and of a few of its principals.
const accessPolicy = `version: 1
org_accounts: ["111122223333", "444455556666", "777788889999"]
partners: {"999988887777": {name: Partner Sync, contract: C-88, expires: 2027-06-30}}
break_glass: ["arn:aws:iam::*:role/break-glass/*"]
tables:
  - {match: "**:table/payments", class: restricted, protected: true, frameworks: [pci], owner: team-payments}
  - {match: "**:table/customers", class: confidential, owner: team-customers}
rules:
  - {id: AL-1, effect: allow, who: {kind: [service]}, ops: [READ_POINT, READ_RANGE, READ_BULK, READ_STREAM, WRITE_ITEM, DELETE_ITEM], purpose: order fulfilment, reason: applications, owner: platform, ticket: CHG-1201, created: 2026-01-01, expires: 2026-12-31}
  - {id: AL-2, effect: allow, who: {kind: [human]}, tables: ["**:table/orders"], ops: [WRITE_ITEM], reason: support, owner: support, ticket: CHG-1310, created: 2025-04-01, expires: 2026-03-03}
  - {id: DN-1, effect: deny, who: {kind: [human]}, tables: ["**:table/payments"], ops: [DELETE_ITEM], reason: no manual edits}
`

func parsedPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(accessPolicy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// accessLake is a lake of made records, in a directory that others can read.
func accessLake(t testing.TB, events int64) (*lake.Lake, string) {
	t.Helper()
	logs, path := t.TempDir(), t.TempDir()
	if _, err := sample.Write(t.Context(), sample.Options{Dir: logs, Events: events, Seed: 5, Days: 4}); err != nil {
		t.Fatal(err)
	}
	source, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	store, err := dir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lake.Create(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&engine.Engine{Lake: l}).Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: source}}}); err != nil {
		t.Fatal(err)
	}
	return l, path
}

// accessOf makes the sections that are about touches.
func accessOf(t testing.TB, l *lake.Lake, q Question) (*access, sections) {
	t.Helper()
	f, err := open(t.Context(), l, q)
	if err != nil {
		t.Fatal(err)
	}
	a, made := newAccess(f), sections{}
	if err := f.scan(t.Context(), []part{a}); err != nil {
		t.Fatal(err)
	}
	if err := a.write(t.Context(), f, made); err != nil {
		t.Fatal(err)
	}
	return a, made
}

// accessSections are those that the part makes.
var accessSections = []string{ByTable, ByPerson, Unexpected, Privileged, WaysOut, Settings, DeniedAccess}

// documentOf puts sections into a document, and checks it.
func documentOf(t testing.TB, made sections) *report.Document {
	t.Helper()
	d := &report.Document{Kind: "compliance", Title: "Access"}
	for _, id := range accessSections {
		s := made[id]
		if s == nil {
			t.Fatalf("no section %s", id)
		}
		s.ID = id
		d.Sections = append(d.Sections, *s)
	}
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	return d
}

func sectionText(t testing.TB, s *report.Section) string {
	t.Helper()
	var b strings.Builder
	if err := report.WriteText(&b, &report.Document{Kind: "compliance", Title: s.Title, Sections: []report.Section{*s}}, queries.Look{Width: 220}); err != nil {
		t.Fatal(err)
	}
	for i := range s.Plots {
		p := &s.Plots[i]
		b.WriteString("\n[" + string(p.Kind) + "] " + queries.Clean(p.Title+": "+p.Lead) + "\n")
	}
	return b.String()
}
