package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/queries"
)

func newWhoCmd() *cobra.Command {
	var f whoFlags
	cmd := &cobra.Command{
		Use:     "who [TABLE] [name=value ...] --lake LAKE",
		Short:   "Who touched this item, or this table",
		Long:    whoHelp,
		Example: whoExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			ask, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			if ask.who.Keyring, err = f.keys.keyring(cmd.Context(), l); err != nil {
				return err
			}
			return ask.run(cmd.Context(), l, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	f.register(cmd.Flags())
	return cmd
}

// asked is a question, and how its answer is to be given.
type asked struct {
	who     queries.Who
	format  queries.Format
	zone    *time.Location
	quiet   bool // no word on stderr of what the lake may lack
	explain bool // but of how the answer was found
}

// run asks the lake and writes the answer.
func (q *asked) run(ctx context.Context, l *lake.Lake, stdout, stderr io.Writer) error {
	answer, err := q.answer(ctx, l)
	if err != nil {
		return err
	}
	if answer.Empty() {
		hint, err := emptyHint(ctx, l, answer)
		if err != nil {
			return err
		}
		fmt.Fprintln(stderr, hint)
	}
	if note := tokenNote(&q.who, answer); note != "" && !q.quiet {
		fmt.Fprintf(stderr, "keytrail: %s\n", note)
	}
	// Under a table the gaps are told with it.
	told := q.format == queries.Table && !answer.Empty()
	if answer.Gaps.Incomplete() && !told && !q.quiet {
		fmt.Fprintf(stderr, "keytrail: %s\n", answer.Gaps)
	}
	if answer.Empty() {
		answer.Gaps = nil
	}
	if err := followRole(ctx, l, answer, stderr); err != nil {
		return err
	}
	if err := queries.Render(stdout, answer, q.format, lookOf(stdout, q.zone)); err != nil || !q.explain {
		return err
	}
	_, err = io.WriteString(stderr, explain(l, &answer.Read))
	return err
}

// explain says how an answer was found, and what the lake's store was asked for.
func explain(l *lake.Lake, read *reader.Stats) string {
	if usage, ok := l.Usage(); ok {
		return read.Explain(&usage)
	}
	return read.Explain(nil)
}

// answer asks, and finds out meanwhile what the lake may lack.
func (q *asked) answer(ctx context.Context, l *lake.Lake) (*queries.Answer, error) {
	var coverage lake.Coverage
	var unknown error
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		coverage, unknown = l.Coverage(gctx)
		return nil
	})
	answer, err := queries.Ask(ctx, l, q.who, queries.Columns(q.who, q.format))
	if waitErr := g.Wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		return nil, err
	}
	if unknown != nil {
		answer.Gaps = queries.Gaps{{Kind: queries.GapLedger, What: "what the lake lacks could not be found out: " + oneLine(unknown.Error())}}
		return answer, nil
	}
	answer.Gaps = queries.GapsOf(&q.who, &coverage, answer.Areas())
	return answer, nil
}

// emptyHint says to somebody who found nothing where to look.
func emptyHint(ctx context.Context, l *lake.Lake, a *queries.Answer) (string, error) {
	w := a.Question
	held, err := a.Holdings(ctx, l)
	if err == nil && w.Table != "" && len(w.Key) > 0 {
		err = held.FindKeyNames(ctx, l, w.Table)
	}
	if err != nil {
		return "", err
	}
	return held.Hint(w), nil
}
