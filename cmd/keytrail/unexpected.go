package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

func newUnexpectedCmd() *cobra.Command {
	var f unexpectedFlags
	cmd := &cobra.Command{
		Use:     "unexpected [TABLE] --policy FILE --lake LAKE",
		Short:   "Changes that nobody expected, by a file that says who may do what",
		Long:    unexpectedHelp,
		Example: unexpectedExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			ask, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
			if f.check != "" {
				return checkPolicy(f.check, f.strict, stdout)
			}
			if ask.question.Policy, err = f.readPolicy(stderr); err != nil {
				return err
			}
			if ask.question.Policy != nil {
				ask.question.Policy, err = withCatalogue(ask.question.Policy, f.catalogue)
			} else if f.catalogue != "" {
				err = usagef("--catalogue goes with --policy, which says who is expected to do what to its tables")
			}
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			if ask.question.From == 0 && ask.question.To == 0 {
				ask.question.Policy, err = withTagsOf(cmd.Context(), l, ask.question.Policy, "")
			} else {
				ask.question.Policy, err = withTags(cmd.Context(), l, ask.question.Policy, ask.question.From, ask.question.To)
			}
			if err != nil {
				return err
			}
			var stop func()
			ask.question.Progress, stop = showPartitions(stderr)
			switch {
			case f.learn > 0:
				return ask.learn(cmd.Context(), l, f.learn, stop, stdout, stderr)
			case f.explain != "":
				return ask.explain(cmd.Context(), l, f.explain, stop, stdout)
			}
			return ask.run(cmd.Context(), l, stop, stdout, stderr)
		},
	}
	addCacheFlags(cmd)
	f.register(cmd.Flags())
	return cmd
}

// askUnexpected is a question, and how its answer is to be given.
type askUnexpected struct {
	question unexpected.Question
	view     unexpected.View
	now      time.Time
	failOn   schema.Severity // 0: exit status 4 for none
	quiet    bool
}

// run asks the lake and writes the answer. It is errFindings where there is any that is
// bad enough.
func (q *askUnexpected) run(ctx context.Context, l *lake.Lake, stop func(), stdout, stderr io.Writer) error {
	answer, err := unexpected.Ask(ctx, l, q.question)
	stop()
	if err != nil {
		return err
	}
	if answer.Judged == 0 {
		if err := hintNothing(ctx, l, queries.Who{Table: q.question.Table}, stderr); err != nil {
			return err
		}
	}
	span := queries.Who{From: answer.Span.From, To: answer.Span.To}
	coverage, err := l.Coverage(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		answer.Gaps = queries.Gaps{{Kind: queries.GapLedger, What: "what the lake lacks could not be found out: " + oneLine(err.Error())}}
	default:
		answer.Gaps = queries.GapsOf(&span, &coverage, answer.Areas())
	}
	if answer.Gaps.Incomplete() && q.view.Format != queries.Table && !q.quiet {
		fmt.Fprintf(stderr, "keytrail: %s\n", answer.Gaps)
	}
	q.view.Look = lookOf(stdout, time.UTC)
	if err := unexpected.Render(stdout, answer, q.view); err != nil {
		return err
	}
	if worst := answer.Worst(); q.failOn != 0 && worst >= q.failOn {
		return errFindings
	}
	return nil
}

// explain says of one event what each rule has to say of it.
func (q *askUnexpected) explain(ctx context.Context, l *lake.Lake, event string, stop func(), stdout io.Writer) error {
	found, err := unexpected.Explain(ctx, l, q.question, event)
	stop()
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("the lake has no event %s%s; ids are whole, as in the column event_id", event, q.within())
	}
	q.view.Look = lookOf(stdout, time.UTC)
	return unexpected.RenderExplained(stdout, found, q.view)
}

func (q *askUnexpected) within() string {
	if q.question.From == 0 && q.question.To == 0 && q.question.Table == "" {
		return ""
	}
	return " in the table or time asked for"
}
