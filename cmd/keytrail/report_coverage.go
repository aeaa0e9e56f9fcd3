package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/coverage"
)

const reportCoverageHelp = `Reports which kinds of events of each table arrive, since when, on which days, and where
there are holes: management reads and writes, reads and writes of items, reads of streams,
uses of keys, denied calls. The worst covered tables come first.

Whether a day without data events was quiet, not logged, or lost is said only where the log
tells: from the settings of the trails, followed through the calls that changed them, and
from what was delivered. --trails FILE says what they were set to at the beginning: the
answers of the AWS command line, one after the other:

  (aws cloudtrail describe-trails; aws cloudtrail get-event-selectors --trail-name NAME) > trails.json

Without it much is "not known", which is neither good nor bad.

Tables whose items expire by time to live are named, for no log shows that. --policy FILE
says which tables need care, by itself or by their tags: those of them of which the lake has
nothing are listed, too.`

const reportCoverageExamples = `  keytrail report coverage --lake ./lake
  keytrail report coverage --trails trails.json --from 90d --lake s3://my-audit-lake --out coverage.html
  keytrail report coverage --policy policy.yaml --lake ./lake --csv-out coverage`

// coverageFlags are the command line of report coverage.
type coverageFlags struct {
	lake, trails, policy, from, to string
	out                            reportOut
}

func newReportCoverageCmd() *cobra.Command {
	var f coverageFlags
	cmd := &cobra.Command{
		Use:     "coverage --lake LAKE",
		Short:   "Which events of each table arrive, since when, and what is not logged",
		Long:    reportCoverageHelp,
		Example: reportCoverageExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			if q.Policy, err = readReportPolicy(f.policy, cmd.ErrOrStderr()); err != nil {
				return err
			}
			var stop func()
			q.Progress, stop = showPartitions(cmd.ErrOrStderr())
			d, err := coverage.Collect(cmd.Context(), l, *q)
			stop()
			if err != nil {
				return err
			}
			return f.out.write(d, cmd.OutOrStdout())
		},
	}
	addCacheFlags(cmd)
	f.register(cmd.Flags())
	return cmd
}

func (f *coverageFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.trails, "trails", "", "a file with the answers of DescribeTrails and GetEventSelectors")
	flags.StringVar(&f.policy, "policy", "", "the file that says which tables need care: those without any event are listed")
	flags.StringVar(&f.from, "from", "", "not before this day (UTC), or an age such as 90d (default: the lake's first)")
	flags.StringVar(&f.to, "to", "", "not after this day (default: the lake's last)")
	f.out.register(flags)
}

// parse makes a question of the command line.
func (f *coverageFlags) parse(args []string, now time.Time) (*coverage.Question, error) {
	if len(args) > 0 {
		return nil, usagef("report coverage is about all tables: it takes no %q", args[0])
	}
	var w queries.Who
	if err := addTimes(&w, f.from, f.to, now, time.UTC); err != nil {
		return nil, err
	}
	data, err := readTrails(f.trails)
	if err != nil {
		return nil, err
	}
	return &coverage.Question{From: w.From, To: w.To, Trails: data, Tool: version(), Command: reportCommand("coverage")}, nil
}
