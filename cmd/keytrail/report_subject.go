package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/subject"
)

const reportSubjectHelp = `Reports everything that touched one key value, in all tables or one: for an investigator,
or for the person whom the data is about and who asks for it (GDPR, article 15).

Whom it is about is a value of the key, whole and as logged, or members of the key as
name=value. customer#1042 is a whole value: 1042 alone does not find it. Where one subject
has other forms in other tables, --pattern adds them: 'USER#{value}'.

The report has, kept apart:
  accesses that named it    directly, among others in a batch, or by the first part of its key
  calls that may have       Scans, exports, backups, streams and the like on the same tables,
                            by principal and day, with how certain each is
  what cannot be seen       TTL, caches, times that no trail logged, logs that are not here

--for investigator (the default) says who it was, from where, by which rule, and the events.
--for person has dates, categories (staff, application, AWS service) and purposes instead,
and no name, ARN, address, session or event: those are the employees' own personal data. A
purpose is the rule's in --policy that expects the access; else it is not recorded, and
counted. Purposes, and the names of tables and of key members, stand there as your policy
and your tables have them: keep people's names out of those. --with-identities names those who acted to the person, too: their rights have to
be weighed against the person's first, so it is never the default.

Making the report is itself an access to personal data. Each time a line of JSON says when,
by whom and of which lake: appended to --access-log, else on stderr. It has neither the
value that was asked for nor a hash of it, which could be guessed. Where the lake's keys are
hashed it has their tokens: who has the secret can tell whom it is about.

A lake whose keys are hashed is asked with the --key-secret that it was made with. Where the
secret has changed, what is asked for by a part of its key is another item to each secret:
calls that may have shown it can stand as more certain than they are.

That nothing was found is a report, too: with what the lake lacks.`

const reportSubjectExamples = `  keytrail report subject 'customer#1042' --lake ./lake
  keytrail report subject customers 'pk=customer#1042' --policy policy.yaml --lake ./lake --out subject.html
  keytrail report subject 1042 --pattern 'customer#{value}' --pattern 'USER#{value}' --lake ./lake
  keytrail report subject 'customer#1042' --for person --policy policy.yaml --lake ./lake --out reply.html --access-log access.jsonl
  keytrail report subject 'customer#1042' --key-secret file:key --lake ./hashed`

// subjectFlags are the command line of report subject.
type subjectFlags struct {
	lake, policy, trails, value, audience, from, to, accessLog string
	patterns                                                   []string
	identities                                                 bool
	keys                                                       secretFlags
	out                                                        reportOut
}

func newReportSubjectCmd() *cobra.Command {
	var f subjectFlags
	cmd := &cobra.Command{
		Use:     "subject VALUE | [TABLE] name=value ... --lake LAKE",
		Short:   "Everything that touched one key value, for an investigator or the person concerned",
		Long:    reportSubjectHelp,
		Example: reportSubjectExamples,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := f.parse(args, time.Now())
			if err != nil {
				return err
			}
			l, err := openLake(cmd.Context(), f.lake)
			if err != nil {
				return err
			}
			if q.Keyring, err = f.keys.keyring(cmd.Context(), l); err != nil {
				return err
			}
			return f.run(cmd.Context(), l, q, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	addCacheFlags(cmd)
	f.register(cmd.Flags())
	return cmd
}

func (f *subjectFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.value, "value", "", "the value, where it has a = or is in one table: subject TABLE --value V")
	flags.StringArrayVar(&f.patterns, "pattern", nil, "a form that the value has in keys, too: 'USER#{value}' (may be repeated)")
	flags.StringVar(&f.audience, "for", string(subject.Investigator), "who the report is for: investigator or person")
	flags.BoolVar(&f.identities, "with-identities", false, "name those who acted in the person's report, too; weigh their rights first")
	flags.StringVar(&f.policy, "policy", "", "the file whose rules say what accesses are for")
	flags.StringVar(&f.trails, "trails", "", "a file with the answers of DescribeTrails and GetEventSelectors, for what was logged")
	flags.StringVar(&f.from, "from", "", "not before this time: a day, \"2026-03-03 03:12\" (UTC), or an age such as 7d")
	flags.StringVar(&f.to, "to", "", "not after this time; a day, minute or second is included")
	flags.StringVar(&f.accessLog, "access-log", "", "append the record of this access to that file (default: stderr)")
	f.keys.register(flags)
	f.out.register(flags)
}

// parse makes a question of the command line.
func (f *subjectFlags) parse(args []string, now time.Time) (*subject.Question, error) {
	q := &subject.Question{Patterns: f.patterns, WithIdentities: f.identities, Tool: version(), Value: f.value}
	var err error
	if q.For, err = subject.ParseAudience(f.audience); err != nil {
		return nil, usagef("--for: %v", err)
	}
	var w queries.Who
	for _, arg := range args {
		if err := addArgument(&w, arg); err != nil {
			return nil, err
		}
	}
	if w.Table != "" && len(w.Key) == 0 && f.value == "" { // one word alone is the value
		w.Table, q.Value = "", w.Table
	}
	q.Table, q.Key = w.Table, w.Key
	if err := addTimes(&w, f.from, f.to, now, time.UTC); err != nil {
		return nil, err
	}
	q.From, q.To = w.From, w.To
	q.Command = reportCommand("subject")
	if err := q.Check(); err != nil {
		return nil, usagef("%v", err)
	}
	return q, nil
}

// run writes the record of the access, and then the report: never one without the other.
func (f *subjectFlags) run(ctx context.Context, l *lake.Lake, q *subject.Question, stdout, stderr io.Writer) (err error) {
	if q.Policy, err = readReportPolicy(f.policy, stderr); err != nil {
		return err
	}
	if q.Policy, err = withTags(ctx, l, q.Policy, q.From, q.To); err != nil {
		return err
	}
	if q.Trails, err = readTrails(f.trails); err != nil {
		return err
	}
	tokens, err := q.Tokens()
	if err != nil {
		return err
	}
	if err := f.record(q, tokens, time.Now(), stderr); err != nil {
		return fmt.Errorf("record this access: %w", err)
	}
	var stop func()
	q.Progress, stop = showPartitions(stderr)
	d, err := subject.Collect(ctx, l, *q)
	stop()
	if err != nil {
		return err
	}
	return f.out.write(d, stdout)
}

// record writes the line that says who asked.
func (f *subjectFlags) record(q *subject.Question, tokens []string, now time.Time, stderr io.Writer) error {
	line, err := subject.AccessRecord{At: now.UTC(), User: osUser(), Lake: f.lake, For: q.For, WithIdentities: q.WithIdentities, Tokens: tokens}.Line()
	if err != nil {
		return err
	}
	if f.accessLog == "" {
		_, err := fmt.Fprintf(stderr, "keytrail: access to personal data: %s", line)
		return err
	}
	file, err := os.OpenFile(f.accessLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--access-log: %w", err)
	}
	_, err = file.Write(line)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}
