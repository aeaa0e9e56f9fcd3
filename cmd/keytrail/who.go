package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
)

// tableLimit is how many rows a table shows unless told otherwise.
const tableLimit = 1000

// whoFlags are the command line of who.
type whoFlags struct {
	lake, actor, from, to, format string
	values, ops                   []string
	couldHave                     bool
	limit                         int
}

func newWhoCmd() *cobra.Command {
	var f whoFlags
	cmd := &cobra.Command{
		Use:   "who [TABLE] [name=value ...] --lake LAKE",
		Short: "Who touched this item, or this table",
		Long: `Lists the touches of an item, newest last: when, who, what, which item, which
attributes, with what outcome and from where.

TABLE is a table's name or ARN. Each name=value is a member of the item's key;
all must match. --value finds a key value under any name in any table.

Scans, queries, exports and reads of the stream name no item, but may have shown
it: --could-have lists them in a section of their own.

Times are UTC: a day, "2026-03-03 03:12", 2026-03-03T03:12:07Z, or an age such as
24h or 7d. --to includes the day, minute or second it names.`,
		Example: `  keytrail who customers 'pk=customer#1042' --lake ./lake
  keytrail who customers 'pk=customer#1042' sk=profile --could-have --lake ./lake
  keytrail who --value 42 --lake s3://my-audit-lake --format jsonl
  keytrail who orders --op DELETE_ITEM --actor '*@example.com' --from 7d --lake ./lake`,
		RunE: func(cmd *cobra.Command, args []string) error {
			who, format, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			return runWho(cmd.Context(), l, who, format, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringArrayVar(&f.values, "value", nil, "a value of the item's key, under any name (may be repeated)")
	flags.StringVar(&f.actor, "actor", "", "only actors whose id or name matches: * and ? stand for any text, any character")
	flags.StringSliceVar(&f.ops, "op", nil, "only this class of operation, such as READ_POINT, WRITE_ITEM or DELETE_ITEM (may be repeated)")
	flags.StringVar(&f.from, "from", "", "not before this time")
	flags.StringVar(&f.to, "to", "", "not after this time")
	flags.BoolVar(&f.couldHave, "could-have", false, "list calls that may have shown the item, too")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl, csv or arrow")
	flags.IntVar(&f.limit, "limit", -1, fmt.Sprintf("only the newest so many; 0 is all (default: %d in a table, else all)", tableLimit))
	return cmd
}

// parse makes a question of the command line.
func (f *whoFlags) parse(args []string, now time.Time) (w queries.Who, format queries.Format, err error) {
	if format, err = queries.ParseFormat(f.format); err != nil {
		return w, "", usagef("--format: %v", err)
	}
	for _, arg := range args {
		name, value, isMember := strings.Cut(arg, "=")
		switch {
		case isMember && name == "":
			return w, "", usagef("%q names no key member: write name=value", arg)
		case isMember:
			w.Key = append(w.Key, queries.Member{Name: name, Value: value})
		case w.Table != "":
			return w, "", usagef("%q and %q: only one table, and key members as name=value", w.Table, arg)
		case arg == "":
			return w, "", usagef("the table's name is empty")
		default:
			w.Table = arg
		}
	}
	for _, s := range f.ops {
		op, err := queries.ParseOp(s)
		if err != nil {
			return w, "", usagef("--op: %v", err)
		}
		w.Ops = append(w.Ops, op)
	}
	if f.from != "" {
		if w.From, _, err = queries.ParseTime(f.from, now); err != nil {
			return w, "", usagef("--from: %v", err)
		}
	}
	if f.to != "" {
		if _, w.To, err = queries.ParseTime(f.to, now); err != nil {
			return w, "", usagef("--to: %v", err)
		}
	}
	w.Values, w.Actor, w.CouldHave, w.Limit = f.values, f.actor, f.couldHave, f.limit
	if w.Limit < 0 {
		if w.Limit = 0; format == queries.Table {
			w.Limit = tableLimit
		}
	}
	switch {
	case w.Table == "" && len(w.Key)+len(w.Values)+len(w.Ops) == 0 && w.Actor == "":
		return w, "", usagef("who touched what? Name a table, a key member as name=value, --value, --actor or --op")
	case w.From != 0 && w.To != 0 && w.From >= w.To:
		return w, "", usagef("--from %s is after --to %s", f.from, f.to)
	}
	return w, format, nil
}

// runWho asks the lake and writes the answer.
func runWho(ctx context.Context, l *lake.Lake, w queries.Who, format queries.Format, stdout, stderr io.Writer) error {
	answer, err := queries.Ask(ctx, l, w, queries.Columns(w, format))
	if err != nil {
		return err
	}
	if answer.Empty() {
		var held queries.Holdings
		err := l.TouchFiles(ctx, "", "", "", func(file lake.TouchFile) error {
			held.Add(file.Partition)
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintln(stderr, held.Hint(w))
	}
	return queries.Render(stdout, answer, format, terminalWidth(stdout))
}

// terminalWidth is the width of the terminal that w is, or 0.
func terminalWidth(w io.Writer) int {
	if file, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	return 0
}
