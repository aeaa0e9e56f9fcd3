package main

import (
	"github.com/spf13/cobra"
)

func newSetupCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup terraform|check",
		Short: "The trail, buckets and policies that feed keytrail: write them, check them",
		Long: `An audit is as good as what was logged, and what was not logged at the time cannot be
had later. So begin here, in this order:

  1. keytrail setup check
     What does the account log today, and what does that hide? Looks and changes
     nothing. Often a trail is there and wants a selector, not a successor.
  2. keytrail setup terraform
     Writes a module for review: the trail with its selectors, the buckets with their
     policies, keys if wanted, a role that can read the log and keep the lake and
     nothing else, the tables for Athena, the nightly task.
  3. terraform apply, by whoever does that where you work; keytrail never does.
  4. keytrail setup check, again, after a quarter of an hour.
  5. keytrail ingest, and keytrail nightly from then on.
  6. keytrail setup check --lake, from time to time: does what should arrive arrive?`,
		Example: `  keytrail setup check --region eu-central-1
  keytrail setup terraform --out audit --bucket example-audit-trail --region eu-central-1`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q; %q lists them", "setup "+args[0], "keytrail setup --help")
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newSetupTerraformCmd(), newSetupCheckCmd())
	return cmd
}
