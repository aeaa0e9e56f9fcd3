package main

import "github.com/spf13/cobra"

func newReportCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report compliance|subject|coverage|cost",
		Short: "Reports for people who have to sign, ask or pay",
		Long: `Makes a report of the lake: one HTML file that needs nothing from anywhere, and the same
numbers as JSON and CSV. A report has no clock in it: the same lake and the same question
give the same bytes.`,
		Example: `  keytrail report compliance --from 2026-03-01 --to 2026-03-31 --policy policy.yaml --lake ./lake --out march.html
  keytrail report subject 'customer#1042' --lake ./lake --out subject.html
  keytrail report coverage --lake ./lake
  keytrail report cost --lake ./lake`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no report %q; %q lists them", args[0], "keytrail report --help")
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(newReportComplianceCmd(), newReportSubjectCmd(), newReportCoverageCmd(), newReportCostCmd())
	return cmd
}
