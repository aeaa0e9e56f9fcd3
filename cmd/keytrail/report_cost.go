package main

import (
	"fmt"
	"math"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/cost"
)

const reportCostHelp = `Reports what the data events of DynamoDB tables cost: by table, caller and call, in a month
at the rate of the time looked at, and what a narrower choice of events would save, what
that would hide, and the selectors to paste.

CloudTrail asks by the event delivered, for every trail that delivers it. A call counts
once, whatever number of items it has. How many copies are delivered is taken from the
ledger (records in scope for each event of the lake), unless --copies says it.

Prices come with the program, dated, and are shown with the day; --prices gives others:

  as_of: 2026-11-01
  sources: [our agreement]
  regions:
    default: {data_events: 0.10, management_copies: 2.00, insights: 0.35, storage: 0.023, puts: 0.005}
    eu-central-1: {storage: 0.0245}

in US dollars per 100,000 events (the first three), GB and month, 1,000 requests. This is
an estimate by list prices, and no bill.`

const reportCostExamples = `  keytrail report cost --lake ./lake
  keytrail report cost --from 30d --lake s3://my-audit-lake --out cost.html --csv-out cost-csv
  keytrail report cost --prices prices.yaml --copies 2 --lake ./lake --json-out -`

// costFlags are the command line of report cost.
type costFlags struct {
	lake, prices, from, to string
	copies                 float64
	out                    reportOut
}

func newReportCostCmd() *cobra.Command {
	var f costFlags
	cmd := &cobra.Command{
		Use:     "cost --lake LAKE",
		Short:   "What data events cost, and what leaving some out would save and hide",
		Long:    reportCostHelp,
		Example: reportCostExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			var stop func()
			q.Progress, stop = showPartitions(cmd.ErrOrStderr())
			d, err := cost.Collect(cmd.Context(), l, *q)
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

func (f *costFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.prices, "prices", "", "a file of prices (default: those that come with the program)")
	flags.Float64Var(&f.copies, "copies", 0, "by how many trails each data event is delivered; 0: by the ledger")
	flags.StringVar(&f.from, "from", "", "not before this time: a day, \"2026-03-03 03:12\" (UTC), or an age such as 30d")
	flags.StringVar(&f.to, "to", "", "not after this time; a day, minute or second is included")
	f.out.register(flags)
}

// parse makes a question of the command line.
func (f *costFlags) parse(args []string, now time.Time) (*cost.Question, error) {
	if len(args) > 0 {
		return nil, usagef("report cost is about all tables: it takes no %q", args[0])
	}
	if f.copies < 0 || math.IsNaN(f.copies) || f.copies > 1000 {
		return nil, usagef("--copies wants how many trails deliver each event, such as 2")
	}
	var w queries.Who
	if err := addTimes(&w, f.from, f.to, now, time.UTC); err != nil {
		return nil, err
	}
	q := &cost.Question{From: w.From, To: w.To, Copies: f.copies, Tool: version(), Command: reportCommand("cost")}
	var err error
	if f.prices == "" {
		q.Prices, err = cost.BuiltIn()
		return q, err
	}
	data, err := os.ReadFile(f.prices)
	if err != nil {
		return nil, fmt.Errorf("--prices: %w", err)
	}
	q.Prices, err = cost.ParsePrices(f.prices, data)
	return q, err
}
