package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/setup"
)

// terraformFlags are the command line of setup terraform.
type terraformFlags struct {
	setup.Options
	out         string
	force, json bool
}

func newSetupTerraformCmd() *cobra.Command {
	var f terraformFlags
	cmd := &cobra.Command{
		Use:   "terraform --out DIR --bucket NAME --region REGION",
		Short: "Write a Terraform module for the trail, its buckets and the role",
		Long: `Writes a module for people to review and to apply; nothing is applied, and no account is
asked. It makes

  a trail of all Regions, with signed digests and Insights, that logs all management
  events and the calls on items and streams of all tables, or of those you name;
  its bucket: versions, encryption, no public access, access logs, delivery by this trail
  alone, TLS alone, and nobody who deletes;
  a bucket for the lake, and the lake's tables for Athena;
  a role for keytrail that can read the one and keep the other, and nothing else;
  with --nightly fargate, the task that runs keytrail every night.

README.md in the module says of every decision why, what it costs and what it hides.

Data events are paid by the call. --tables takes whole ARNs: a selector knows no
wildcards. Files that are there already and differ are not replaced without --force.`,
		Example: `  # All tables of the account, simplest form.
  keytrail setup terraform --out audit --bucket example-audit-trail --region eu-central-1

  # Two tables, keys of one's own, logs nobody can delete for a year.
  keytrail setup terraform --out audit --bucket example-audit-trail --region eu-central-1 \
    --tables arn:aws:dynamodb:eu-central-1:111122223333:table/orders,arn:aws:dynamodb:eu-central-1:111122223333:table/customers \
    --kms --lock-days 365

  # An organization, archived after 90 days, gone after seven years, a nightly task.
  keytrail setup terraform --out audit --bucket example-audit-trail --region eu-central-1 \
    --organization --glacier-days 90 --expire-days 2557 --nightly fargate`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("setup terraform takes no %q: name the directory with --out", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.Region = s3Options(cmd.Context()).Region
			return f.write(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "directory for the module")
	flags.StringVar(&f.Bucket, "bucket", "", "bucket that CloudTrail delivers to: a name that no other bucket of AWS has")
	flags.StringVar(&f.Lake, "lake", "", "where the lake is to be: s3://bucket/prefix (default: a bucket with -lake after its name)")
	flags.StringVar(&f.Name, "name", "keytrail", "name of the trail, and what other names begin with")
	flags.StringSliceVar(&f.Tables, "tables", nil, `ARNs of the tables whose items' calls are logged, or "all"`)
	flags.StringSliceVar(&f.Regions, "regions", nil, "of all tables, log only those in these Regions")
	flags.BoolVar(&f.Organization, "organization", false, "log all accounts of the organization")
	flags.BoolVar(&f.KMS, "kms", false, "encrypt with keys of KMS that the module makes")
	flags.IntVar(&f.GlacierDays, "glacier-days", 0, "age in days at which logs are archived; 0: never")
	flags.StringVar(&f.GlacierClass, "glacier-class", setup.Instant, "how: instant (can be read), flexible or deep (must be restored first)")
	flags.IntVar(&f.ExpireDays, "expire-days", 0, "age in days at which logs are deleted; 0: never")
	flags.IntVar(&f.LockDays, "lock-days", 0, "days for which nobody can delete a log (object lock); 0: no lock")
	flags.StringVar(&f.LockMode, "lock-mode", setup.Governance, "governance (some may delete) or compliance (nobody may, cannot be undone)")
	flags.StringSliceVar(&f.Readers, "reader", nil, "ARNs of roles and users that may take the role of keytrail")
	flags.StringSliceVar(&f.Topics, "alert-topic", nil, "ARNs of SNS topics that nightly publishes its alerts to")
	flags.StringVar(&f.Nightly, "nightly", setup.NoNightly, "what runs keytrail every night: fargate or none")
	flags.StringVar(&f.Schedule, "schedule", "cron(5 1 * * ? *)", "when, in UTC, as EventBridge writes it")
	flags.StringSliceVar(&f.Subnets, "subnets", nil, "subnets of the nightly task (default: Terraform asks)")
	flags.StringVar(&f.Database, "database", "keytrail", "database of the lake's tables in Athena")
	flags.BoolVar(&f.force, "force", false, "replace files that are there and differ")
	flags.BoolVar(&f.json, "json", false, "print the names of the files as one JSON object")
	return cmd
}

func (f *terraformFlags) write(stdout io.Writer) error {
	if f.out == "" {
		return usagef("into which directory? Name it with --out")
	}
	if len(f.Tables) == 1 && strings.EqualFold(f.Tables[0], "all") {
		f.Tables = nil
	}
	files, err := f.Files()
	if wrong := new(setup.Error); errors.As(err, &wrong) {
		return usagef("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if err == nil {
		err = setup.Write(f.out, files, f.force)
	}
	if err != nil {
		return err
	}
	if f.json {
		names := make([]string, len(files))
		for i := range files {
			names[i] = files[i].Name
		}
		return writeJSON(stdout, map[string]any{"out": f.out, "files": names})
	}
	_, err = fmt.Fprintf(stdout, "%s in %s. Read README.md there, then: terraform init, plan, apply.\n", english.Plural(len(files), "file", ""), oneLine(f.out))
	return err
}
