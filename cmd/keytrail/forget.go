package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/erasure"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// forgetFlags are the command line of forget.
type forgetFlags struct {
	lake       string
	value      string
	valueFile  string
	request    string
	operator   string
	remove     bool
	part       bool
	versions   bool
	yes        bool
	json       bool
	retention  string
	override   string
	breakLease bool
	secrets    secretFlags
	destroy    int // number of an epoch
}

func newForgetCmd() *cobra.Command {
	var f forgetFlags
	cmd := &cobra.Command{
		Use:   "forget --lake LAKE --request ID {[TABLE] name=value... | --value V | --value-file FILE}",
		Short: "Erase one subject from a lake, and keep it out",
		Long: `Takes what a lake says of one subject out of it: the item with the members of its
key that are named (of TABLE, or of every table), or whatever has a value in its key.
Without --yes it only says what it would do.

Rows that name the subject are unlinked: their key, statement, error message and the
raw request and response become NULL; when it was, which table, what was done, by
whom and from where stay, so that counts and the evidence of access stay. --remove
drops these rows. Of all other rows, such as those of the same batch call, and of records
in quarantine, each text that holds the values becomes NULL. All rows are read for
that, since such texts have no index; files without the subject are not touched.

The lake keeps a list (_keytrail/forgotten.json) of keyed hashes of what was forgotten,
by which every later ingest leaves it out, even of the whole trail. The hashes hide
names from who sees the list in passing. They hide nothing from somebody who has the
lake, with the list's salt, and tries all likely values: only keys hashed with a secret
from elsewhere do. Do not lose the list, nor restore a lake from a backup without it.

What stays: who called and from where, even if that is the subject; file names; the
request's id and the operator's name, which the journal keeps for good: let neither tell
who it was. CloudTrail's own objects are out of reach, since changing them would break
their signatures. Caches (--cache), copies and reports made before are yours to remove.
In a bucket with versioning the old files stay as noncurrent versions: --versions
removes those, for good.

What is under a legal hold is not erased, by the holds of the retention file that the
lake was last pruned with (keytrail prune), or of --retention: it says who holds it, and
changes nothing, unless --override-hold says who agreed.

Where keys are tokens (keytrail ingest --key-mode hmac), --key-secret gives the secrets to
find the subject with. The list has tokens then, of the epochs there are: once a new
secret is in use, forget the subject again (with another request's id or the same). --destroy-secret EPOCH marks an epoch's secret as destroyed
instead: its rows lose their keys, as do those of its days that come late, and who asks
is told so. keytrail cannot destroy the secret: delete the file,
variable or KMS ciphertext and all backups of it yourself, before or after.

Killed in the middle, run it again: it goes on, and ends at the same bytes.`,
		Example: `  keytrail forget customers 'pk=customer#1042' --lake ./lake --request DSR-17
  keytrail forget customers 'pk=customer#1042' --lake ./lake --request DSR-17 --operator jane --yes

  # In every table, and without the value in the shell's history.
  keytrail forget --value-file subject.txt --lake s3://my-audit-lake --request DSR-18 --yes
  pass show dsr/18 | keytrail forget --value-file - --lake ./lake --request DSR-18 --yes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runForget(cmd.Context(), args, f, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.lake, "lake", "", "the lake: a directory or s3://bucket/prefix")
	flags.StringVar(&f.value, "value", "", "forget what has this value as any member of its key")
	flags.StringVar(&f.valueFile, "value-file", "", "read the value from this file, - for standard input; a JSON object names members of a key")
	flags.StringVar(&f.request, "request", "", "id of the request, for the journal; it must say nothing of the subject")
	flags.StringVar(&f.operator, "operator", "", "who does this, for the journal")
	flags.BoolVar(&f.remove, "remove", false, "drop the rows that name the subject rather than unlink them")
	flags.BoolVar(&f.part, "part", false, "keys of which the value is a part are the subject's, too: 1042 of customer#1042")
	flags.BoolVar(&f.versions, "versions", false, "remove the noncurrent versions of what was changed from a bucket with versioning")
	flags.BoolVar(&f.yes, "yes", false, "do it; what is forgotten cannot be brought back")
	flags.BoolVar(&f.json, "json", false, "print the summary as one JSON object")
	f.secrets.register(flags)
	flags.IntVar(&f.destroy, "destroy-secret", 0, "mark the secret of this epoch as destroyed, in place of a subject")
	flags.StringVar(&f.retention, "retention", "", "retention file, for its legal holds (default: those that the lake was last pruned with)")
	flags.StringVar(&f.override, "override-hold", "", "erase what is under a legal hold, too: who agreed to that, for the journal")
	flags.BoolVar(&f.breakLease, "break-lease", false, "take over the lease of a run that is certainly dead")
	return cmd
}

func runForget(ctx context.Context, args []string, f forgetFlags, stdin io.Reader, stdout io.Writer) error {
	if f.destroy != 0 {
		return f.destroySecret(ctx, args, stdout)
	}
	asked, err := f.asked(args, stdin)
	if err != nil {
		return err
	}
	if f.request == "" {
		return usagef("--request: which request is this? The journal names it, such as DSR-17")
	}
	req := erasure.Request{ID: f.request, Operator: f.operator, Asked: []erasure.Asked{asked}, Remove: f.remove, Part: f.part, Override: f.override}
	if err := req.Check(); err != nil {
		return usagef("%v", err)
	}
	store, err := lakeStore(ctx, f.lake, dir.Open)
	if err != nil {
		return err
	}
	l, err := lake.Open(ctx, store)
	if err != nil {
		return err
	}
	if req.Asked, err = f.spelled(ctx, l, asked); err != nil {
		return err
	}
	if req.Held, err = f.holds(ctx, l); err != nil {
		return err
	}
	told := forgotten{Lake: l.URL(), Request: f.request, Remove: f.remove}
	if !f.yes {
		told.Plan, err = erasure.Look(ctx, l, &req)
	} else {
		eng := engine.Engine{Lake: l, Jobs: runtime.GOMAXPROCS(0), Lease: lake.LeaseOptions{Break: f.breakLease}}
		var done *erasure.Done
		if done, err = erasure.Forget(ctx, &eng, &req); err == nil {
			told.Plan, told.Journal, told.Done = done.Plan, &done.Journal, true
		}
	}
	if errors.Is(err, erasure.ErrHeld) {
		return fmt.Errorf("%w; nothing was changed. Ask there, or wait: with their consent, --override-hold 'WHO AGREED' erases it all the same", err)
	}
	if err != nil {
		return err
	}
	told.older, err = olderVersions(ctx, l, told.Plan.Prefixes(), func(c lake.Cause) bool { return erasure.Caused(f.request, c) }, f.yes && f.versions)
	if err != nil {
		return err
	}
	if f.json {
		return writeJSON(stdout, told)
	}
	_, err = io.WriteString(stdout, told.String())
	return err
}

// holds says what of the lake is under a legal hold.
func (f *forgetFlags) holds(ctx context.Context, l *lake.Lake) (func(schema.Partition) string, error) {
	var limits *retention.File
	if f.retention != "" {
		data, err := os.ReadFile(f.retention)
		if err != nil {
			return nil, err
		}
		if limits, err = retention.Parse(f.retention, data); err != nil {
			return nil, err
		}
	}
	return retention.Holds(ctx, l, limits, retention.Options{Now: time.Now(), Glob: policy.Glob})
}

// asked is whom to forget. Its errors have nothing of what was given: that may be
// what is to be forgotten.
func (f *forgetFlags) asked(args []string, stdin io.Reader) (a erasure.Asked, err error) {
	given := f.value
	if f.valueFile != "" {
		if f.value != "" {
			return a, usagef("--value or --value-file, not both")
		}
		if given, err = readValue(f.valueFile, stdin); err != nil {
			return a, err
		}
	}
	for _, arg := range args {
		name, value, isMember := strings.Cut(arg, "=")
		switch {
		case isMember && (name == "" || value == ""):
			return a, usagef("a key member wants a name and a value: name=value")
		case isMember:
			a.Names, a.Values = append(a.Names, name), append(a.Values, value)
		case a.Table != "":
			return a, usagef("more than one table: write key members as name=value")
		default:
			a.Table = arg
		}
	}
	if strings.HasPrefix(given, "{") && f.valueFile != "" {
		members, err := queries.ParseKey(given)
		if err != nil {
			return a, usagef("--value-file: it begins like a JSON object and is none that is a key")
		}
		for _, m := range members {
			a.Names, a.Values = append(a.Names, m.Name), append(a.Values, m.Value)
		}
		given = ""
	}
	switch {
	case given != "" && len(a.Names) > 0:
		return a, usagef("name=value or --value, not both: forget one after the other")
	case given != "":
		a.Values = []string{given}
	case len(a.Names) == 0:
		return a, usagef("whom to forget? Name members of the key (name=value), or a value with --value or --value-file")
	}
	return a, nil
}

// spelled is the subject in all the ways in which the lake's rows may have its key: as it
// was logged, or as tokens. Of tables that keep no keys there is nothing to forget.
func (f *forgetFlags) spelled(ctx context.Context, l *lake.Lake, a erasure.Asked) ([]erasure.Asked, error) {
	ring, err := f.secrets.keyring(ctx, l)
	if err != nil {
		return nil, err
	}
	ways, err := ring.Spellings(a.Table, "", "", a.Values)
	if err != nil {
		return nil, err
	}
	var all []erasure.Asked
	for _, w := range ways {
		all = append(all, erasure.Asked{Table: a.Table, Names: a.Names, Values: w.Values})
	}
	return all, nil
}

// maxValue is the longest key that DynamoDB has, twice, and what JSON makes of it.
const maxValue = 16 << 10

// readValue reads a value from a file, less the end of its last line.
func readValue(path string, stdin io.Reader) (string, error) {
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", usagef("--value-file: %v", err)
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxValue+1))
	if err != nil {
		return "", fmt.Errorf("--value-file: %w", err)
	}
	if len(data) > maxValue {
		return "", usagef("--value-file: more than %s is no key", humanize.IBytes(maxValue))
	}
	value := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if value == "" {
		return "", usagef("--value-file: it is empty")
	}
	return value, nil
}

// standingOrders make an ingest leave out what was forgotten and what was pruned.
func standingOrders(l *lake.Lake) []engine.Rewrites {
	return []engine.Rewrites{retention.Rewrites(l), erasure.Rewrites(l)}
}
