package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/policy"
)

// judgeFlags say by what a day is judged.
type judgeFlags struct {
	lake, day, policy, catalogue, settings, format string
}

func (f *judgeFlags) register(cmd *cobra.Command) {
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to judge: a directory or s3://bucket/prefix")
	flags.StringVar(&f.day, "day", "", "the event day, YYYY-MM-DD (default: the last one that the lake has)")
	flags.StringVar(&f.policy, "policy", "", "file that says who is expected to do what")
	addCatalogueFlag(flags, &f.catalogue)
	flags.StringVar(&f.settings, "settings", "", "file with modes, severities and params; \"keytrail detections init\" writes one")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
}

func newDetectionsCmd() *cobra.Command {
	var f judgeFlags
	cmd := &cobra.Command{
		Use:   "detections",
		Short: "What is looked for in a day, and what was found",
		Long: `Detections look for what should not happen to tables: data carried off or destroyed,
protection switched off, tables opened to strangers, identities used as they never
were, the log itself blinded, changes that nobody expected.

Alone it lists them. With --lake it judges a day, too, and says of each detection
whether the day could be judged by it: one that lacks the events, the history or the
settings that it needs is "not evaluated", which is not the same as "nothing found".

Begin so:
  1. keytrail detections --lake LAKE          what can be evaluated, and what is missing
  2. keytrail detections init > settings.yaml take away the "#" from what you change
  3. keytrail detections run --lake LAKE --settings settings.yaml --policy policy.yaml
In the first weeks have "defaults: {mode: dry_run}": findings are counted and do not alarm.`,
		Example: `  keytrail detections
  keytrail detections --lake ./lake --policy policy.yaml
  keytrail detections explain DDB-AUD-002
  keytrail detections run --lake s3://my-audit-lake --day 2026-03-03 --format jsonl`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no %q under detections: take run, explain or init", args[0])
			}
			return runDetectionsList(cmd, &f)
		},
	}
	f.register(cmd)
	cmd.AddCommand(newDetectionsRunCmd(), newDetectionsExplainCmd(), newDetectionsInitCmd())
	return cmd
}

func runDetectionsList(cmd *cobra.Command, f *judgeFlags) error {
	format, err := queries.ParseTopFormat(f.format)
	if err != nil {
		return usagef("--format: %v", err)
	}
	settings, err := readSettings(f.settings)
	if err != nil {
		return err
	}
	var states []detect.State
	if f.lake != "" {
		judgment, err := f.judge(cmd.Context(), settings, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		states = judgment.States
	} else if f.day != "" || f.policy != "" {
		return usagef("--day and --policy go with --lake")
	}
	out := cmd.OutOrStdout()
	return detect.RenderList(out, detect.List(settings, states), format, lookOf(out, time.UTC))
}

// judge judges the day that was asked for.
func (f *judgeFlags) judge(ctx context.Context, settings map[string]detect.Setting, stderr io.Writer) (*detect.Judgment, error) {
	var expected *policy.Policy
	if f.policy != "" {
		text, err := os.ReadFile(f.policy)
		if err == nil {
			expected, err = policy.Parse(f.policy, text)
		}
		if err == nil {
			expected, err = withCatalogue(expected, f.catalogue)
		}
		if err != nil {
			return nil, err
		}
	} else if f.catalogue != "" {
		return nil, usagef("--catalogue goes with --policy, which says who is expected to do what to its tables")
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return nil, err
	}
	day := f.day
	if day == "" {
		if day, err = lastDay(ctx, l); err != nil {
			return nil, err
		}
	}
	if expected, err = withTagsOf(ctx, l, expected, day); err != nil {
		return nil, err
	}
	history, err := openHistory(ctx, l, day, stderr)
	if err != nil {
		return nil, err
	}
	progress, stop := showRows(stderr)
	defer stop()
	return detect.Judge(ctx, l, detect.JudgeOptions{Day: day, Policy: expected, Settings: settings, History: history, Progress: progress})
}

// lastDay is the last event day that a lake has.
func lastDay(ctx context.Context, l *lake.Lake) (day string, err error) {
	err = l.TouchFiles(ctx, "", "", "", func(f lake.TouchFile) error {
		day = max(day, f.Partition.DayString())
		return nil
	})
	if err == nil && day == "" {
		err = usagef("the lake has no touches: fill it with \"keytrail ingest\", or name a --day")
	}
	return day, err
}

// readSettings reads a file of settings; without a name there are none.
func readSettings(path string) (map[string]detect.Setting, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return detect.ParseSettings(path, text)
}

// findDetection finds a detection by its id, which may lack DDB- and be in small letters.
func findDetection(id string) (*detect.Detection, error) {
	name := strings.ToUpper(id)
	at := slices.IndexFunc(detect.Catalogue, func(d detect.Detection) bool { return d.ID == name || d.ID == "DDB-"+name })
	if at < 0 {
		return nil, usagef("there is no detection %q%s; \"keytrail detections\" lists them", id, detect.Nearest(id))
	}
	return &detect.Catalogue[at], nil
}
