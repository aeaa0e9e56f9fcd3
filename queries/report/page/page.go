// Package page writes a report as one self-contained HTML file: no script, nothing
// fetched, no font but the reader's. It prints on A4, and reads in light and dark,
// without colours, by keyboard and by ear.
//
// The policy in its head forbids all but its own style sheet, so that a text from the log
// that got past the escaping could still do nothing.
package page

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/keytrail/keytrail/queries/report"
)

//go:embed page.html plot.html page.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "page.html", "plot.html"))

// style is the style sheet, and policy what the page may do: be styled by it.
var style, policy = func() (template.CSS, string) {
	text, err := files.ReadFile("page.css")
	if err != nil {
		panic(err) // it is in the program
	}
	sum := sha256.Sum256(text)
	return template.CSS(text), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}()

// Write writes the document as an HTML page that needs nothing from anywhere. Of a table
// it shows the first [MaxRows] rows, or as many as it says. Tables, their columns, plots and
// facts carry what they are in data attributes (data-table, data-column, data-plot, data-fact). A value that is not
// written as [report.Value.Plain] has that in data-value. Errors are those of [report.Document.Check] and of w.
func Write(w io.Writer, d *report.Document) error {
	if err := d.Check(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := page.Execute(out, view(d)); err != nil {
		return err
	}
	return out.Flush()
}

// level is a level as the templates want it.
type level report.Level

func (l level) Word() string { return report.Level(l).Word() }

// Class is the level's class in the style sheet.
func (l level) Class() string {
	if l == "" {
		return "plain"
	}
	return string(l)
}

// Meaning is what the level asks of the reader.
func (l level) Meaning() string {
	switch report.Level(l) {
	case report.OK:
		return "as it should be"
	case report.Attention:
		return "somebody should look at it"
	case report.Alarm:
		return "somebody must look at it"
	case report.Unknown:
		return "neither good nor bad is known"
	}
	return ""
}
