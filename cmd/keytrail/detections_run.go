package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

func newDetectionsRunCmd() *cobra.Command {
	var f judgeFlags
	var failOn string
	cmd := &cobra.Command{
		Use:   "run --lake LAKE",
		Short: "Judge a day by all detections",
		Long: `Judges one event day: every touch of it is shown to all detections, with what the
policy says of it and what the lake knows of the 90 days before. What the lake knows
of a day is worked out once and kept in it.

Findings come worst first, each with who, what, when, from where, why, an id that is
the same whenever the same rows are judged again, and a call to look up. Calls that
are about the same are one finding; ten principals or more at one table are one, too,
unless it is critical, and a detection makes 500 findings of a day at most, the worst.

The last lines say what could not be judged and why. Nothing found is good news only of
what was evaluated.

--format json is one object with findings, states and counts; jsonl and csv are the
findings alone.

Exit status is 4 when there is a finding at or above --fail-on; dry runs do not count.`,
		Example: `  keytrail detections run --lake ./lake
  keytrail detections run --lake ./lake --day 2026-03-03 --policy policy.yaml --settings settings.yaml
  keytrail detections run --lake s3://my-audit-lake --format jsonl --fail-on never | jq .explain`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format, err := queries.ParseTopFormat(f.format)
			if err != nil {
				return usagef("--format: %v", err)
			}
			limit, err := parseFailOn(failOn)
			if err != nil {
				return err
			}
			if f.lake == "" {
				return errNoLake
			}
			settings, err := readSettings(f.settings)
			if err != nil {
				return err
			}
			judgment, err := f.judge(cmd.Context(), settings, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if err := judgment.Render(out, format, lookOf(out, time.UTC)); err != nil {
				return err
			}
			return alarming(judgment, limit)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&failOn, "fail-on", schema.SeverityHigh.String(), "least severity that makes the exit status 4: info, low, medium, high, critical; any, or never")
	return cmd
}

func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%q is one word too many", args[0])
	}
	return nil
}

// alarming is [errFindings] where a finding that is no dry run is as bad as that.
func alarming(j *detect.Judgment, limit schema.Severity) error {
	for i := range j.Findings {
		if f := &j.Findings[i]; limit != 0 && f.Severity >= limit && !f.DryRun {
			return errFindings
		}
	}
	return nil
}
