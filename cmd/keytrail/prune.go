package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/policy"
)

// pruneFlags are the command line of prune.
type pruneFlags struct {
	lake       string
	retention  string
	policy     string
	now        string
	operator   string
	versions   bool
	example    bool
	yes        bool
	json       bool
	breakLease bool
}

func newPruneCmd() *cobra.Command {
	var f pruneFlags
	cmd := &cobra.Command{
		Use:   "prune --lake LAKE --retention FILE",
		Short: "Remove the days that were kept long enough",
		Long: `Removes whole days of tables that are older than a file says they are kept, and what
lies beside them. Without --yes it only prints the plan: what goes of each table and
why, what a legal hold keeps and whose, and what each regulation asks for beside what
the file says.

The file (--example prints one) gives limits by table, by class of table, which the
policy (--policy) knows, and for everything else; what it does not name is kept for
good, as the ledger and the journal are. Limits count event days back from today.

Before a file goes, the journal says what it was (rows, SHA-256), why it goes and who
did it: verify tells what was pruned from what was lost. The lake keeps the horizon
(_keytrail/retention.json), so that late objects do not bring the days back: rows
below it drop out at ingest, and are counted. Longer limits later do not lower it.

A bucket with versioning keeps what was removed as noncurrent versions: --versions
removes those too, for good. The trail's own objects have a lifecycle of their own.

Killed in the middle, run it again.`,
		Example: `  keytrail prune --example > retention.yaml
  keytrail prune --lake ./lake --retention retention.yaml --policy policy.yaml
  keytrail prune --lake s3://my-audit-lake --retention retention.yaml --policy policy.yaml --operator jane --yes`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("prune takes no %q: name the lake with --lake, and tables in the retention file", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.example {
				_, err := io.WriteString(cmd.OutOrStdout(), retention.Example)
				return err
			}
			return runPrune(cmd.Context(), f, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake: a directory or s3://bucket/prefix")
	flags.StringVar(&f.retention, "retention", "", "file that says how long what is kept")
	flags.StringVar(&f.policy, "policy", "", "policy, for the classes and frameworks of tables")
	flags.StringVar(&f.now, "now", "", "count back from this day, YYYY-MM-DD (default: today, UTC); not from a later one")
	flags.StringVar(&f.operator, "operator", "", "who does this, for the journal")
	flags.BoolVar(&f.versions, "versions", false, "remove the noncurrent versions of what was removed from a bucket with versioning")
	flags.BoolVar(&f.example, "example", false, "print a retention file with all there is to say")
	flags.BoolVar(&f.yes, "yes", false, "do it; what is removed cannot be brought back")
	flags.BoolVar(&f.json, "json", false, "print the summary as one JSON object")
	flags.BoolVar(&f.breakLease, "break-lease", false, "take over the lease of a run that is certainly dead")
	return cmd
}

func runPrune(ctx context.Context, f pruneFlags, stdout io.Writer) error {
	if f.retention == "" {
		return usagef("--retention: how long is what kept? Name a file; --example prints one")
	}
	limits, opts, err := readRetention(f.retention, f.policy, f.now, time.Now())
	if err != nil {
		return err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	told := pruned{Lake: l.URL()}
	if f.yes {
		eng := engine.Engine{Lake: l, Jobs: runtime.GOMAXPROCS(0), Lease: lake.LeaseOptions{Break: f.breakLease}}
		var done *retention.Done
		if done, err = retention.Prune(ctx, &eng, limits, opts, f.operator); err == nil {
			told.Plan, told.Journal, told.Done = done.Plan, &done.Journal, true
		}
	} else {
		told.Plan, err = retention.Look(ctx, l, limits, opts)
	}
	if err != nil {
		return err
	}
	if told.older, err = olderVersions(ctx, l, told.Plan.Prefixes(), func(c lake.Cause) bool { return c.Kind == lake.Retention }, f.yes && f.versions); err != nil {
		return err
	}
	if f.json {
		return writeJSON(stdout, told)
	}
	_, err = io.WriteString(stdout, told.String())
	return err
}

// readRetention reads how long what is kept, and what the policy says of tables.
func readRetention(file, policyFile, day string, now time.Time) (*retention.File, retention.Options, error) {
	opts := retention.Options{Now: now, Glob: policy.Glob}
	if day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, opts, usagef("--now: %q is not a day: write it as 2026-03-31", day)
		}
		if at.After(now) {
			return nil, opts, usagef("--now %s is still to come: what is not old yet would be removed", day)
		}
		opts.Now = at
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, opts, err
	}
	limits, err := retention.Parse(file, data)
	if err != nil {
		return nil, opts, err
	}
	if policyFile == "" {
		if len(limits.Classes) > 0 {
			return nil, opts, usagef("%s has limits for classes of tables: --policy says which table is of which", file)
		}
		return limits, opts, nil
	}
	text, err := readPolicyFile(policyFile)
	if err != nil {
		return nil, opts, err
	}
	says, err := policy.Parse(policyFile, text)
	if err != nil {
		return nil, opts, err
	}
	opts.Class = classes(says)
	return limits, opts, nil
}

// prune removes what was kept long enough, as of the night.
func (n *night) prune(ctx context.Context) (string, error) {
	opts := retention.Options{Now: n.asOf, Glob: policy.Glob}
	if n.files.policy != nil {
		opts.Class = classes(n.files.policy)
	}
	eng := engine.Engine{Lake: n.lake, Jobs: runtime.GOMAXPROCS(0), TempDir: n.config.TempDir}
	done, err := retention.Prune(ctx, &eng, n.files.retention, opts, "nightly")
	if err != nil {
		return "", err
	}
	if done.Nothing() {
		return "", nightly.ErrNothing
	}
	return fmt.Sprintf("%s of %s removed, %s held", count(done.Rows, "row"), count(done.Partitions, "table-day"), count(done.HeldDays, "table-day")), nil
}

// classes are what the policy says of tables.
func classes(p *policy.Policy) func(arn string) (class string, frameworks []string) {
	return func(arn string) (string, []string) {
		t := p.TableOf(arn)
		return t.Class, t.Frameworks
	}
}
