package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/sample"
)

func newSampleCmd() *cobra.Command {
	var o sample.Options
	var start, policy, trails string
	cmd := &cobra.Command{
		Use:   "sample --out DIR --events N [--days N] [--policy-out FILE] [--trails-out FILE]",
		Short: "Write made-up CloudTrail objects to try keytrail on",
		Long: `Writes CloudTrail objects as a trail bucket holds them: three days of three
accounts in three Regions, every kind of DynamoDB event, calls of other services
in between, two trails that deliver some records twice, objects that arrive after
midnight. An incident is hidden in them, on the second night or that of
--incident-day.

From 14 days on, with 200 events a day or more and the accounts' own tables, it
is ordinary life instead: everybody does about as much every day as on other days
of its kind, less on weekends; people sign in and work by day, somebody is on call
at night, there are deployments, backups, a nightly export, the end of the month.
Nothing in it is out of the ordinary but the incident. --policy-out writes who is
expected to do all that, for keytrail unexpected.

--trails-out writes what the accounts' trails log and how their bucket is set, as of just
before the first day: the answers that "keytrail setup check --save" keeps of an account.
Reports and detections take it from there by the calls in the log. Written alone, it
wants the same --days and --events as the sample it is for.

The same flags give the same files, on every machine. --days, --tables and
--per-object make shapes that a real bucket may have and three days of three
accounts do not: years, thousands of tables, objects all tiny or all large.`,
		Example: `  keytrail sample --out logs --events 20000
  keytrail sample --out logs --events 5000000 --seed 7 --start 2025-11-01
  keytrail sample --out month --events 50000 --days 30 --incident-day 20 --policy-out policy.yaml --trails-out trails.json
  keytrail sample --out month --events 50000 --days 30 --config --policy-out policy.yaml
  keytrail sample --out quiet --events 50000 --days 30 --no-incident
  keytrail sample --out tiny --events 900000 --days 1 --per-object 3
  keytrail sample --out wide --events 400000 --days 40 --tables 100`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("sample takes no arguments, only flags: what is %q?", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := time.Parse(time.DateOnly, start)
			if err != nil || day.Year() < 1971 {
				return usagef("--start %q is not a day: write it as %s", start, sample.FirstDay)
			}
			o.Start = day
			alone := o.Dir == "" && (policy != "" || trails != "")
			if !alone {
				if err := checkSample(&o, cmd.Flags().Changed("incident-day")); err != nil {
					return err
				}
			}
			undo, err := writeBeside(&o, policy, trails)
			if err != nil || alone {
				return err
			}
			sum, err := sample.Write(cmd.Context(), o)
			if err != nil {
				err = errors.Join(err, undo()) // so that the same command can be tried again
			}
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
	flags.IntVar(&o.Days, "days", 3, "how many days; from 14 on an ordinary month")
	flags.IntVar(&o.IncidentDay, "incident-day", 2, "in the night of which of the days the incident is")
	flags.BoolVar(&o.NoIncident, "no-incident", false, "leave the incident out")
	flags.StringVar(&policy, "policy-out", "", "write there, to a new file, who is expected to do what in an ordinary month; alone, or beside --out")
	flags.StringVar(&trails, "trails-out", "", "write there, to a new file, what the trails log when the first day begins; alone, or beside --out")
	flags.BoolVar(&o.Config, "config", false, "with snapshots and histories of AWS Config, which tell of the accounts' own tables")
	flags.IntVar(&o.Tables, "tables", 0, "so many tables take all ordinary calls, table-00001 and on ; 0: those of the accounts")
	flags.IntVar(&o.PerObject, "per-object", 0, "different records in one object, as far as five minutes of one Region have them; 0: mostly few, some many")
	flags.IntVar(&o.Workers, "jobs", 0, "objects written at a time (default: one per core)")
	return cmd
}

// checkSample says what is wrong with the flags.
func checkSample(o *sample.Options, incidentDay bool) error {
	switch {
	case o.Dir == "":
		return usagef("where to? Name a directory with --out")
	case o.Events < 1:
		return usagef("how many events? Say --events 20000, or at least 1")
	case o.Days < 1 || o.Days > sample.MaxDays:
		return usagef("--days %d: a sample has 1 to %d days", o.Days, sample.MaxDays)
	case o.Tables < 0 || o.Tables > sample.MaxTables:
		return usagef("--tables %d: a sample has 0 (the accounts' own) to %d tables", o.Tables, sample.MaxTables)
	case o.PerObject < 0:
		return usagef("--per-object %d is no number of records", o.PerObject)
	case incidentDay && o.NoIncident:
		return usagef("--incident-day and --no-incident: is there to be an incident?")
	case incidentDay && (o.IncidentDay < 1 || o.IncidentDay > o.Days):
		return usagef("--incident-day %d: the sample has days 1 to %d", o.IncidentDay, o.Days)
	case !incidentDay:
		o.IncidentDay = 0 // of a sample of one day, there is none
	}
	return nil
}

// writeBeside writes the files that go beside a sample, or alone; empty names are of none.
// undo takes away what was written.
func writeBeside(o *sample.Options, policy, trails string) (undo func() error, err error) {
	var written []string
	undo = func() (err error) {
		for _, path := range written {
			err = errors.Join(err, os.Remove(path))
		}
		return err
	}
	for _, file := range []struct {
		flag, path string
		content    func() []byte
	}{
		{"policy", policy, func() []byte { return []byte(sample.Policy(o.Start)) }},
		{"trails", trails, func() []byte { return sample.Trails(*o) }},
	} {
		if file.path == "" {
			continue
		}
		if err := writeSampleFile(file.path, file.content()); errors.Is(err, os.ErrExist) {
			return nil, errors.Join(fmt.Errorf("%s is there already: no file is written over; choose another name for --%s-out", file.path, file.flag), undo())
		} else if err != nil {
			return nil, errors.Join(err, undo())
		}
		written = append(written, file.path)
	}
	return undo, nil
}

// writeSampleFile writes a file that is not there yet.
func writeSampleFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// printSample says what was written, and what to ask first.
func printSample(w io.Writer, dir string, sum sample.Summary) {
	fmt.Fprintf(w, "%s events in %s objects (%s) in %s: 3 accounts, 3 Regions, %s to %s; a second trail delivered %s of them again.\n",
		humanize.Comma(sum.Events), humanize.Comma(sum.Objects), humanize.Bytes(uint64(sum.Bytes)), dir, sum.Days[0], sum.Days[1], humanize.Comma(sum.Copies))
	fmt.Fprintf(w, "First question, after keytrail ingest %s --lake lake:  keytrail who %s --lake lake\n", dir, sample.Question)
}
