package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/queries/anomalies"
	"github.com/keytrail/keytrail/queries/detect"
)

func newDetectionsExplainCmd() *cobra.Command {
	var settings string
	var cases bool
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "All there is to know of a detection",
		Long: `Says what a detection looks for, what often looks alike, what to do about a finding,
what it needs to be evaluated, and its settings with their values as YAML to paste.

--cases shows the records that it is tested with: those it fires on, and those that
look alike and are not it. What all records have is left out of them.`,
		Example: `  keytrail detections explain DDB-CHG-006
  keytrail detections explain chg-006 --cases`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("which detection? Name one, such as DDB-AUD-002; \"keytrail detections\" lists them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if text := anomalies.Explain(args[0]); text != "" {
				_, err := io.WriteString(cmd.OutOrStdout(), text)
				return err
			}
			d, err := findDetection(args[0])
			if err != nil {
				return err
			}
			changed, err := readSettings(settings)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if err := detect.Explain(out, d, changed[d.ID], lookOf(out, time.UTC)); err != nil || !cases {
				return err
			}
			return writeCases(out, d.ID)
		},
	}
	cmd.Flags().StringVar(&settings, "settings", "", "file whose settings are shown in place of the defaults")
	cmd.Flags().BoolVar(&cases, "cases", false, "show the records that it is tested with")
	return cmd
}

func writeCases(w io.Writer, id string) error {
	for _, c := range detect.CasesOf(id) {
		word := "Quiet"
		if c.Fires {
			word = "Fires"
		}
		if _, err := fmt.Fprintf(w, "\n%s: %s\n%s", word, c.Name, c.Text); err != nil {
			return err
		}
	}
	return nil
}

func newDetectionsInitCmd() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a file of settings, with everything in it that can be set",
		Long: `Writes a settings file that changes nothing: every detection with its mode, severity and
params stands in it behind "#", with the values it has. Take away the "#" from what
you change; a detection that is not in the file is as it was.`,
		Example: `  keytrail detections init > settings.yaml
  keytrail detections init --out settings.yaml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				_, err := io.WriteString(cmd.OutOrStdout(), detect.Template())
				return err
			}
			return writeNew(out, detect.Template())
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "file to write, which must not be there yet (default: standard output)")
	return cmd
}

// writeNew writes a file that is not there yet.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already: nothing was written", path)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
