package main

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/queries"
)

// diffLimit is how many changes of each kind a table shows unless told otherwise.
const diffLimit = 10

// diffFlags are the command line of diff.
type diffFlags struct {
	lake, before, after, format string
	detail                      bool
	factor, minRate             float64
	limit                       int
	memory                      byteSize
}

func newDiffCmd() *cobra.Command {
	f := diffFlags{memory: queries.DefaultTopMemory}
	cmd := &cobra.Command{
		Use:   "diff --before SPAN --after SPAN [TABLE] --lake LAKE",
		Short: "What changed between two times in who touches what",
		Long: fmt.Sprintf(`Compares two spans of time and tells what changed in who touches what: actors and
tables that are new or vanished, operations that known actors did not do before or do
no more, calls that are denied and were not, and rates that went up or down. Each with
its counts, when it was seen, an event to look up and a "keytrail who" line to paste.

A SPAN is a day, FROM..TO with both days (or times) included, or an age: 7d is the last
seven days, 14d..7d the seven before them. All times are UTC. The two need not be
equally long, since rates are compared, touches per day; they must not overlap.

The rules:
  new         touches in the later span and none in the earlier one
  vanished    none in the later span, where at the earlier rate there had been %d
  denied      in the later span, and never in the earlier one although tried
  more, less  at least --factor times as many or few a day, and in the busier span
              --min-rate or more a day, and as many in all
What is told of an actor or a table as a whole is not told of each operation again.
With TABLE an actor is new when it is new to that table. An actor is a role, a user or
a service: a new person behind a known role is found with --detail, and so are networks
(/24, /48, VPC endpoint, service) and programs that an actor never came with before,
unless it had more than %d of them.

Days of which the lake has nothing are named, and rates leave them out: a day without
rows was quiet, or it was not ingested. So is what lies outside of the lake.

Exit status is 0 whatever is found.`, queries.MinExpected, queries.MaxKnownSigns),
		Example: `  keytrail diff --before 14d..7d --after 7d --lake ./lake
  keytrail diff --before 2026-03-02 --after 2026-03-03 customers --detail --lake ./lake
  keytrail diff --before 2026-02-01..2026-02-28 --after 2026-03-01 --format jsonl --lake s3://my-audit-lake`,
		RunE: func(cmd *cobra.Command, args []string) error {
			diff, format, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			debug.SetMemoryLimit(int64(f.memory))
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			var stop func()
			diff.Progress, stop = showPartitions(cmd.ErrOrStderr())
			changes, err := queries.AskDiff(cmd.Context(), l, diff)
			stop()
			if err != nil {
				return err
			}
			if changes.Empty() {
				if err := hintNothing(cmd.Context(), l, queries.Who{Table: diff.Table}, cmd.ErrOrStderr()); err != nil {
					return err
				}
			}
			return queries.RenderDiff(cmd.OutOrStdout(), changes, format, lookOf(cmd.OutOrStdout(), time.UTC).Width)
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.before, "before", "", "the earlier span: 2026-03-02, 2026-03-02..2026-03-08, or 14d..7d")
	flags.StringVar(&f.after, "after", "", "the later span")
	flags.BoolVar(&f.detail, "detail", false, "read all touches of both spans: finds new people, networks and programs of known actors")
	flags.Float64Var(&f.factor, "factor", queries.DefaultFactor, "a rate changed when it is so many times as high or low")
	flags.Float64Var(&f.minRate, "min-rate", queries.DefaultMinRate, "and so many touches a day where it is higher")
	flags.IntVar(&f.limit, "limit", -1, fmt.Sprintf("changes of each kind to tell; 0 is all (default: %d in a table, else all)", diffLimit))
	flags.Lookup("limit").DefValue = "0" // it is told in words
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	flags.Var(&f.memory, "memory", "memory for counting")
	return cmd
}

// parse makes a question of the command line.
func (f *diffFlags) parse(args []string, now time.Time) (d queries.Diff, format queries.Format, err error) {
	if format, err = queries.ParseTopFormat(f.format); err != nil {
		return d, "", usagef("--format: %v", err)
	}
	switch {
	case len(args) > 1:
		return d, "", usagef("%q and %q: only one table", args[0], args[1])
	case f.before == "" || f.after == "":
		return d, "", usagef("what with what? Name two spans, such as --before 14d..7d --after 7d")
	case f.factor <= 1 || f.factor > 1e9:
		return d, "", usagef("--factor must be more than 1")
	case f.minRate <= 0 || f.minRate > 1e18:
		return d, "", usagef("--min-rate must be more than 0")
	case f.memory < minTopMemory:
		return d, "", usagef("--memory must be at least %s", humanize.IBytes(minTopMemory))
	}
	if d.Before, err = queries.ParseSpan(f.before, now); err != nil {
		return d, "", usagef("--before: %v", err)
	}
	if d.After, err = queries.ParseSpan(f.after, now); err != nil {
		return d, "", usagef("--after: %v", err)
	}
	if d.After.From < d.Before.To {
		return d, "", usagef("--before %s must end before --after %s begins", f.before, f.after)
	}
	if len(args) == 1 {
		if d.Table = args[0]; d.Table == "" {
			return d, "", usagef("the table's name is empty")
		}
	}
	if d.Limit = f.limit; d.Limit < 0 {
		if d.Limit = 0; format == queries.Table {
			d.Limit = diffLimit
		}
	}
	d.Detail, d.Factor, d.MinRate, d.Memory, d.Lake = f.detail, f.factor, f.minRate, int64(f.memory), f.lake
	return d, format, nil
}
