package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// findingsFlags are the command line of findings.
type findingsFlags struct {
	lake, from, to, severity, detection, principal, id, format string
	all                                                        bool
}

func newFindingsCmd() *cobra.Command {
	var f findingsFlags
	cmd := &cobra.Command{
		Use:   "findings [TABLE] --lake LAKE",
		Short: "List what the nights have found",
		Long: `Lists the findings that nights have left in the lake, the worst first: those that are
new or came back, of the last 30 days. --all has those too that were suppressed, are of
a dry run, or tell that something is over.

An id or a fingerprint, as messages have them, finds one of them; the fingerprint is the
same on every day. The same rows are in the lake as findings/day=<day>/part.parquet, and
as JSON lines beside it.`,
		Example: `  keytrail findings --lake ./lake --min-severity high
  keytrail findings orders --lake ./lake --from 2026-03-01 --to 2026-03-31 --format csv
  keytrail findings --lake ./lake --id fnd_5mun3pjwh4xg6urlwx6anqds --format json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.from, "from", "", "first event day, YYYY-MM-DD (default: 30 days before the last)")
	flags.StringVar(&f.to, "to", "", "last event day, YYYY-MM-DD")
	flags.StringVar(&f.severity, "min-severity", schema.SeverityInfo.String(), "least severity: info, low, medium, high, critical")
	flags.StringVar(&f.detection, "detection", "", "glob of detections: DDB-EXF-*")
	flags.StringVar(&f.principal, "principal", "", "glob of principals, or a name")
	flags.StringVar(&f.id, "id", "", "id or fingerprint of a finding")
	flags.BoolVar(&f.all, "all", false, "also what was suppressed, found by a dry run, or is over")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	return cmd
}

func (f *findingsFlags) run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	format, err := queries.ParseTopFormat(f.format)
	if err != nil {
		return usagef("--format: %v", err)
	}
	least, err := schema.ParseSeverity(f.severity)
	if err != nil {
		return usagef("--min-severity: %v", err)
	}
	if len(args) > 1 {
		return usagef("%q and %q: only one table", args[0], args[1])
	}
	for _, day := range []string{f.from, f.to} {
		if _, err := schema.ParseDay(day); day != "" && err != nil {
			return usagef("%q is not a day: write it as 2026-03-31", day)
		}
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	days, err := f.days(ctx, l)
	if err != nil {
		return err
	}
	var found []schema.Finding
	for _, day := range days {
		all, err := l.Findings(ctx, day)
		if err != nil {
			return err
		}
		for i := range all {
			if f.wants(&all[i], least, args) {
				found = append(found, all[i])
			}
		}
	}
	if err := detect.RenderFindings(stdout, found, format, lookOf(stdout, time.UTC)); err != nil {
		return err
	}
	if format == queries.Table {
		_, err = io.WriteString(stdout, f.closing(found, days))
		return err
	}
	if len(days) == 0 {
		_, err = io.WriteString(stderr, "keytrail: no day of this lake was judged; keytrail nightly does that\n")
	}
	return err
}

// days are the days asked for that have findings or were judged.
func (f *findingsFlags) days(ctx context.Context, l *lake.Lake) ([]string, error) {
	days, err := l.FindingDays(ctx)
	if err != nil || len(days) == 0 {
		return nil, err
	}
	from := f.from
	if from == "" && f.id == "" {
		last, err := time.Parse(time.DateOnly, days[len(days)-1])
		if err != nil {
			return nil, err
		}
		from = last.AddDate(0, 0, -30).Format(time.DateOnly)
	}
	return slices.DeleteFunc(days, func(day string) bool { return day < from || f.to != "" && day > f.to }), nil
}

func (f *findingsFlags) wants(one *schema.Finding, least schema.Severity, tables []string) bool {
	if f.id != "" {
		return one.ID == f.id || one.Fingerprint == f.id
	}
	quiet := one.DryRun || one.Suppressed != "" || one.State == schema.FindingResolved
	return one.Severity >= least && (f.all || !quiet) &&
		(len(tables) == 0 || one.TableName == tables[0] || one.TableARN == tables[0]) &&
		(f.detection == "" || policy.Glob(f.detection, one.Detection)) &&
		(f.principal == "" || policy.Glob(f.principal, one.Principal) || policy.Glob(f.principal, one.ActorName))
}

func (f *findingsFlags) closing(found []schema.Finding, days []string) string {
	if len(days) == 0 {
		return "No day of this lake was judged yet, or none of those asked for: keytrail nightly judges them.\n"
	}
	text := fmt.Sprintf("%s of %s", count(int64(len(found)), "finding"), days[0])
	if len(days) > 1 {
		text += " to " + days[len(days)-1]
	}
	return strings.TrimSpace(text) + ".\n"
}
