package compliance

import (
	"context"
	"fmt"
	"slices"

	"github.com/keytrail/keytrail/engine/custody"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// integrity makes the section on whether the rows are what CloudTrail wrote, and whether
// the lake's accounts agree.
type integrity struct {
	books *books
	rows  map[string]*custody.TableDay // of the period, by table
}

func (*integrity) touch(*detect.Event) {}

func (p *integrity) write(ctx context.Context, f *Frame, made sections) error {
	if err := p.readRows(ctx, f); err != nil {
		return err
	}
	s := &report.Section{Title: "Integrity"}
	checks := p.reconcile(f)
	sum := p.books.ledger.total()
	s.Level = p.level(&sum, checks)
	s.Lead = p.lead(&sum, checks)
	agree := agreed(checks)
	s.Tiles = []report.Fact{
		{ID: "objects_proven", Name: "Objects proven", Value: report.ShareOf(sum.proven, sum.logs), Text: fmt.Sprintf("%s of %s, by digests that CloudTrail signed", report.CountOf(sum.proven), many(sum.logs, "log")), Level: shareLevel(sum.proven, sum.logs, sum.notJudged)},
		{ID: "objects_altered", Name: "Objects altered or missing", Value: report.CountOf(sum.altered + sum.gone), Level: badIf(sum.altered+sum.gone > 0, report.Alarm)},
		{ID: "accounts_agree", Name: "Accounts that agree", Value: report.ShareOf(agree, int64(len(checks))), Text: fmt.Sprintf("%d of %d", agree, len(checks)), Level: badIf(agree < int64(len(checks)), report.Alarm)},
		{ID: "journal_commits", Name: "Commits in the journal", Value: report.CountOf(p.books.chain.commits), Text: chainText(p.books.chain.broken), Level: badIf(p.books.chain.broken != "", report.Alarm)},
		{ID: "files_checked", Name: "Files as recorded", Value: report.ShareOf(int64(len(p.books.files))-p.books.differing(), int64(len(p.books.files))), Text: many(int64(len(p.books.files)), "file") + " of the period read and hashed anew", Level: badIf(p.books.differing() > 0, report.Alarm)},
	}
	if sum.logs > 0 && sum.notJudged == sum.logs {
		s.Notes = append(s.Notes, report.Note{Level: report.Unknown, Text: "No digest was held against the lake: \"keytrail verify --digests\" does, and writes its verdicts into the ledger. It must be done where the logs were delivered, before they are copied."})
	}
	if p.books.chain.broken != "" {
		s.Notes = append(s.Notes, report.Note{Level: report.Alarm, Text: "The journal's chain of hashes breaks: " + p.books.chain.broken + "."})
	}
	s.Tables = append(s.Tables, reconcileTable(checks), p.areas(f), p.rowTable(), p.mismatches())
	made[Integrity] = s
	return nil
}

// readRows joins the period's rows with the verdicts on the objects they were read from.
func (p *integrity) readRows(ctx context.Context, f *Frame) error {
	p.rows = map[string]*custody.TableDay{}
	all, err := custody.Summary(ctx, f.Lake, f.Days...)
	if err != nil {
		return err
	}
	for i := range all {
		d := &all[i]
		if !f.named(d.Table) {
			continue
		}
		sum := p.rows[d.Table]
		if sum == nil {
			sum = &custody.TableDay{Table: d.Table}
			p.rows[d.Table] = sum
		}
		sum.Proven, sum.Unproven, sum.Altered, sum.NotJudged = sum.Proven+d.Proven, sum.Unproven+d.Unproven, sum.Altered+d.Altered, sum.NotJudged+d.NotJudged
	}
	return nil
}

// check is one account held against another.
type check struct {
	what, left, right string
	a, b              int64
	atLeast           bool // a may be more than b: what it is more by drops out as duplicates
}

func (c *check) agrees() bool { return c.a == c.b || c.atLeast && c.a > c.b }

// reconcile holds the lake's accounts against each other, each counted by other code.
func (p *integrity) reconcile(f *Frame) []check {
	sum := p.books.ledger.total()
	return []check{
		{what: "records of the objects of the period", left: "records read", a: sum.records, right: "in scope + out of scope + quarantined", b: sum.in + sum.out + sum.quarantined},
		{what: "objects of the period", left: "logs known", a: sum.logs, right: "read + not readable + gone + archived", b: sum.done + sum.unreadLogs()},
		{what: "rows of the period", left: "rows that the manifest says are in the files", a: p.books.manifestRows(), right: "rows read for this report", b: f.Rows},
		{what: "rows of the period", left: "rows by the hourly counts", a: p.books.past.counted, right: "rows read for this report", b: f.Rows},
		{what: "files of the period", left: "files that the manifest names", a: int64(len(p.books.files)), right: "files whose SHA-256 is the manifest's", b: int64(len(p.books.files)) - p.books.differing()},
		{what: "rows of the whole lake", left: "touches that its objects gave", a: p.books.whole.Touches, right: "rows in the lake; what is less were duplicates, or rows erased or pruned", b: p.books.rows, atLeast: true},
	}
}

func agreed(checks []check) (n int64) {
	for i := range checks {
		if checks[i].agrees() {
			n++
		}
	}
	return n
}

func (p *integrity) level(sum *areaBook, checks []check) report.Level {
	switch {
	case sum.altered+sum.gone > 0, agreed(checks) < int64(len(checks)), p.books.chain.broken != "":
		return report.Alarm
	case sum.logs == 0 || sum.notJudged > 0:
		return report.Unknown
	case sum.unproven > 0:
		return report.Attention
	}
	return report.OK
}

func (p *integrity) lead(sum *areaBook, checks []check) string {
	proof := fmt.Sprintf("Of %s, %s proven by signed digests, %s unproven, %s altered or missing, and %s not looked at.",
		many(sum.logs, "log"), are(sum.proven), are(sum.unproven), are(sum.altered+sum.gone), are(sum.notJudged))
	if sum.logs > 0 && sum.notJudged == sum.logs {
		proof = fmt.Sprintf("Whether the %s are as CloudTrail wrote them is not known: no digest was held against them.", many(sum.logs, "log"))
	}
	if n := agreed(checks); n < int64(len(checks)) {
		return fmt.Sprintf("%s %d of %d accounts of the lake do not agree.", proof, int64(len(checks))-n, len(checks))
	}
	return fmt.Sprintf("%s All %d accounts of the lake agree.", proof, len(checks))
}

// are is "1 is", "3 are".
func are(n int64) string {
	if n == 1 {
		return "1 is"
	}
	return report.CountOf(n).String() + " are"
}

func chainText(broken string) string {
	if broken != "" {
		return "the chain of hashes breaks"
	}
	return "each names the hash of the one before"
}

func reconcileTable(checks []check) report.Table {
	t := report.Table{ID: "reconciliation", Title: "Reconciliation", Lead: "Two counts each, made by different code, and whether they agree.",
		Columns: []report.Column{
			col("account", "Account", report.Text), col("left", "One side", report.Text), col("left_count", "Count", report.Count),
			col("right", "Other side", report.Text), col("right_count", "Count", report.Count), col("difference", "Difference", report.Count), col("agrees", "Agree", report.Word),
		}}
	for i := range checks {
		c := &checks[i]
		t.Add(report.TextOf(c.what), report.TextOf(c.left), report.CountOf(c.a), report.TextOf(c.right), report.CountOf(c.b), report.CountOf(c.a-c.b),
			yesNo(c.agrees(), report.WordOf("agree", report.OK), report.WordOf("differ", report.Alarm)))
	}
	return t
}

// areas are the objects and digests of each account and Region.
func (p *integrity) areas(f *Frame) report.Table {
	t := report.Table{ID: "digests_by_region", Title: "Objects and digests by account and Region", Empty: "The ledger has no object of the period.",
		Lead: "Proven: a signed digest names the bytes that the rows were read from. Hours are those of the period for which a digest is at hand.",
		Columns: []report.Column{
			col("account_id", "Account", report.Code), col("aws_region", "Region", report.Code), col("logs", "Logs", report.Count), col("proven", "Proven", report.Count), col("unproven", "Unproven", report.Count),
			col("altered", "Altered", report.Count), col("missing", "Missing", report.Count), col("not_judged", "Not looked at", report.Count), col("digests", "Digests", report.Count),
			col("digest_hours", "Hours with a digest", report.Count), col("hours", "Hours", report.Count), col("chain_start", "First digest", report.Time), col("chain_end", "Last digest", report.Time),
		}}
	for _, area := range p.books.ledger.sorted() {
		a := p.books.ledger.areas[area]
		t.Add(report.CodeOf(area.Account), report.CodeOf(area.Region), report.CountOf(a.logs), report.CountOf(a.proven), report.CountOf(a.unproven), report.CountOf(a.altered), report.CountOf(a.gone),
			report.CountOf(a.notJudged), report.CountOf(a.digests), report.CountOf(a.digestHours(f.From, f.To)), report.CountOf((f.To-f.From)/hourLong), report.TimeOf(a.digestFrom), report.TimeOf(a.digestTo))
	}
	return t
}

func (p *integrity) rowTable() report.Table {
	t := report.Table{ID: "rows_by_verdict", Title: "Rows by what is proven of their objects", Empty: "There are no rows.",
		Columns: []report.Column{
			col("table_name", "Table", report.Text), col("rows", "Rows", report.Count), col("proven", "Proven", report.Count), col("unproven", "Unproven", report.Count),
			col("altered", "Altered", report.Count), col("not_judged", "Not looked at", report.Count), col("share_proven", "Share proven", report.Share),
		}}
	var names []string
	for name := range p.rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r := p.rows[name]
		t.Add(report.TextOf(shownTable(name)), report.CountOf(r.Rows()), report.CountOf(r.Proven), report.CountOf(r.Unproven), report.CountOf(r.Altered), report.CountOf(r.NotJudged), report.ShareOf(r.Proven, r.Rows()))
	}
	return t
}

func (p *integrity) mismatches() report.Table {
	t := report.Table{ID: "mismatches", Title: "Objects and files that are not as recorded", Empty: "None is known.",
		Columns: []report.Column{
			col("what", "What", report.Text), col("name", "Name", report.Code), col("verdict", "Verdict", report.Word), col("recorded_sha256", "SHA-256 recorded", report.Code), col("found_sha256", "SHA-256 found", report.Code),
		}}
	for i := range p.books.files {
		if file := &p.books.files[i]; !file.same() {
			verdict := "altered"
			if file.found == "" {
				verdict = "missing"
			}
			t.Add(report.TextOf("file of the lake"), report.CodeOf(fileName(file)), report.WordOf(verdict, report.Alarm), report.CodeOf(file.SHA256), report.CodeOf(file.found))
		}
	}
	for i := range p.books.ledger.altered {
		e := &p.books.ledger.altered[i]
		t.Add(report.TextOf("source object"), report.CodeOf(e.SourceObject), report.WordOf(e.DigestVerdict, report.Alarm), report.Value{}, report.CodeOf(e.SHA256))
	}
	return t
}
