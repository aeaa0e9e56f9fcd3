package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/keytrail/keytrail/engine/setup"
	"github.com/keytrail/keytrail/engine/setup/awsaccount"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/setup/readiness"
	"github.com/keytrail/keytrail/schema"
)

// checkFlags are the command line of setup check.
type checkFlags struct {
	readiness.Question
	saved                        []string
	save, policy, lake, severity string
	listTables, json             bool
}

func newSetupCheckCmd() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [--saved FILE...]",
		Short: "Hold an account's trails and buckets against what the audit needs",
		Long: `Asks an account how its trails, their buckets and keys are set, and says of everything
that the audit needs whether it is met, missing or not known, what goes blind without it,
and how to mend it. Nothing is changed: every call is a Get, a List or a Describe. What
the credentials may not ask, and what cannot be reached, is told as not known, and the
rest is judged. It fails when nobody tells which trails there are. Not asked: whether
the account as a whole blocks public access, and what organizations forbid.

--save keeps the answers in a file, --saved judges such a file without asking anybody:
so somebody with access asks, and somebody else judges. Output of the AWS command line
put together does as well, in any order:

  aws cloudtrail describe-trails, get-trail-status, get-event-selectors,
  get-insight-selectors; aws s3api get-bucket-policy, get-public-access-block,
  get-bucket-encryption, get-bucket-versioning, get-bucket-lifecycle-configuration,
  get-object-lock-configuration, get-bucket-logging; aws kms get-key-policy;
  aws dynamodb list-tables; aws sts get-caller-identity

Which trail an answer is of, the AWS command line says only of some: with several
trails, pick one with --trail. A file of answers is a snapshot of trails for the
detections, too.

With a lake, its tables of the last 30 days are held against the selectors. With a
policy, protected tables that are not logged make it critical.`,
		Example: `  # What does this account log, and what does that hide?
  keytrail setup check --region eu-central-1 --list-tables

  # Somebody else judges.
  keytrail setup check --save answers.json
  keytrail setup check --saved answers.json --policy policy.yaml --lake ./lake --json

  # From what the AWS command line says.
  (aws cloudtrail describe-trails; aws cloudtrail get-event-selectors --trail-name main) > answers.json
  keytrail setup check --saved answers.json --trail main`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("setup check takes no %q: name a trail with --trail, a file of answers with --saved", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Trail, "trail", "", "name or ARN of the one trail to judge (default: all)")
	flags.StringSliceVar(&f.saved, "saved", nil, "files of answers, in place of an account")
	flags.StringVar(&f.save, "save", "", "keep the account's answers in this file")
	flags.StringSliceVar(&f.Tables, "tables", nil, "ARNs of tables that are to be logged")
	flags.BoolVar(&f.listTables, "list-tables", false, "ask DynamoDB for the tables of the Region, too, and of those with tables of --tables and --lake")
	flags.StringVar(&f.policy, "policy", "", "policy that says which tables are protected")
	flags.StringVar(&f.lake, "lake", "", "lake whose tables are held against the selectors: a directory or s3://bucket/prefix")
	flags.StringVar(&f.severity, "min-severity", schema.SeverityMedium.String(), "least severity of what is missing that makes the exit status 4: info, low, medium, high, critical")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	return cmd
}

func (f *checkFlags) run(ctx context.Context, stdout, stderr io.Writer) error {
	least, err := schema.ParseSeverity(f.severity)
	if err != nil {
		return usagef("--min-severity: %v", err)
	}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	answers, err := f.answers(ctx, stderr)
	if err != nil {
		return err
	}
	results, err := readiness.Judge(answers, f.Question)
	if err != nil {
		return err
	}
	if f.json {
		err = readiness.RenderJSON(stdout, results)
	} else {
		err = readiness.Render(stdout, results, lookOf(stdout, time.UTC))
	}
	if err != nil {
		return err
	}
	if why := readiness.Untold(results); why != "" {
		return fmt.Errorf("nothing could be judged without knowing which trails there are: %s", oneLine(why))
	}
	if worst, missing := readiness.Worst(results); missing && worst >= least {
		return errFindings
	}
	return nil
}

// prepare reads what the answers are held against.
func (f *checkFlags) prepare(ctx context.Context) error {
	if len(f.saved) > 0 && (f.save != "" || f.listTables) {
		return usagef("--saved judges what was saved and asks nobody: leave out --save and --list-tables")
	}
	for _, arn := range f.Tables {
		if t, ok := schema.ParseTableARN(arn); !ok || t.Sub != "" || !schema.LegalTableName(t.Table) {
			return usagef("--tables: %q is no ARN of a table: write arn:aws:dynamodb:eu-central-1:111122223333:table/orders", arn)
		}
	}
	if f.policy != "" {
		text, err := readPolicyFile(f.policy)
		if err != nil {
			return err
		}
		if f.Policy, err = policy.Parse(f.policy, text); err != nil {
			return err
		}
	}
	if f.lake == "" {
		return nil
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return err
	}
	f.Seen, err = readiness.Look(ctx, l)
	return err
}

// answers are those of files, or of the account.
func (f *checkFlags) answers(ctx context.Context, stderr io.Writer) (all []setup.Answer, err error) {
	for _, name := range f.saved {
		answers, err := readAnswers(name)
		if err != nil {
			return nil, err
		}
		all = append(all, answers...)
	}
	if len(f.saved) > 0 {
		return all, nil
	}
	o := s3Options(ctx)
	ask := awsaccount.Options{Profile: o.Profile, Region: o.Region, RoleARN: o.RoleARN, ExternalID: o.ExternalID, Endpoint: o.Endpoint, Tables: f.listTables, TableRegions: f.regions()}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		ask.Progress = func(what string) { fmt.Fprintf(stderr, "asking about %s\n", oneLine(what)) }
	}
	if all, err = awsaccount.Ask(ctx, ask); err != nil || f.save == "" {
		return all, err
	}
	return all, saveAnswers(f.save, all)
}

// regions are those of the tables that are known before anybody is asked. A lake's are
// from logs, and become a part of the name of a host.
func (f *checkFlags) regions() (all []string) {
	arns := slices.Clone(f.Tables)
	for i := range f.Seen {
		arns = append(arns, f.Seen[i].ARN)
	}
	for _, arn := range arns {
		if t, ok := schema.ParseTableARN(arn); ok && setup.IsRegion(t.Region) && !slices.Contains(all, t.Region) {
			all = append(all, t.Region)
		}
	}
	slices.Sort(all)
	return all
}

func readAnswers(name string) ([]setup.Answer, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	answers, err := setup.ReadAnswers(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return answers, nil
}

// saveAnswers writes a file that only its owner may read: policies tell who may do what.
func saveAnswers(name string, all []setup.Answer) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		if err := file.Chmod(0o600); err != nil { // it may have been there before, for all to read
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(setup.WriteAnswers(file, all), file.Close())
}
