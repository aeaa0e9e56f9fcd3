package notify

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// maxTextFindings bounds the findings written out in text.
const maxTextFindings = 100

// Text is the message for a terminal, a log or a mail: lines of plain text, ending with
// a newline.
func (m *Message) Text() string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	line("%s", Plain(m.subject(), 200))
	for _, f := range m.Failed {
		line("  FAILED  %s", Plain(f, 500))
	}
	for _, f := range m.Facts {
		line("  %s: %s", Plain(f.Name, 60), Plain(f.Value, 200))
	}
	findings := m.sorted()
	for i := range min(len(findings), maxTextFindings) {
		m.textOf(&b, &findings[i])
	}
	if more := len(findings) - maxTextFindings; more > 0 {
		line("\nand %d more, all of them in the lake: keytrail findings", more)
	}
	if len(m.Resolved) > 0 {
		line("")
		for i := range min(len(m.Resolved), 20) {
			f := &m.Resolved[i]
			line("resolved  %s %s: %s", f.Detection, Plain(table(f), 100), Plain(f.Title, 150))
		}
	}
	line("")
	for _, n := range m.Notes {
		line("%s", Plain(n, 300))
	}
	line("%s", m.footer())
	return b.String()
}

func (m *Message) textOf(b *strings.Builder, f *schema.Finding) {
	fmt.Fprintf(b, "\n[%s] %s %s\n", f.Severity, f.Detection, Plain(f.Title, 150))
	if t := table(f); t != "" {
		fmt.Fprintf(b, "  table   %s\n", Plain(t, 255))
	}
	if w := who(f); w != "" {
		fmt.Fprintf(b, "  who     %s\n", Plain(w, 300))
	}
	if f.SourceIP != "" {
		fmt.Fprintf(b, "  from    %s\n", Plain(f.SourceIP, 100))
	}
	fmt.Fprintf(b, "  when    %s\n", calls(f))
	fmt.Fprintf(b, "  why     %s\n", Plain(f.Explain, 600))
	fmt.Fprintf(b, "  id      %s\n", f.ID)
}

func (m *Message) footer() string {
	text := fmt.Sprintf("run %s, %s, lake %s", m.RunID, m.Tool, m.Lake)
	if m.Report != "" {
		text += ", report " + m.Report
	}
	return Plain(text, 1000)
}

// Writer is a channel that writes text.
type Writer struct{ W io.Writer }

func (Writer) Name() string { return "stdout" }

func (w Writer) Send(_ context.Context, m *Message) error {
	_, err := io.WriteString(w.W, m.Text())
	return err
}
