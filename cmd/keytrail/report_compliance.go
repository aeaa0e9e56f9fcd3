package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/evidence"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/compliance"
	"github.com/keytrail/keytrail/queries/findings"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/report/page"
	"github.com/keytrail/keytrail/schema"
)

// complianceFlags are the command line of report compliance.
type complianceFlags struct {
	lake, period, from, to, since, failOn                     string
	policy, catalogue, settings, suppressions, trails, review string
	retention                                                 string
	tables, frameworks                                        []string
	showKeys                                                  bool
	evidence                                                  string
	out                                                       reportOut
	limit                                                     schema.Severity
	inputs                                                    []evidence.Report // the files that went into it
}

func newReportComplianceCmd() *cobra.Command {
	var f complianceFlags
	cmd := &cobra.Command{
		Use:   "compliance --lake LAKE [--period 2026-03] [--policy FILE] [--out FILE.html] [--evidence DIR]",
		Short: "Who could and did reach the tables, what nobody expected, and how far that is proven",
		Long: `Makes the report that a compliance officer signs, about some days of the lake: what the
log covers and where it is blind, first; who touched which table; what nobody expected;
findings and what became of them; privileged use; every way out; denied access; settings
before and after; integrity and restatements; which controls all that is evidence for;
and from what it was made, so that anybody can make it again.

--out writes one HTML file that needs nothing from anywhere, --json-out and --csv-out the
same numbers for programs. Without any of them it is told at the terminal.

--evidence DIR makes a directory with the report in all three forms, the files that went
into it, the lake's journal, manifest and ledger of those days, what was found and what AWS
Config recorded on them, and the SHA-256 of everything, the touches files that were read
among them. "keytrail verify --evidence DIR" checks it anywhere.

Files make it say more: --policy (who is expected to do what, classes of tables,
purposes), --catalogue (what care tables need), --settings and --suppressions as for
detections, --trails (what the trails log, as "keytrail setup check --save" or the AWS
command line print it), --review (who signed, and what was decided about findings),
--retention (limits and legal holds). --since names the journal's head as the last report
has it: what was restated since then is listed.

Keys of items are personal data as a rule and are left out unless --show-keys is given.
The report depends on the lake and these flags alone: asked again, it is the same bytes.

Exit status is 4 when it tells of findings at or above --fail-on.`,
		Example: `  keytrail report compliance --lake ./lake --out report.html
  keytrail report compliance --period 2026-03 --policy policy.yaml --lake ./lake --out march.html --evidence march
  keytrail report compliance --period 2026-Q1 --table 'payments-*' --framework pci --policy policy.yaml --lake s3://my-audit-lake --out q1.html
  keytrail verify --evidence march --lake ./lake`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to report on: a directory or s3://bucket/prefix")
	flags.StringVar(&f.period, "period", "", "the days it is about: 2026-03-02, 2026-03, 2026-Q1 or 2026 (UTC)")
	flags.StringVar(&f.from, "from", "", "the first day, 2026-03-01 (default: the last 30 days of the lake)")
	flags.StringVar(&f.to, "to", "", "the last day, included")
	flags.StringArrayVar(&f.tables, "table", nil, "only tables whose name or ARN matches: * and ? as in a policy; may be repeated")
	flags.StringArrayVar(&f.frameworks, "framework", nil, "only map controls of soc2, pci, hipaa, gdpr, iso27001 or sox; may be repeated")
	flags.StringVar(&f.policy, "policy", "", "YAML file that says who may do what, and which tables need care")
	addCatalogueFlag(flags, &f.catalogue)
	flags.StringVar(&f.settings, "settings", "", "YAML file that changes detections")
	flags.StringVar(&f.suppressions, "suppressions", "", "YAML file of findings that somebody decided not to hear of")
	flags.StringVar(&f.trails, "trails", "", "what the trails log: answers of DescribeTrails and GetEventSelectors")
	flags.StringVar(&f.review, "review", "", "YAML file of who signed, and what was decided about findings")
	flags.StringVar(&f.retention, "retention", "", "YAML file of \"keytrail prune\": how long what is kept, and what is on legal hold")
	flags.StringVar(&f.since, "since", "", "the journal's head in the last report, NUMBER:SHA256: tell what was restated since")
	flags.BoolVar(&f.showKeys, "show-keys", false, "have the keys of items in the report, which are personal data as a rule")
	flags.StringVar(&f.evidence, "evidence", "", "make a directory of evidence there, which must be new or empty")
	flags.StringVar(&f.failOn, "fail-on", "never", "exit with 4 when a finding of the period is as severe: info, low, medium, high, critical, any or never")
	f.out.register(flags)
	return cmd
}

func (f *complianceFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	q, err := f.question()
	if err != nil {
		return err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	if q.From == "" {
		if q.From, q.To, err = lastDays(ctx, l); err != nil {
			return err
		}
	}
	q.Command = f.command(q)
	var stop func()
	q.Progress, stop = showPartitions(stderr)
	made, err := compliance.Collect(ctx, l, q)
	stop()
	if err != nil {
		return err
	}
	if f.evidence != "" {
		if err := f.pack(ctx, l, q, made, stdout); err != nil {
			return fmt.Errorf("--evidence: %w", err)
		}
	}
	if f.evidence == "" || f.out.asked() {
		if err := f.out.write(made.Document, stdout); err != nil {
			return err
		}
	}
	if f.limit != 0 && made.Worst >= f.limit {
		return errFindings
	}
	return nil
}

// question reads the command line and the files that it names.
func (f *complianceFlags) question() (q compliance.Question, err error) {
	if f.lake == "" {
		return q, errNoLake
	}
	if f.limit, err = parseFailOn(f.failOn); err != nil {
		return q, err
	}
	if q.From, q.To, err = f.days(); err != nil {
		return q, err
	}
	if f.since != "" {
		if q.Since, err = lake.ParseHead(f.since); err != nil {
			return q, usagef("--since: %v", err)
		}
	}
	for _, name := range f.frameworks {
		if !slices.Contains(compliance.Frameworks, name) {
			return q, usagef("--framework: there is no %q: say %s", name, strings.Join(compliance.Frameworks, ", "))
		}
	}
	q.Tables, q.Frameworks, q.ShowKeys, q.Tool = f.tables, f.frameworks, f.showKeys, "keytrail "+version()
	q.Files = map[string]string{}
	return q, f.files(&q)
}

func (f *complianceFlags) days() (from, to string, err error) {
	switch {
	case f.period != "" && (f.from != "" || f.to != ""):
		return "", "", usagef("--period names the days already: leave out --from and --to")
	case f.period != "":
		if from, to, err = parsePeriod(f.period); err != nil {
			return "", "", usagef("--period: %v", err)
		}
		return from, to, nil
	case (f.from == "") != (f.to == ""):
		return "", "", usagef("--from and --to go together, both days: --from 2026-03-01 --to 2026-03-31")
	}
	for _, day := range []string{f.from, f.to} {
		if _, err := schema.ParseDay(day); day != "" && err != nil {
			return "", "", usagef("%q is no day: write 2026-03-01", day)
		}
	}
	if f.to < f.from {
		return "", "", usagef("--to %s is before --from %s", f.to, f.from)
	}
	return f.from, f.to, nil
}

// files reads what goes into the report beside the lake, and notes the hash of each.
func (f *complianceFlags) files(q *compliance.Question) error {
	for _, file := range []struct {
		flag, path string
		use        func(path string, data []byte) error
	}{
		{"policy", f.policy, func(path string, data []byte) (err error) {
			p, problems := policy.Read(path, data)
			if p == nil {
				return refused(problems)
			}
			q.Policy = p
			return nil
		}},
		{"catalogue", f.catalogue, func(path string, _ []byte) (err error) {
			q.Policy, err = catalogued(q.Policy, path)
			return err
		}},
		{"settings", f.settings, func(path string, _ []byte) (err error) {
			q.Settings, err = readSettings(path)
			return err
		}},
		{"suppressions", f.suppressions, func(path string, data []byte) (err error) {
			q.Suppressions, err = findings.ParseSuppressions(path, data)
			return err
		}},
		{"trails", f.trails, func(_ string, data []byte) error {
			q.Trails = data
			return nil
		}},
		{"review", f.review, func(path string, data []byte) (err error) {
			q.Review, err = compliance.ParseReview(path, data)
			return err
		}},
		{"retention", f.retention, func(path string, data []byte) (err error) {
			q.Limits, err = retention.Parse(path, data)
			return err
		}},
	} {
		if file.path == "" {
			continue
		}
		data, err := os.ReadFile(file.path)
		if err == nil {
			err = file.use(file.path, data)
		}
		if err != nil {
			return fmt.Errorf("--%s: %w", file.flag, err)
		}
		sum := sha256.Sum256(data)
		q.Files[file.flag] = hex.EncodeToString(sum[:])
		f.inputs = append(f.inputs, evidence.Report{Path: "inputs/" + file.flag, Write: func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}})
	}
	return nil
}

// command is how the same report is asked for again. Where the lake and the files lie is
// left open: on another machine they lie elsewhere, and the report is the same.
func (f *complianceFlags) command(q compliance.Question) string {
	words := []string{"keytrail report compliance --from", q.From, "--to", q.To}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, "--"+flag, queries.ShellWord(value))
		}
	}
	for _, t := range f.tables {
		add("table", t)
	}
	for _, name := range f.frameworks {
		add("framework", name)
	}
	for _, file := range []struct{ flag, path string }{
		{"policy", f.policy}, {"catalogue", f.catalogue}, {"settings", f.settings}, {"suppressions", f.suppressions}, {"trails", f.trails}, {"review", f.review}, {"retention", f.retention},
	} {
		if file.path != "" {
			add(file.flag, filepath.Base(file.path))
		}
	}
	add("since", f.since)
	if f.showKeys {
		words = append(words, "--show-keys")
	}
	return strings.Join(append(words, "--lake LAKE"), " ")
}

// pack makes the directory of evidence, the report in it.
func (f *complianceFlags) pack(ctx context.Context, l *lake.Lake, q compliance.Question, made *compliance.Made, stdout io.Writer) error {
	d := made.Document
	o := evidence.Options{Tool: q.Tool, Command: q.Command, From: q.From, To: q.To, Head: made.Head}
	o.Reports = []evidence.Report{
		{Path: "report.html", Write: func(w io.Writer) error { return page.Write(w, d) }},
		{Path: "report.json", Write: func(w io.Writer) error { return report.WriteJSON(w, d) }},
	}
	for i := range d.Sections {
		for j := range d.Sections[i].Tables {
			t := &d.Sections[i].Tables[j]
			o.Reports = append(o.Reports, evidence.Report{Path: "csv/" + t.ID + ".csv", Write: func(w io.Writer) error { return report.WriteCSV(w, t) }})
		}
	}
	o.Reports = append(o.Reports, f.inputs...)
	m, sum, err := evidence.Write(ctx, f.evidence, l, o)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Evidence   %s: %s, of %s and %s\n", oneLine(f.evidence),
		count(int64(len(m.Files)), "file"), count(int64(len(m.Touches)), "touches file"), count(m.Objects, "log"))
	fmt.Fprintf(stdout, "           commit %s\n", headShown(m.Journal))
	fmt.Fprintf(stdout, "           manifest SHA-256 %s\n", sum)
	fmt.Fprintf(stdout, "Check it   keytrail verify --evidence %s --lake LAKE\n", queries.ShellWord(f.evidence))
	return nil
}
