package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// ddlFlags are the command line of ddl.
type ddlFlags struct {
	lake, database, prefix, from string
	offline                      bool
}

func newDDLCmd() *cobra.Command {
	var f ddlFlags
	cmd := &cobra.Command{
		Use:   "ddl " + strings.Join(schema.Engines, "|") + " --lake LAKE",
		Short: "SQL that lets another engine read the lake",
		Long: `Writes SQL to paste into an engine: a table or view over each part of the lake,
touches, ledger, rollup, quarantine, config and findings, with a comment on every column,
and views of what is asked first:

  touches_once  every touch once, also where the trails of two accounts logged it
  writes        what changed items, tables or their protection
  reads         what showed items to somebody, or may have
  denied        what somebody was not allowed to do
  by_actor      who did what to which table on which day, how often

The lake is only looked at, for the names of its tables and its first day. Nothing is
run, and nothing that the SQL makes changes the lake. Tables that exist already are an
error and not replaced. What an engine does otherwise than others, such as partitions
that it has to be told of, stands in the SQL as comments.`,
		Example: `  # Query the lake with DuckDB, now or from a database file.
  keytrail ddl duckdb --lake ./lake > keytrail.sql
  duckdb -init keytrail.sql
  duckdb audit.db < keytrail.sql

  # Athena works out partitions by itself. Let it begin at some day.
  keytrail ddl athena --lake s3://my-audit-lake/keytrail --from 2025-01-01

  # Without credentials for the lake at hand.
  keytrail ddl trino --lake s3://my-audit-lake/keytrail --offline --database audit`,
		ValidArgs: schema.Engines,
		RunE: func(cmd *cobra.Command, args []string) error {
			sql, err := f.write(cmd.Context(), args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), sql)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to be read: a directory or s3://bucket/prefix")
	flags.StringVar(&f.database, "database", "keytrail", "database (or schema) for the names, made if it is not there")
	flags.StringVar(&f.prefix, "table-prefix", "", "put before the name of every table and view")
	flags.StringVar(&f.from, "from", "", "first event day that Athena looks for (default: the first in the lake)")
	flags.BoolVar(&f.offline, "offline", false, "do not look into the lake")
	return cmd
}

// write returns the SQL for the engine that args name.
func (f *ddlFlags) write(ctx context.Context, args []string) (string, error) {
	engines := strings.Join(schema.Engines, ", ")
	switch {
	case len(args) == 0:
		return "", usagef("for which engine? Name one of %s", engines)
	case len(args) > 1:
		return "", usagef("%q and %q: one engine at a time", args[0], args[1])
	case f.lake == "":
		return "", errNoLake
	}
	if err := checkPlace(f.lake); err != nil {
		return "", err
	}
	location, err := absoluteLake(f.lake)
	if err != nil {
		return "", err
	}
	d := schema.DDL{Location: location, Database: f.database, Prefix: f.prefix, From: f.from}
	sql, err := d.SQL(args[0])
	if err != nil {
		return "", usagef("%v", err) // nothing but the command line is in it yet
	}
	if f.offline {
		return sql, nil
	}
	l, err := openLake(ctx, location)
	if err != nil {
		return "", fmt.Errorf("%w (--offline writes SQL without looking into the lake)", err)
	}
	if err := survey(ctx, l, &d); err != nil {
		return "", err
	}
	return d.SQL(args[0])
}

// absoluteLake is the lake's URL or directory for somebody who is elsewhere.
func absoluteLake(url string) (string, error) {
	if isBucket(url) {
		return "s3://" + strings.Trim(url[len("s3://"):], "/"), nil
	}
	path, err := filepath.Abs(strings.TrimPrefix(url, "file://"))
	return filepath.ToSlash(path), err
}

// survey notes what the lake holds: its tables, its first day unless one is set, and
// which of its parts have no file yet.
func survey(ctx context.Context, l *lake.Lake, d *schema.DDL) error {
	first := ""
	err := l.TouchFiles(ctx, "", "", "", func(file lake.TouchFile) error {
		// Files come in the order of their tables.
		if name := file.Partition.Table; name != schema.NoTable && (len(d.Tables) == 0 || d.Tables[len(d.Tables)-1] != name) {
			d.Tables = append(d.Tables, name)
		}
		if day := file.Partition.DayString(); first == "" || day < first {
			first = day
		}
		return nil
	})
	if err != nil {
		return err
	}
	if first == "" {
		d.Empty = append(d.Empty, "touches")
	}
	if d.From == "" {
		d.From = first
	}
	slices.Sort(d.Tables)
	for name, days := range map[string]func(context.Context) ([]string, error){
		"ledger": l.LedgerDays, "rollup": l.RollupDays, "quarantine": l.QuarantineDays,
		"findings": l.FindingDays, "config": l.ConfigDays,
	} {
		held, err := days(ctx)
		if err != nil {
			return err
		}
		if len(held) == 0 {
			d.Empty = append(d.Empty, name)
		}
	}
	return nil
}
