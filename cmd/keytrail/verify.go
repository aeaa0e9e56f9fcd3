package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/verify"
)

// verifyFlags are the command line of verify.
type verifyFlags struct {
	lake       string
	sources    []string
	digests    bool
	publicKeys string
	saveKeys   string
	record     bool
	since      string
	evidence   string
	jobs       int
	json       bool
}

func newVerifyCmd() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify --lake LAKE [--source SOURCE]...",
		Short: "Check that a lake is whole and its accounts add up",
		Long: `Reads the whole lake and checks it: that every file is where it belongs, can be
read, is sorted, holds each touch once and has the Bloom filters, statistics and
bytes that keytrail writes for its rows; that the ledger balances and accounts for
every row; that rollup and quarantine agree with it; that nothing else lies there.

With --source, which may be given several times, the ledger is compared with what
is there to read: objects that are not in the lake, were replaced since, or are gone.

With --digests, the logs of the sources are validated against CloudTrail's signed
digest files: which are proven to be what CloudTrail delivered, which are altered or
missing, where the chain of digests has gaps, and of which rows of the lake that
proves what. The public keys are in a file, which works offline, or CloudTrail is
asked for them (cloudtrail:ListPublicKeys). Logs that the ledger has as done are
judged by its hashes and not read again. The verdicts go to the ledger's column
digest_verdict: nothing else is ever written, and with --record=false not that.

With --since, the lake's journal tells what has changed after a report: which days
had been there before and were restated, by how many rows and by which objects. It
takes the commit that verify or ingest printed then, best with its hash: a journal
that was rewritten since is found out.

With --evidence, a directory that "keytrail report compliance --evidence" made is checked
instead: that its files are those of its manifest, that the journal in it leads to the
list of touches files, and, with --lake and --source, that this lake's touches files and
those logs are the ones that the report was made from. Nothing else is needed for it.

Each finding is one line: its kind, where, what, and why it matters. Run it when no
ingest is running.`,
		Example: `  keytrail verify --lake ./lake
  keytrail verify --lake s3://my-audit-lake --source s3://my-trail-bucket --json

  # What has arrived since the report on March, which had this commit?
  keytrail verify --lake ./lake --since 31:7d0a66f2b8f5b9e1c0c9a5f5d9d8c6b0c2a8e5e84c1b2f0d3f6a7b8c9d0e1f2a

  # Is the report's evidence whole, and is it of this lake and of these logs?
  keytrail verify --evidence march
  keytrail verify --evidence march --lake ./lake --source ./logs

  # Against the signed digests: with keys that CloudTrail gives, then with those kept.
  keytrail verify --lake ./lake --source s3://my-trail-bucket --digests --save-public-keys keys.json
  keytrail verify --lake ./lake --source s3://my-trail-bucket --digests --public-keys keys.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("verify takes no %q: name the lake with --lake and logs with --source", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runVerify(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to check: a directory or s3://bucket/prefix")
	flags.StringArrayVar(&f.sources, "source", nil, "compare the ledger with this source, as it was named to ingest; may be repeated")
	flags.BoolVar(&f.digests, "digests", false, "validate the sources' logs against CloudTrail's digest files")
	flags.StringVar(&f.publicKeys, "public-keys", "", "file with CloudTrail's public keys, as list-public-keys prints them (default: ask CloudTrail)")
	flags.StringVar(&f.saveKeys, "save-public-keys", "", "keep the keys that CloudTrail gave in this file, for --public-keys")
	flags.BoolVar(&f.record, "record", true, "with --digests: write the verdicts into the lake's ledger")
	flags.StringVar(&f.since, "since", "", "tell what has changed after this commit (12 or 12:SHA256), time or day, and nothing else")
	flags.StringVar(&f.evidence, "evidence", "", "check this directory of evidence, and nothing else")
	flags.IntVar(&f.jobs, "jobs", 0, "partitions read at a time (default: one per processor)")
	flags.BoolVar(&f.json, "json", false, "print the summary, with the findings, as one JSON object")
	return cmd
}

func (f *verifyFlags) check() error {
	switch {
	case f.jobs < 0:
		return usagef("--jobs must not be negative")
	case f.evidence != "" && (f.since != "" || f.digests):
		return usagef("--evidence checks what a report was made from: leave out --since and --digests")
	case f.since != "" && (f.digests || len(f.sources) > 0):
		return usagef("--since reads the journal alone: leave out --digests and --source")
	case f.digests && len(f.sources) == 0:
		return usagef("--digests: which logs? Name where they and their digests lie with --source")
	case (f.publicKeys != "" || f.saveKeys != "") && !f.digests:
		return usagef("--public-keys and --save-public-keys go with --digests")
	case f.publicKeys != "" && f.saveKeys != "":
		return usagef("--save-public-keys keeps what CloudTrail gives; with --public-keys it is not asked")
	}
	return nil
}

func runVerify(ctx context.Context, f verifyFlags, stdout, stderr io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.evidence != "" {
		return verifyEvidence(ctx, f, stdout, stderr)
	}
	if f.since != "" {
		return verifySince(ctx, f, stdout)
	}
	opts := verify.Options{Jobs: f.jobs}
	var inputs []engine.Input
	for _, url := range f.sources {
		in, err := openInput(ctx, url)
		if err != nil {
			return err
		}
		inputs = append(inputs, in)
		opts.Inputs = append(opts.Inputs, verify.Input{Source: in.Source, Prefix: in.Prefix})
	}
	store, err := lakeStore(ctx, f.lake, dir.Open)
	if err != nil {
		return err
	}
	rep, err := verify.Lake(ctx, store, opts)
	if err != nil {
		return err
	}
	var digests bytes.Buffer
	found := 0
	if f.digests {
		l, err := lake.Open(ctx, store)
		if err != nil {
			return err
		}
		job := digestJob{lake: l, inputs: inputs, keys: keyring{f.publicKeys, f.saveKeys}, record: f.record}
		if found, err = verifyDigests(ctx, &job, &digests, f.json); err != nil {
			return err
		}
	}
	if err := printVerified(stdout, rep, digests.Bytes(), f.json); err != nil {
		return err
	}
	if !rep.Clean() || found > 0 {
		return errFindings
	}
	return nil
}

// printVerified prints the report and, if there is one, that on digests, which is
// text or JSON already.
func printVerified(w io.Writer, rep *verify.Report, digests []byte, asJSON bool) error {
	if asJSON {
		return writeJSON(w, struct {
			*verify.Report
			Digests json.RawMessage `json:"digests,omitempty"`
		}{rep, digests})
	}
	out := bufio.NewWriter(w)
	for _, f := range rep.Findings {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%-12s %s: %s. Why it matters: %s.", f.Kind, f.Where, f.What, f.Why)))
	}
	for _, kind := range slices.Sorted(maps.Keys(rep.Counts)) {
		kept := int64(0)
		for _, f := range rep.Findings {
			if f.Kind == kind {
				kept++
			}
		}
		if more := rep.Counts[kind] - kept; more > 0 {
			fmt.Fprintf(out, "%-12s and %s more\n", kind, humanize.Comma(more))
		}
	}
	if !rep.Clean() {
		fmt.Fprintln(out)
	}
	io.WriteString(out, verifySummary(rep))
	if len(digests) > 0 {
		fmt.Fprintln(out)
		out.Write(digests)
	}
	return out.Flush()
}

// verifySummary is what a person reads at the end of a verification.
func verifySummary(r *verify.Report) string {
	var b strings.Builder
	line := func(head, format string, a ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", head, fmt.Sprintf(format, a...))
	}
	line("Lake", "%s", oneLine(r.Lake))
	line("Touches", "%s in %s of %s (%s); %s asked of Bloom filters", count(r.Rows, "row"), count(r.TouchFiles, "file"),
		count(r.Partitions, "partition"), humanize.Bytes(uint64(r.Bytes)), count(r.Probes, "value"))
	line("Ledger", "%s, %s done; they gave %s, %s of them duplicates; %s quarantined", count(r.Objects, "object"),
		humanize.Comma(r.ObjectsDone), humanize.Comma(r.Touches)+" touches", humanize.Comma(r.Duplicates), count(r.Quarantined, "record"))
	if r.RowsErased+r.RowsPruned > 0 {
		line("Taken out", "%s to forget somebody, %s that were old, as the journal says", count(r.RowsErased, "row"), humanize.Comma(r.RowsPruned))
	}
	line("Journal", "%s; the last is %s", count(r.Commits, "commit"), headShown(r.Journal))
	if r.ObjectsInSource > 0 {
		line("Source", "%s compared with the ledger", count(r.ObjectsInSource, "object"))
	}
	for _, note := range r.Notes {
		line("Note", "%s", oneLine(note))
	}
	if r.Clean() {
		line("Findings", "none")
	} else {
		line("Findings", "%s", humanize.Comma(r.Total))
	}
	return b.String()
}
