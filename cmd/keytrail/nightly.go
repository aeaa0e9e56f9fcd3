package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/schema"
)

// nightlyFlags are the command line of nightly.
type nightlyFlags struct {
	config, asOf     string
	init, plan, json bool
}

func newNightlyCmd() *cobra.Command {
	var f nightlyFlags
	cmd := &cobra.Command{
		Use:   "nightly --config FILE",
		Short: "Ingest, verify, judge, alert and report: the one line in cron",
		Long: `Does what a night asks for, in order, by one configuration file: reads the new logs
into the lake, checks the lake, looks at every event day that is over for what should
not have happened, changes nobody expected and numbers unlike those before, tells
people once of what is new, and runs the commands that make reports.

The days that missed nights left are caught up in order, and a day that late records
have changed is judged again. A night may be repeated at any time: nobody is told
twice. A step that fails takes no other along that does not stand on it; those who
would hear of findings hear of the failure.

What a night did is printed on one page, kept in the lake (_keytrail/runs/), written
as metrics, and ends in a ping, so that a night that did not come to its end is
missed by somebody. Nothing is asked for on the terminal.

--init writes a configuration that explains itself. --plan says what would be judged
and reads nothing else. --as-of takes another time for now, for rehearsals: logs that
were delivered on later days are not read.`,
		Example: `  keytrail nightly --init > nightly.yaml
  keytrail nightly --config nightly.yaml --plan
  keytrail nightly --config nightly.yaml

  # In cron, at five past one, UTC:
  #   5 1 * * *  keytrail nightly --config /etc/keytrail/nightly.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("nightly takes no %q: all it is told stands in the configuration", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.init {
				_, err := io.WriteString(cmd.OutOrStdout(), nightly.Example)
				return err
			}
			return runNightly(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "what the night is to do: a YAML file")
	flags.BoolVar(&f.init, "init", false, "print a configuration with comments, to start from")
	flags.BoolVar(&f.plan, "plan", false, "say which days would be judged, and do nothing")
	flags.StringVar(&f.asOf, "as-of", "", "take this time for now: 2026-03-21T01:05:00Z")
	flags.BoolVar(&f.json, "json", false, "print the record of the run as one JSON object")
	return cmd
}

// runNightly does a night and returns the error that stands for its exit status.
func runNightly(ctx context.Context, f nightlyFlags, stdout, stderr io.Writer) error {
	n, err := newNight(ctx, f, stdout, stderr)
	if err != nil {
		return err
	}
	if f.plan {
		return n.printPlan(ctx)
	}
	n.record.Steps = nightly.Run(ctx, n.steps(), n.keep(ctx))
	n.record.Ended = time.Now().UTC()
	n.record.Status = n.status()
	err = n.end(ctx)
	if f.json {
		err = errors.Join(err, writeJSON(stdout, &n.record))
	} else {
		_, perr := io.WriteString(stdout, cleanLines(n.record.Summary()))
		err = errors.Join(err, perr)
	}
	switch {
	case err != nil:
		return err
	case errors.Is(context.Cause(ctx), errInterrupted):
		return errInterrupted
	case n.record.Status == exitFailed:
		return errors.New(strings.Join(nightly.Failures(n.record.Steps), "; "))
	case n.record.Status == exitFindings:
		return errFindings
	case n.record.Status == exitIncomplete:
		return errIncomplete
	}
	return nil
}

// cleanLines makes every line safe to print.
func cleanLines(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(oneLine(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return b.String()
}

// steps are a night, in order.
func (n *night) steps() []nightly.Step {
	steps := []nightly.Step{
		{Name: "ingest", Do: n.ingest},
		{Name: "digests", On: []string{"ingest"}, Do: n.digests},
		{Name: "verify", Do: n.verify},
		{Name: "plan", On: []string{"ingest"}, Do: n.planDays},
		{Name: "detections", On: []string{"plan"}, Do: n.eachDay(n.detect)},
		{Name: "unexpected", On: []string{"detections"}, Do: n.eachDay(n.unexpected)},
		{Name: "anomalies", On: []string{"detections"}, Do: n.eachDay(n.anomalies)},
		{Name: "findings", On: []string{"detections", "unexpected", "anomalies"}, Do: n.keepFindings},
		{Name: "alerts", Do: n.alert},
		{Name: "reports", On: []string{"findings"}, Do: n.reports},
	}
	if n.config.Retention != "" {
		verified := slices.IndexFunc(steps, func(s nightly.Step) bool { return s.Name == "verify" }) + 1
		steps = slices.Insert(steps, verified, nightly.Step{Name: "prune", On: []string{"ingest", "verify"}, Do: n.prune})
	}
	return steps
}

// newNight reads the configuration, the files that it names, and opens the lake: what
// is wrong there is told before anything is done.
func newNight(ctx context.Context, f nightlyFlags, stdout, stderr io.Writer) (*night, error) {
	if f.config == "" {
		return nil, usagef("which configuration? Name it with --config; --init writes one to start from")
	}
	data, err := os.ReadFile(f.config)
	if err != nil {
		return nil, err
	}
	n := &night{out: stdout, errs: stderr, asOf: time.Now().UTC()}
	if n.config, err = nightly.ParseConfig(f.config, data); err != nil {
		return nil, err
	}
	if f.asOf != "" {
		if n.asOf, err = time.Parse(time.RFC3339, f.asOf); err != nil {
			return nil, usagef("--as-of: %q is no time: write it as 2026-03-21T01:05:00Z", f.asOf)
		}
		n.asOf, n.rehearsal = n.asOf.UTC(), true // days are UTC's
	}
	if err := n.files.read(n.config); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	n.record = nightly.Record{
		Schema: "nightly/1", RunID: nightly.NewRunID(n.asOf), Tool: "keytrail " + version(), Lake: n.config.Lake,
		AsOf: n.asOf, Started: time.Now().UTC(), Config: hex.EncodeToString(sum[:]),
		Policy: n.files.policySum(), Settings: n.files.settingsSum, Days: []nightly.DayRecord{},
	}
	if f.plan {
		if err := n.config.Secrets(); err != nil {
			fmt.Fprintf(stderr, "keytrail: the night would not begin: %s\n", oneLine(err.Error()))
		}
		n.lake, err = openLake(ctx, n.config.Lake)
		return n, err
	}
	if f.json {
		n.out = stderr // stdout has the record, and nothing else
	}
	if err := n.openAll(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

// keep writes the record after every step, so that a run that is killed leaves behind
// how far it came. A record that cannot be written is told once.
func (n *night) keep(ctx context.Context) func([]nightly.StepRecord) {
	told := false
	return func(steps []nightly.StepRecord) {
		n.record.Steps = steps
		n.record.Days = n.dayRecords()
		if err := n.writeRecord(ctx); err != nil && !told {
			told = true
			fmt.Fprintf(n.errs, "keytrail: the record of the run: %s\n", oneLine(err.Error()))
		}
	}
}

func (n *night) writeRecord(ctx context.Context) error {
	data, err := json.MarshalIndent(&n.record, "", "  ")
	if err != nil {
		return err
	}
	return n.lake.RecordRun(context.WithoutCancel(ctx), n.record.RunID, append(data, '\n'))
}

// end is what follows the steps, whatever became of them: record, metrics, ping.
func (n *night) end(ctx context.Context) error {
	n.record.Days = n.dayRecords()
	err := n.writeRecord(ctx)
	m := &n.config.Metrics
	if m.Textfile != "" {
		err = errors.Join(err, n.record.WriteTextfile(m.Textfile))
	}
	if m.EMF != "" {
		err = errors.Join(err, n.writeEMF())
	}
	if err != nil {
		n.record.Status = exitFailed // which the ping tells
	}
	return errors.Join(err, n.ping(context.WithoutCancel(ctx)))
}

func (n *night) writeEMF() error {
	if n.config.Metrics.EMF == "-" {
		return n.record.WriteEMF(n.out, n.config.Metrics.Namespace)
	}
	f, err := os.OpenFile(n.config.Metrics.EMF, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(n.record.WriteEMF(f, n.config.Metrics.Namespace), f.Close())
}

// status is the run's exit status: the worst of what happened.
func (n *night) status() int {
	status := exitDone
	for _, s := range n.record.Steps {
		switch s.Outcome {
		case nightly.Failed:
			return exitFailed
		case nightly.Incomplete:
			status = exitIncomplete
		}
	}
	if least, ok := n.config.FailsOn(); ok && n.worst() >= least {
		return exitFindings
	}
	return status
}

// worst is the severity of the worst finding that this night tells.
func (n *night) worst() (worst schema.Severity) {
	for i := range n.told {
		worst = max(worst, n.told[i].Severity)
	}
	return worst
}

func (n *night) printPlan(ctx context.Context) error {
	plan, err := n.config.PlanDays(ctx, n.lake, n.asOf)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(n.out, "Judged again: %s\nJudged: %s\nLeft out: %s\n",
		listOf(plan.Again), listOf(plan.New), count(int64(plan.Skipped), "missed day"))
	return err
}

func listOf(days []string) string {
	if len(days) == 0 {
		return "no day"
	}
	return strings.Join(days, ", ")
}

var _ nightly.Lake = (*lake.Lake)(nil)
