package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/tables"
)

// tablesFlags are the command line of tables.
type tablesFlags struct{ lake, policy, catalogue, at, format string }

func newTablesCmd() *cobra.Command {
	var f tablesFlags
	cmd := &cobra.Command{
		Use:   "tables [TABLE] --lake LAKE [--policy FILE] [--at T]",
		Short: "The tables: how each is set, by whom, and what nobody knows",
		Long: `Lists the tables that the lake knows of, with class, owner and protection, how they
are encrypted, backed up and kept from deletion, whether items expire by themselves
(which no log shows), and where else their data goes. With a TABLE, by name or ARN,
it is the history of that one: what was set when, by whom, in which event.

Two witnesses tell of settings: the calls in the log, and AWS Config's snapshots and
histories where ingest found some. ? is what neither tells: it may be on or off. A
value that was found and that nobody in the log set is named below a table's history:
somebody changed it where the log does not look.

Class, owner, protection and frameworks come from the policy's tables, and after
those from tags, if the policy says which:

  table_tags:
    class: [data-class]          # names of tags; the first that a table has counts
    protected: [protected]
    owner: [owner, team]
    values: {pii: restricted}    # what tags say, as classes

Tags count as they were at --at. Whoever may tag a table may lower its class: that is
told here, and "keytrail detections", "unexpected" and "anomalies" take the highest class
that held in the time that they judge. What the policy says of a table no tag changes.

--catalogue names a file that stands between the two: tables and table_tags in YAML, or
the tags of an account, of which the higher class counts, there or in the log:

  aws resourcegroupstaggingapi get-resources --resource-type-filters dynamodb:table > tags.json`,
		Example: `  keytrail tables --lake ./lake --policy policy.yaml
  keytrail tables customers --lake ./lake
  keytrail tables --lake ./lake --policy policy.yaml --catalogue tags.json
  keytrail tables --at 2026-03-03 --format csv --lake s3://my-audit-lake > tables.csv`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.policy, "policy", "", "YAML file of expected identities, with tables and what their tags mean")
	addCatalogueFlag(flags, &f.catalogue)
	flags.StringVar(&f.at, "at", "", "as it was then: 2026-03-03 (its end), \"2026-03-03 08:00\", 7d (default: as far as the lake goes)")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	return cmd
}

func (f *tablesFlags) run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	format, err := queries.ParseTopFormat(f.format)
	switch {
	case err != nil:
		return usagef("--format: %v", err)
	case len(args) > 1:
		return usagef("%q and %q: only one table", args[0], args[1])
	case len(args) == 1 && args[0] == "":
		return usagef("the table's name is empty")
	}
	var to int64
	if f.at != "" {
		if _, to, err = queries.ParseTime(f.at, time.Now()); err != nil {
			return usagef("--at: %v", err)
		}
	}
	var p *policy.Policy
	if f.policy != "" {
		if p, err = readPolicy(f.policy); err != nil {
			return err
		}
	}
	if p, err = withCatalogue(p, f.catalogue); err != nil {
		return err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	c, err := tables.Open(ctx, l, p, 0, to)
	if err != nil {
		return err
	}
	look := lookOf(stdout, time.UTC)
	if len(args) == 0 {
		if len(c.Tables) == 0 {
			fmt.Fprintln(stderr, "The lake knows of no table then.")
		}
		return tables.Render(stdout, c, format, look)
	}
	found := c.Named(args[0])
	if len(found) == 0 {
		if err := hintNothing(ctx, l, queries.Who{Table: args[0]}, stderr); err != nil {
			return err
		}
	}
	return tables.RenderHistory(stdout, c, found, format, look)
}

// readPolicy reads a policy file that was named with --policy.
func readPolicy(path string) (*policy.Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usagef("--policy: %v", err)
	}
	p, err := policy.Parse(path, text)
	if err != nil {
		return nil, usagef("--policy: %v", err)
	}
	return p, nil
}
