package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// topFlags are the command line of top.
type topFlags struct {
	lake, actor, from, to, format, by, member string
	values, ops, outcomes                     []string
	detail                                    bool
	limit                                     int
	memory                                    byteSize
	keys                                      secretFlags
}

func newTopCmd() *cobra.Command {
	f := topFlags{memory: queries.DefaultTopMemory}
	cmd := &cobra.Command{
		Use:   "top keys|partition-keys|actors|tables|operations|errors|agents [TABLE] [name=value ...] --lake LAKE",
		Short: "What there is most of: hot keys, busy actors and tables, errors",
		Long: `Ranks what the lake holds: which items and partition keys are hot, who is busiest,
which tables, classes of operation, errors and user agents there are most of.

  keys            items, by table and key
  partition-keys  values of the partition key: the items under it and Queries of it
  actors          roles, users and services
  tables          by ARN: one name may be a table in several accounts and Regions
  operations      classes such as READ_POINT, WRITE_ITEM
  errors          error codes of calls that were denied or failed
  agents          what user agents begin with: SDK and version, or the browser

A touch is one item that a call reached, an event is one call: a batch of eight keys
is eight touches and one event. Rankings are by touches, or --by events; an event
then counts once in each row that it has touches of, so shares add up to more than
all. Calls that were denied or failed are counted like others; --outcome ok leaves
them out. TABLE, name=value and a key as JSON choose touches as in "keytrail who".

READ/WRITE is the share of reads and of writes in percent, BULK that of Scans, SELECTs
without a key and exports. SUM is the share of a row and of those above it.

Which member of a key is the partition key no log says. It is the one that every Query
of the table names, or the only one there is; where there is no Query, name it with
--member. Reads of an index are not counted, since its partitions are others, nor is
what SELECT statements read. HOT marks a key that had 3,000 reads or 1,000 writes within
a second, as many as one partition of a table serves: CloudTrail has no item sizes, so
a key may be hot with fewer. Throttled calls may not all be logged.

Numbers are exact. Should there be more different keys than --memory can count, those
that may be among the most are kept and counted again one by one: what is shown is
exact then, too, and what might be missing is said.

actors, tables and operations come from hourly counts, at once, unless there are
conditions that those do not have; --detail reads the touches for more to tell.

--format json is one object, with what holds for the whole and the list "rows"; jsonl
and csv are the rows alone. What is not known is null.`,
		Example: `  keytrail top keys orders --from 7d --lake ./lake
  keytrail top partition-keys --op WRITE_ITEM --lake ./lake
  keytrail top actors customers --detail --from 2026-03-01 --to 2026-03-07 --lake ./lake
  keytrail top actors orders 'pk=customer#1042' --lake ./lake
  keytrail top errors --by events --from 24h --format json --lake s3://my-audit-lake`,
		RunE: func(cmd *cobra.Command, args []string) error {
			top, format, err := f.parseTop(args, time.Now())
			if err != nil {
				return err
			}
			debug.SetMemoryLimit(int64(f.memory))
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			if top.Where.Keyring, err = f.keys.keyring(cmd.Context(), l); err != nil {
				return err
			}
			return runTop(cmd.Context(), l, top, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	f.keys.register(flags)
	flags.StringVar(&f.from, "from", "", "not before this time: a day, \"2026-03-03 03:12\" (UTC), or an age such as 24h or 7d")
	flags.StringVar(&f.to, "to", "", "not after this time; a day, minute or second is included")
	flags.StringVar(&f.actor, "actor", "", "only actors whose id or name matches: * and ? stand for any text, any character")
	flags.StringSliceVar(&f.ops, "op", nil, "only this class of operation, such as READ_POINT, WRITE_ITEM or DELETE_ITEM (may be repeated)")
	flags.StringSliceVar(&f.outcomes, "outcome", nil, "only calls that ended so: ok, denied or failed (may be repeated)")
	flags.StringArrayVar(&f.values, "value", nil, "only items with this key value, under any name (may be repeated)")
	flags.StringVar(&f.by, "by", "touches", "touches or events")
	flags.BoolVar(&f.detail, "detail", false, "read the touches even where hourly counts have the order: adds names, keys, throttles, times to the second")
	flags.StringVar(&f.member, "member", "", "name of the partition key, for partition-keys (default: found out)")
	flags.IntVar(&f.limit, "limit", queries.DefaultTopLimit, fmt.Sprintf("rows to show, 1 to %d", queries.MaxTopLimit))
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	flags.Var(&f.memory, "memory", "memory for counting")
	return cmd
}

// parseTop makes a question of the command line.
func (f *topFlags) parseTop(args []string, now time.Time) (t queries.Top, format queries.Format, err error) {
	if len(args) == 0 {
		return t, "", usagef("top of what? Name one of %v", queries.Subjects)
	}
	if t.Subject, err = queries.ParseSubject(args[0]); err != nil {
		return t, "", usagef("%v", err)
	}
	if format, err = queries.ParseTopFormat(f.format); err != nil {
		return t, "", usagef("--format: %v", err)
	}
	if t.Where, err = f.conditions(args[1:], now); err != nil {
		return t, "", err
	}
	switch {
	case f.by != "touches" && f.by != "events":
		return t, "", usagef("--by: %q is neither touches nor events", f.by)
	case f.limit < 1 || f.limit > queries.MaxTopLimit:
		return t, "", usagef("--limit must be 1 to %d", queries.MaxTopLimit)
	case f.member != "" && t.Subject != queries.TopPartitionKeys:
		return t, "", usagef("--member is for partition-keys; to choose items by their key write name=value")
	case f.memory < minTopMemory:
		return t, "", usagef("--memory must be at least %s", humanize.IBytes(minTopMemory))
	}
	if t.Outcomes, err = parseEach("--outcome", f.outcomes, queries.ParseOutcome); err != nil {
		return t, "", err
	}
	if t.Subject == queries.TopErrors && slices.Contains(t.Outcomes, schema.OutcomeOK) {
		return t, "", usagef("top errors is about calls that were denied or failed: leave --outcome ok out")
	}
	t.ByEvents, t.Detail, t.Member, t.Limit, t.Memory = f.by == "events", f.detail, f.member, f.limit, int64(f.memory)
	return t, format, nil
}

// conditions are what the command line asks of touches.
func (f *topFlags) conditions(args []string, now time.Time) (w queries.Who, err error) {
	for _, arg := range args {
		if err := addArgument(&w, arg); err != nil {
			return w, err
		}
	}
	if w.Ops, err = parseEach("--op", f.ops, queries.ParseOp); err != nil {
		return w, err
	}
	if err := addTimes(&w, f.from, f.to, now, time.UTC); err != nil {
		return w, err
	}
	w.Values, w.Actor = f.values, f.actor
	return w, nil
}

// minTopMemory leaves something to count with beside the program and what it reads.
const minTopMemory = 64 << 20

// runTop asks the lake and writes the ranking.
func runTop(ctx context.Context, l *lake.Lake, t queries.Top, format queries.Format, stdout, stderr io.Writer) error {
	var stop func()
	t.Progress, stop = showPartitions(stderr)
	ranking, err := queries.AskTop(ctx, l, t)
	stop()
	if err != nil {
		return err
	}
	if ranking.Empty() {
		if err := hintNothing(ctx, l, t.Where, stderr); err != nil {
			return err
		}
	}
	return queries.RenderTop(stdout, ranking, format, lookOf(stdout, time.UTC).Width)
}

// hintNothing says where something might be found instead.
func hintNothing(ctx context.Context, l *lake.Lake, w queries.Who, stderr io.Writer) error {
	held, err := queries.HoldingsFor(ctx, l, w)
	if err != nil {
		return err
	}
	w.CouldHave = true // the hint about it is not for here
	fmt.Fprintln(stderr, held.Hint(w))
	return nil
}

// showPartitions draws how many partitions have been read, if w is a terminal, until
// stop is called. What takes less than a second it does not draw.
func showPartitions(w io.Writer) (at func(done, all int), stop func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}
	}
	next, drawn := time.Now().Add(time.Second), false
	at = func(done, all int) {
		if now := time.Now(); now.After(next) {
			next, drawn = now.Add(200*time.Millisecond), true
			fmt.Fprintf(w, "\rreading: %s of %s files ", humanize.Comma(int64(done)), humanize.Comma(int64(all)))
		}
	}
	return at, func() {
		if drawn {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}
