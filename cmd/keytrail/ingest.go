package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// ingestFlags are the command line of ingest.
type ingestFlags struct {
	lake, from, to, tempDir string
	memory, maxObject       byteSize
	jobs                    int
	json, breakLease        bool
	noConfig                bool
	verifyDigests           bool
	publicKeys              string
	keys                    keyFlags
}

func newIngestCmd() *cobra.Command {
	f := ingestFlags{memory: 1 << 30, maxObject: 256 << 20}
	cmd := &cobra.Command{
		Use:   "ingest SOURCE... --lake LAKE",
		Short: "Read CloudTrail objects into a lake",
		Long: `Reads every CloudTrail object under the sources that the lake's ledger does not
have yet, and merges what touched DynamoDB into the lake.

A SOURCE is a directory or s3://bucket/prefix: a whole trail bucket, any part of
one, or a folder of downloaded objects. LAKE is a directory or s3://bucket/prefix
of its own; it is made when it does not exist.

An object that cannot be read to its end enters not at all, stands in the ledger
with the reason, and is tried again by the next run. It is always safe to run
again.

With --key-mode, the values of items' keys do not enter the lake as they are:
  plain  they do; that is the default
  hmac   tokens stand in their place, HMAC-SHA-256 with a secret of yours: one value is
         one token, so "keytrail who" with the same secret still finds it
  drop   nothing stands in their place: who touched which item is not answered
'GLOB=MODE' is for the tables whose name or ARN matches (* is any text without : and /,
** any text); the strictest counts of several, and one MODE alone is for all others.
The first ingest that says so settles it for the lake. Later ones need the secrets and
not the modes, and one with other modes or secrets is refused before it writes. What may
hold values of items leaves request parameters, statements, error messages and
quarantine, too. Names of tables, attributes and callers stay.

A --key-secret is at least 32 bytes, in hexadecimal digits, base64 or as they are, in a
file, a variable, or a file with what KMS encrypted; it stands in no command line, log or
lake. 'DAY=file:PATH' is the secret for event days from DAY on, for keys to be rotated:
give all that the lake has, and add one for days it has no rows of yet. One item has
other tokens from then on: "keytrail top" counts it twice, unless asked for by its key.
Without its secret no token can be made again or found: losing it is losing that.

Files of AWS Config below AWSLogs, snapshots and histories, are read for what they
tell of tables: settings, tags and the verdicts of rules ("keytrail tables"). Where
AWS Config delivers into another bucket, name that as one more SOURCE.

With --verify-digests, when all is in the lake, the logs of the window are held
against CloudTrail's signed digest files by the hashes of the bytes just read, and
the verdicts are written into the ledger, as "keytrail verify --digests" does. Give
a window: without --from, all digests that there are get read.`,
		Example: `  keytrail ingest s3://my-trail-bucket --lake s3://my-audit-lake
  keytrail ingest s3://my-trail-bucket/AWSLogs/111122223333/CloudTrail/eu-west-1 --lake ./lake
  keytrail ingest s3://my-trail-bucket s3://my-config-bucket --lake s3://my-audit-lake
  keytrail ingest ./downloads --lake ./lake --from 2026-03-01 --to 2026-03-31
  keytrail ingest s3://my-trail-bucket --lake s3://my-audit-lake --from 2026-03-01 --verify-digests
  keytrail ingest ./downloads --lake ./lake --key-mode hmac --key-mode 'cache-*=drop' --key-secret file:key.txt
  keytrail ingest ./downloads --lake ./lake --key-secret file:key.txt --key-secret 2026-04-01=env:KEY_2`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("which logs? Name a directory or s3://bucket/prefix to read")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runIngest(cmd.Context(), args, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake to write to: a directory or s3://bucket/prefix")
	flags.StringVar(&f.from, "from", "", "first delivery day to read, YYYY-MM-DD")
	flags.StringVar(&f.to, "to", "", "last delivery day to read, YYYY-MM-DD")
	flags.Var(&f.memory, "memory", "memory to use; what does not fit is spilled to --temp-dir")
	flags.IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "objects decoded at a time")
	flags.Var(&f.maxObject, "max-object", "most inflated bytes of one object, at most a quarter of --memory")
	flags.StringVar(&f.tempDir, "temp-dir", "", "where to spill (default: the system's, $TMPDIR)")
	flags.BoolVar(&f.json, "json", false, "print the summary as one JSON object")
	flags.BoolVar(&f.noConfig, "no-config", false, "leave files of AWS Config unread")
	flags.BoolVar(&f.verifyDigests, "verify-digests", false, "then hold the logs against CloudTrail's digest files; exit status 4 on findings")
	flags.StringVar(&f.publicKeys, "public-keys", "", "file with CloudTrail's public keys, for --verify-digests (default: ask CloudTrail)")
	f.keys.register(flags)
	flags.BoolVar(&f.breakLease, "break-lease", false, "take over the lease of a run that is certainly dead")
	return cmd
}

func (f *ingestFlags) check() error {
	for _, day := range []string{f.from, f.to} {
		if _, err := schema.ParseDay(day); day != "" && err != nil {
			return usagef("%q is not a day: write it as 2026-03-31", day)
		}
	}
	switch {
	case f.from != "" && f.to != "" && f.from > f.to:
		return usagef("--from %s is after --to %s", f.from, f.to)
	case f.publicKeys != "" && !f.verifyDigests:
		return usagef("--public-keys goes with --verify-digests")
	case f.jobs < 1:
		return usagef("--jobs must be at least 1")
	case f.memory < minMemory:
		return usagef("--memory must be at least %s", humanize.IBytes(minMemory))
	case f.maxObject < 1:
		return usagef("--max-object must be positive")
	}
	return f.keys.check()
}

// minMemory is the least that holds an ordinary 50 MB object and a row group.
const minMemory = 128 << 20

func runIngest(ctx context.Context, sources []string, f ingestFlags, stdout, stderr io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.lake == "" {
		return errNoLake
	}
	if f.publicKeys != "" { // a wrong file is told before the work
		if _, err := readPublicKeys(f.publicKeys); err != nil {
			return err
		}
	}
	keys, err := f.keys.keyModes(ctx)
	if err == nil {
		err = keys.checkLake(ctx, f.lake)
	}
	if err != nil {
		return err
	}
	// Makes the collector work harder, rather than the process larger, as the
	// budget is used up. The program itself takes memory that the limit does not count.
	debug.SetMemoryLimit(int64(f.memory - f.memory/32))

	var req engine.Request
	for _, url := range sources {
		in, err := openInput(ctx, url)
		if err != nil {
			return err
		}
		req.Inputs = append(req.Inputs, in)
	}
	req.From, req.To, req.NoConfig = f.from, f.to, f.noConfig
	into, err := createLake(ctx, f.lake)
	if err != nil {
		return err
	}
	eng := engine.Engine{
		Lake: into, Memory: int64(f.memory), Jobs: f.jobs, MaxObject: int64(f.maxObject), TempDir: f.tempDir,
		Rewrite: []engine.Rewrites{keys.rewrites(into)},
		Lease:   lake.LeaseOptions{Break: f.breakLease}, Progress: new(engine.Progress),
	}
	eng.Rewrite = append(eng.Rewrite, standingOrders(into)...)
	stop := showProgress(stderr, eng.Progress)
	rep, err := eng.Ingest(ctx, req)
	stop()
	if err != nil {
		return err
	}
	var digests *digestSummary
	if f.verifyDigests {
		job := digestJob{lake: into, inputs: req.Inputs, keys: keyring{file: f.publicKeys}, from: f.from, to: f.to, record: true}
		digests, err = job.run(ctx)
	}
	// What was committed is told, whatever became of the digests.
	if _, err := io.WriteString(stderr, warnings(&rep)+digestWarnings(digests)); err != nil {
		return err
	}
	if err := printSummary(stdout, &rep, digests, f.json); err != nil {
		return err
	}
	switch {
	case err != nil:
		return err
	case digests != nil && digests.Findings > 0:
		return errFindings
	case !rep.Complete():
		return errIncomplete
	}
	return nil
}

func printSummary(w io.Writer, rep *engine.Report, digests *digestSummary, asJSON bool) error {
	if asJSON {
		return writeJSON(w, struct {
			*engine.Report
			Digests *digestCounts `json:"digests,omitempty"`
		}{rep, digests.counts()})
	}
	_, err := io.WriteString(w, summary(rep)+digestLines(digests))
	return err
}

// byteSize is a flag for a number of bytes: 512MiB, 1GiB, 100MB.
type byteSize int64

func (b *byteSize) String() string { return humanize.IBytes(uint64(*b)) }

func (b *byteSize) Type() string { return "SIZE" }

func (b *byteSize) Set(s string) error {
	n, err := humanize.ParseBytes(s)
	if err != nil || n > 1<<50 {
		return fmt.Errorf("%q is no size: write it as 512MiB or 1GiB", s)
	}
	*b = byteSize(n)
	return nil
}
