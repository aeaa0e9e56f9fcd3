package detect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// Render writes a judgment to w. JSON is one object; JSON lines and CSV are the findings
// alone. The table has the worst findings first, and under them what could not be
// judged, and why: nobody should take silence for health.
func (j *Judgment) Render(w io.Writer, f queries.Format, look queries.Look) error {
	switch f {
	case queries.JSON:
		return writeJSON(w, j.document())
	case queries.JSONL:
		for i := range j.Findings {
			if err := writeJSON(w, &j.Findings[i]); err != nil {
				return err
			}
		}
		return nil
	case queries.CSV:
		return j.writeCSV(w)
	}
	_, err := io.WriteString(w, j.text(look))
	return err
}

// RenderFindings writes findings to w, of whatever judgment they are: as a table, the
// worst first, one JSON array, JSON lines or CSV.
func RenderFindings(w io.Writer, all []schema.Finding, f queries.Format, look queries.Look) error {
	if f == queries.JSON {
		return writeJSON(w, append([]schema.Finding{}, all...))
	}
	if f != queries.Table {
		return (&Judgment{Findings: all}).Render(w, f, look)
	}
	p := page{look: look}
	for _, f := range worstFirst(all) {
		p.finding(f)
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// document is a Judgment as JSON has it. Its names are promises.
func (j *Judgment) document() any {
	findings := j.Findings
	if findings == nil {
		findings = []schema.Finding{}
	}
	return struct {
		Day      string                      `json:"day"`
		Rows     int64                       `json:"rows"`
		Findings []schema.Finding            `json:"findings"`
		States   []State                     `json:"states"`
		Silenced map[string]int64            `json:"silenced"`
		Skipped  map[string]map[string]int64 `json:"skipped"`
		Beyond   map[string]int64            `json:"beyond"`
		Notes    []string                    `json:"notes"`
	}{j.Day, j.Rows, findings, j.States, j.Silenced, j.Skipped, j.Beyond, append([]string{}, j.Notes...)}
}

// writeJSON writes one line. What a terminal would obey is escaped, which changes nothing
// for a parser.
func writeJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err == nil {
		_, err = io.WriteString(w, queries.EscapeJSON(string(text))+"\n")
	}
	return err
}

func (j *Judgment) writeCSV(w io.Writer) error {
	rows := make([][]queries.Datum, len(j.Findings))
	for i := range j.Findings {
		rows[i] = findingData(&j.Findings[i])
	}
	return queries.WriteData(w, queries.CSV, nil, findingData(&schema.Finding{}), rows)
}

// findingData is a finding for a spreadsheet.
func findingData(f *schema.Finding) []queries.Datum {
	var events []string
	for i := range f.Evidence {
		events = append(events, f.Evidence[i].EventID)
	}
	return []queries.Datum{
		queries.TextDatum("id", f.ID), queries.TextDatum("fingerprint", f.Fingerprint), queries.TextDatum("day", f.Day),
		queries.TextDatum("detection", f.Detection), queries.CountDatum("version", int64(f.Version)), queries.TextDatum("kind", f.Kind),
		queries.TextDatum("severity", f.Severity.String()), queries.BoolDatum("dry_run", f.DryRun),
		queries.TextDatum("state", f.State), queries.TextDatum("suppressed", f.Suppressed),
		queries.TextDatum("title", f.Title), queries.TextDatum("explain", f.Explain),
		queries.TimeDatum("first", micros(f.First)), queries.TimeDatum("last", micros(f.Last)), queries.CountDatum("count", f.Count),
		queries.TextDatum("table_name", f.TableName), queries.TextDatum("table_arn", f.TableARN),
		queries.TextDatum("principal", f.Principal), queries.TextDatum("actor", f.Actor), queries.TextDatum("actor_name", f.ActorName), queries.TextDatum("actor_kind", f.ActorKind),
		queries.TextDatum("source_ip", f.SourceIP), queries.TextDatum("user_agent", f.UserAgent), queries.TextDatum("aws_region", f.Region),
		queries.TextDatum("verdict", f.Verdict), queries.TextDatum("rule", f.Rule),
		queries.ListDatum("event_ids", events), queries.ListDatum("attack", f.Attack), queries.ListDatum("attack_next", f.AttackNext),
	}
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// text is the judgment for people.
func (j *Judgment) text(look queries.Look) string {
	p := page{look: look}
	for _, f := range worstFirst(j.Findings) {
		p.finding(f)
	}
	p.line(0, j.summary())
	for _, note := range j.Notes {
		p.painted(look.Warning, queries.Clean(note))
	}
	for _, line := range j.blind() {
		p.line(0, line)
	}
	return p.String()
}

func worstFirst(findings []schema.Finding) []*schema.Finding {
	all := make([]*schema.Finding, len(findings))
	for i := range findings {
		all[i] = &findings[i]
	}
	slices.SortFunc(all, func(a, b *schema.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), a.First.Compare(b.First), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// summary is one line: how much was judged, and what was found.
func (j *Judgment) summary() string {
	counts := map[schema.Severity]int{}
	for i := range j.Findings {
		counts[j.Findings[i].Severity]++
	}
	var parts []string
	for _, s := range slices.Backward(schema.Severities) {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	found := "nothing found"
	if len(parts) > 0 {
		found = strings.Join(parts, ", ")
	}
	states := map[string]int{}
	for _, s := range j.States {
		states[s.State]++
	}
	text := fmt.Sprintf("%s, %d rows: %s. Detections: %d of %d evaluated", j.Day, j.Rows, found, states[Evaluated], len(j.States))
	for _, s := range []struct{ state, words string }{{Partly, "in part"}, {NotEvaluated, "not"}, {SwitchedOff, "switched off"}} {
		if n := states[s.state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, s.words)
		}
	}
	var silenced int64
	for _, n := range j.Silenced {
		silenced += n
	}
	if silenced > 0 {
		text += fmt.Sprintf("; rules of the policy silenced %d calls", silenced)
	}
	return text + "."
}

// blind says what could not be judged, by reason.
func (j *Judgment) blind() (lines []string) {
	by := map[string][]string{}
	for _, s := range j.States {
		if s.State != NotEvaluated && s.State != Partly {
			continue
		}
		for _, why := range s.Reasons {
			why = "Not evaluated, " + why
			if s.State == Partly {
				why = "Evaluated in part" + strings.TrimPrefix(why, "Not evaluated")
			}
			by[why] = append(by[why], strings.TrimPrefix(s.Detection, "DDB-"))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(by)) {
		lines = append(lines, queries.Clean(why+": "+strings.Join(by[why], ", ")))
	}
	return lines
}
