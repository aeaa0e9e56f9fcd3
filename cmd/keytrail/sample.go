package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/sample"
)

func newSampleCmd() *cobra.Command {
	var o sample.Options
	var start string
	cmd := &cobra.Command{
		Use:   "sample --out DIR --events N",
		Short: "Write made-up CloudTrail objects to try keytrail on",
		Long: `Writes CloudTrail objects as a trail bucket holds them: three days of three
accounts in three Regions, every kind of DynamoDB event, calls of other services
in between, two trails that deliver some records twice, objects that arrive after
midnight. An incident is hidden in them.

The same flags give the same files, on every machine. --days, --tables and
--per-object make shapes that a real bucket may have and three days of three
accounts do not: years, thousands of tables, objects all tiny or all large.`,
		Example: `  keytrail sample --out logs --events 20000
  keytrail sample --out logs --events 5000000 --seed 7 --start 2025-11-01
  keytrail sample --out tiny --events 900000 --days 1 --per-object 3
  keytrail sample --out wide --events 400000 --days 40 --tables 100`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("sample takes no arguments, only flags: what is %q?", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.Dir == "":
				return usagef("where to? Name a directory with --out")
			case o.Events < 1:
				return usagef("how many events? Say --events 20000, or at least 1")
			}
			day, err := time.Parse(time.DateOnly, start)
			if err != nil || day.Year() < 1971 {
				return usagef("--start %q is not a day: write it as %s", start, sample.FirstDay)
			}
			switch {
			case o.Days < 1 || o.Days > sample.MaxDays:
				return usagef("--days %d: a sample has 1 to %d days", o.Days, sample.MaxDays)
			case o.Tables < 0 || o.Tables > sample.MaxTables:
				return usagef("--tables %d: a sample has 0 (the accounts' own) to %d tables", o.Tables, sample.MaxTables)
			case o.PerObject < 0:
				return usagef("--per-object %d is no number of records", o.PerObject)
			}
			o.Start = day
			sum, err := sample.Write(cmd.Context(), o)
			if errors.Is(err, sample.ErrNotEmpty) {
				return fmt.Errorf("%s is not empty: choose another directory, so that the sample is not mixed with other objects", o.Dir)
			}
			if err != nil {
				return err
			}
			printSample(cmd.OutOrStdout(), o.Dir, sum)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Dir, "out", "", "directory to write to: new or empty")
	flags.Int64Var(&o.Events, "events", 0, "how many different events; copies by a second trail come on top")
	flags.Uint64Var(&o.Seed, "seed", 1, "another seed gives other traffic around the same incident")
	flags.StringVar(&start, "start", sample.FirstDay, "the first of the days, YYYY-MM-DD")
	flags.IntVar(&o.Days, "days", 3, "how many days; the incident is on the second")
	flags.IntVar(&o.Tables, "tables", 0, "so many tables take all ordinary calls, table-00001 and on ; 0: those of the accounts")
	flags.IntVar(&o.PerObject, "per-object", 0, "different records in one object, as far as five minutes of one Region have them; 0: mostly few, some many")
	flags.IntVar(&o.Workers, "jobs", 0, "objects written at a time (default: one per core)")
	return cmd
}

// printSample says what was written, and what to ask first.
func printSample(w io.Writer, dir string, sum sample.Summary) {
	fmt.Fprintf(w, "%s events in %s objects (%s) in %s: 3 accounts, 3 Regions, %s to %s; a second trail delivered %s of them again.\n",
		humanize.Comma(sum.Events), humanize.Comma(sum.Objects), humanize.Bytes(uint64(sum.Bytes)), dir, sum.Days[0], sum.Days[1], humanize.Comma(sum.Copies))
	fmt.Fprintf(w, "First question, after keytrail ingest %s --lake lake:  keytrail who %s --lake lake\n", dir, sample.Question)
}
