package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/anomalies"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/profile"
	"github.com/keytrail/keytrail/schema"
)

// anomaliesFlags are the command line of anomalies.
type anomaliesFlags struct {
	lake, day, actor, calendar, policy, catalogue, format, failOn string
	all, hotKeys, strict, countsOnly                              bool
}

func newAnomaliesCmd() *cobra.Command {
	var f anomaliesFlags
	cmd := &cobra.Command{
		Use:   "anomalies [TABLE] --lake LAKE",
		Short: "What was odd on a day, beside three months before it",
		Long: `Tells what was odd on one day: each finding with what was to be expected, what came, and
how unlikely that is, from the lake's hourly counts of three months.

  STA-001  many more touches than on days alike: of an actor on a table, a table, an actor
  STA-002  touches that rise slowly, no day of which is odd by itself
  STA-003  an actor that does other things on a table than it used to
  STA-004  many more different keys than ever, or half a table by one person
  STA-005  many more calls denied
  STA-006  an actor or an operation never seen on a table where new ones are rare
  STA-007  a hot key (with --hot-keys)
  STA-008  silence of what is never silent, though the log is there

Weekdays are compared with weekdays, weekends and holidays with each other. A series is
judged once it has 14 days of 28, ten of them of the day's kind. Of the unlikely ones as
many are selected as leave one in twenty wrong on average, and of those only what is at
least twice the usual and 20 touches more is told (5 of what deletes or shares).
What could not be judged is counted beneath, always: a quiet day is no proof of health.

The people behind one role are told apart, each with a history of their own, and different
keys are counted. For that the lake keeps a profile of each day; the first question makes
those that are missing, which reads all touches of three months once. --counts-only does
without.

TABLE and --actor choose among the findings; what is odd is judged among all.

--calendar names a YAML file of days that are not like others:

  holidays:   [2026-12-25, 2026-12-26]    like a weekend
  month_ends: [last day]                  told where twice as much as on those before, and no baseline
  releases:   [2026-03-03]                told as no more than low, and no baseline
  incidents:  [2026-02-11..2026-02-14]    no baseline

--format json is one object with all of that; jsonl and csv are the findings alone.`,
		Example: `  keytrail anomalies --lake ./lake
  keytrail anomalies customers --day 2026-03-03 --lake ./lake
  keytrail anomalies --actor 'alice*' --calendar calendar.yaml --format jsonl --lake s3://my-audit-lake
  keytrail anomalies --fail-on medium --lake s3://my-audit-lake || echo 'have a look'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, format, failOn, err := f.parse(args)
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), q, format, failOn, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.day, "day", "", "the UTC day to judge, 2026-03-03 (default: the latest that is over in the lake)")
	flags.StringVar(&f.actor, "actor", "", "only findings about actors whose id or name matches: * and ? stand for any text, any character")
	flags.StringVar(&f.calendar, "calendar", "", "YAML file of holidays, month ends, releases and incidents")
	flags.StringVar(&f.policy, "policy", "", "YAML file of expected identities: its tables' classes raise severities")
	addCatalogueFlag(flags, &f.catalogue)
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	flags.BoolVar(&f.all, "all", false, fmt.Sprintf("show all findings, and not just the %d worst", anomalies.Digest))
	flags.BoolVar(&f.hotKeys, "hot-keys", false, "look for hot keys, too: reads all touches of the day")
	flags.BoolVar(&f.countsOnly, "counts-only", false, "judge hourly counts alone: at once, but neither people behind one role nor different keys")
	flags.BoolVar(&f.strict, "strict", false, "select fewer: hold false findings down however the numbers depend on each other")
	flags.StringVar(&f.failOn, "fail-on", "high", "exit with 4 when there is a finding of this severity or above; none: never")
	return cmd
}

// parse makes a question of the command line.
func (f *anomaliesFlags) parse(args []string) (q anomalies.Question, format queries.Format, failOn schema.Severity, err error) {
	if format, err = queries.ParseTopFormat(f.format); err != nil {
		return q, "", 0, usagef("--format: %v", err)
	}
	if len(args) > 1 {
		return q, "", 0, usagef("%q and %q: only one table", args[0], args[1])
	}
	if len(args) == 1 {
		if q.Table = args[0]; q.Table == "" {
			return q, "", 0, usagef("the table's name is empty")
		}
	}
	if f.day != "" {
		if _, err := schema.ParseDay(f.day); err != nil {
			return q, "", 0, usagef("--day: %q is no day: write 2026-03-03", f.day)
		}
	}
	failOn = never
	if f.failOn != "none" {
		if failOn, err = schema.ParseSeverity(f.failOn); err != nil {
			return q, "", 0, usagef("--fail-on: %v, or none", err)
		}
	}
	if err := f.files(&q); err != nil {
		return q, "", 0, err
	}
	q.Day, q.Actor, q.Strict, q.HotKeys = f.day, f.actor, f.strict, f.hotKeys
	return q, format, failOn, nil
}

// never is above all severities.
const never = schema.SeverityCritical + 1

func (f *anomaliesFlags) files(q *anomalies.Question) error {
	if f.calendar != "" {
		text, err := os.ReadFile(f.calendar)
		if err != nil {
			return usagef("--calendar: %v", err)
		}
		if q.Calendar, err = anomalies.ParseCalendar(f.calendar, text); err != nil {
			return usagef("--calendar: %v", err)
		}
	}
	if f.policy != "" {
		text, err := os.ReadFile(f.policy)
		if err != nil {
			return usagef("--policy: %v", err)
		}
		if q.Policy, err = policy.Parse(f.policy, text); err != nil {
			return usagef("--policy: %v", err)
		}
	}
	var err error
	q.Policy, err = withCatalogue(q.Policy, f.catalogue)
	return err
}

func (f *anomaliesFlags) run(ctx context.Context, q anomalies.Question, format queries.Format, failOn schema.Severity, stdout, stderr io.Writer) error {
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	if q.Policy, err = withTagsOf(ctx, l, q.Policy, q.Day); err != nil {
		return err
	}
	var stop func()
	q.Progress, stop = showPartitions(stderr)
	if !f.countsOnly {
		q.History = func(ctx context.Context, day int32) (detect.History, error) {
			return profile.Open(ctx, l, day, profile.MaxDays, q.Progress)
		}
	}
	r, err := anomalies.Ask(ctx, l, q)
	stop()
	if err != nil {
		return err
	}
	if q.Table != "" && !r.HasTable {
		if err := hintNothing(ctx, l, queries.Who{Table: q.Table}, stderr); err != nil {
			return err
		}
	}
	style := anomalies.Style{Look: lookOf(stdout, time.UTC), All: f.all, Lake: f.lake}
	if err := anomalies.Render(stdout, r, format, style); err != nil {
		return err
	}
	if len(r.Findings) > 0 && r.Findings[0].Severity >= failOn { // the worst first
		return errFindings
	}
	return nil
}
