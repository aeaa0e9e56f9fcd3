package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries/report"
	"github.com/keytrail/keytrail/queries/report/page"
)

// reportOut says where a report goes.
type reportOut struct{ html, json, csv string }

func (o *reportOut) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.html, "out", "", "write the report there, one HTML file that needs nothing from anywhere")
	flags.StringVar(&o.json, "json-out", "", "write the same numbers there as JSON; - is stdout")
	flags.StringVar(&o.csv, "csv-out", "", "write all tables there as CSV, a file each, into a directory that is made when there is none")
}

// asked reports whether any place was asked for.
func (o *reportOut) asked() bool { return o.html != "" || o.json != "" || o.csv != "" }

// write writes a report to all places that were asked for, and to the terminal where none
// was. Files appear whole or not at all.
func (o *reportOut) write(d *report.Document, stdout io.Writer) error {
	if err := d.Check(); err != nil {
		return fmt.Errorf("make the report: %w", err)
	}
	if !o.asked() {
		return report.WriteText(stdout, d, lookOf(stdout, time.UTC))
	}
	if o.html != "" {
		if err := writeWhole(o.html, func(w io.Writer) error { return page.Write(w, d) }); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	switch o.json {
	case "":
	case "-":
		if err := report.WriteJSON(stdout, d); err != nil {
			return err
		}
	default:
		if err := writeWhole(o.json, func(w io.Writer) error { return report.WriteJSON(w, d) }); err != nil {
			return fmt.Errorf("--json-out: %w", err)
		}
	}
	if o.csv == "" {
		return nil
	}
	if err := os.MkdirAll(o.csv, 0o777); err != nil {
		return fmt.Errorf("--csv-out: %w", err)
	}
	for i := range d.Sections {
		for j := range d.Sections[i].Tables {
			t := &d.Sections[i].Tables[j]
			if err := writeWhole(filepath.Join(o.csv, t.ID+".csv"), func(w io.Writer) error { return report.WriteCSV(w, t) }); err != nil {
				return fmt.Errorf("--csv-out: %w", err)
			}
		}
	}
	return nil
}

// writeWhole puts a file in place when all of it is written.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if err := write(file); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
