package lake

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// findingRow is a schema.Finding on disk. Its column names are promises to other people's
// SQL, and those of the finding's JSON wherever there is one. The day is in the path.
type findingRow struct {
	ID          string    `parquet:"id"`
	Fingerprint string    `parquet:"fingerprint"`
	Detection   string    `parquet:"detection"`
	Version     int32     `parquet:"version"`
	Kind        string    `parquet:"kind,optional"`
	Severity    string    `parquet:"severity"`
	Rank        int32     `parquet:"severity_rank"`
	DryRun      bool      `parquet:"dry_run"`
	State       string    `parquet:"state,optional"`
	Suppressed  string    `parquet:"suppressed,optional"`
	Title       string    `parquet:"title,optional"`
	Explain     string    `parquet:"explain,optional"`
	First       *int64    `parquet:"first,timestamp(microsecond)"`
	Last        *int64    `parquet:"last,timestamp(microsecond)"`
	Count       int64     `parquet:"count"`
	TableName   string    `parquet:"table_name,optional"`
	TableARN    string    `parquet:"table_arn,optional"`
	Principal   string    `parquet:"principal,optional"`
	Actor       string    `parquet:"actor,optional"`
	ActorName   string    `parquet:"actor_name,optional"`
	ActorKind   string    `parquet:"actor_kind,optional"`
	SourceIP    string    `parquet:"source_ip,optional"`
	UserAgent   string    `parquet:"user_agent,optional"`
	Region      string    `parquet:"aws_region,optional"`
	Verdict     string    `parquet:"verdict,optional"`
	Rule        string    `parquet:"rule,optional"`
	EventIDs    []string  `parquet:"event_ids,list"`
	Evidence    string    `parquet:"evidence,optional"`
	Observed    *float64  `parquet:"observed"`
	Expected    *float64  `parquet:"expected"`
	Low         *float64  `parquet:"low"`
	High        *float64  `parquet:"high"`
	P           *float64  `parquet:"p"`
	Series      []float64 `parquet:"series,list"`
	Attack      []string  `parquet:"attack,list"`
	AttackNext  []string  `parquet:"attack_next,list"`
}

func encodeFinding(f schema.Finding) findingRow {
	r := findingRow{
		ID: f.ID, Fingerprint: f.Fingerprint, Detection: f.Detection, Version: int32(f.Version), Kind: f.Kind,
		Severity: f.Severity.String(), Rank: int32(f.Severity), DryRun: f.DryRun, State: f.State, Suppressed: f.Suppressed,
		Title: f.Title, Explain: f.Explain, First: micros(f.First), Last: micros(f.Last), Count: f.Count,
		TableName: f.TableName, TableARN: f.TableARN, Principal: f.Principal, Actor: f.Actor, ActorName: f.ActorName, ActorKind: f.ActorKind,
		SourceIP: f.SourceIP, UserAgent: f.UserAgent, Region: f.Region, Verdict: f.Verdict, Rule: f.Rule,
		Attack: f.Attack, AttackNext: f.AttackNext,
	}
	for i := range f.Evidence {
		r.EventIDs = append(r.EventIDs, f.Evidence[i].EventID)
	}
	if len(f.Evidence) > 0 {
		// Neither texts nor times that are in order can fail.
		evidence, _ := json.Marshal(f.Evidence)
		r.Evidence = string(escapeHidden(evidence))
	}
	if s := f.Stat; s != nil {
		r.Observed, r.Expected, r.Low, r.High, r.P, r.Series = &s.Observed, &s.Expected, &s.Low, &s.High, &s.P, s.Series
	}
	return r
}

// decodeFinding is the inverse of [encodeFinding]. What cannot be read leaves a finding
// that checkFindings refuses.
func decodeFinding(r findingRow) schema.Finding {
	f := schema.Finding{
		ID: r.ID, Fingerprint: r.Fingerprint, Detection: r.Detection, Version: int(r.Version), Kind: r.Kind,
		DryRun: r.DryRun, State: r.State, Suppressed: r.Suppressed,
		Title: r.Title, Explain: r.Explain, First: timeOf(r.First), Last: timeOf(r.Last), Count: r.Count,
		TableName: r.TableName, TableARN: r.TableARN, Principal: r.Principal, Actor: r.Actor, ActorName: r.ActorName, ActorKind: r.ActorKind,
		SourceIP: r.SourceIP, UserAgent: r.UserAgent, Region: r.Region, Verdict: r.Verdict, Rule: r.Rule,
		Attack: some(r.Attack), AttackNext: some(r.AttackNext),
	}
	severity, err := schema.ParseSeverity(r.Severity)
	if err != nil || int32(severity) != r.Rank || r.Evidence != "" && json.Unmarshal([]byte(r.Evidence), &f.Evidence) != nil {
		return schema.Finding{}
	}
	f.Severity = severity
	for i := range f.Evidence {
		f.Evidence[i].EventTime = instant(f.Evidence[i].EventTime)
	}
	if r.Observed != nil && r.Expected != nil && r.Low != nil && r.High != nil && r.P != nil {
		f.Stat = &schema.Stat{Observed: *r.Observed, Expected: *r.Expected, Low: *r.Low, High: *r.High, P: *r.P, Series: some(r.Series)}
	}
	return f
}

// some is the list, nil for an empty one.
func some[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// normalFinding is the finding as it comes back from disk, sharing nothing with f.
func normalFinding(f *schema.Finding) schema.Finding {
	n := *f
	for _, s := range []*string{
		&n.ID, &n.Fingerprint, &n.Detection, &n.Kind, &n.State, &n.Suppressed, &n.Title, &n.Explain, &n.TableName, &n.TableARN,
		&n.Principal, &n.Actor, &n.ActorName, &n.ActorKind, &n.SourceIP, &n.UserAgent, &n.Region, &n.Verdict, &n.Rule,
	} {
		*s = text(*s)
	}
	n.First, n.Last = tellable(n.First), tellable(n.Last)
	n.Attack, n.AttackNext = allText(n.Attack), allText(n.AttackNext)
	n.Evidence = some(append([]schema.Evidence(nil), n.Evidence...))
	for i := range n.Evidence {
		e := &n.Evidence[i]
		e.EventID, e.EventName, e.SourceObject = text(e.EventID), text(e.EventName), text(e.SourceObject)
		e.EventTime = tellable(e.EventTime)
	}
	if n.Stat != nil {
		s := *n.Stat
		s.Series = some(append([]float64(nil), s.Series...))
		n.Stat = &s
	}
	return n
}

// tellable is [instant] for times that stand in JSON, which has none beyond the year 9999:
// they are no times.
func tellable(t time.Time) time.Time {
	if t = instant(t); t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

func allText(list []string) []string {
	out := append([]string(nil), list...)
	for i := range out {
		out[i] = text(out[i])
	}
	return some(out)
}

// finite says whether all that a finding was worked out from are numbers.
func finite(s *schema.Stat) bool {
	for _, v := range append([]float64{s.Observed, s.Expected, s.Low, s.High, s.P}, s.Series...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// findingLines are findings as JSON Lines, safe to show on a terminal.
func findingLines(findings []schema.Finding) ([]byte, error) {
	var b []byte
	for i := range findings {
		line, err := json.Marshal(&findings[i])
		if err != nil {
			return nil, err
		}
		b = append(append(b, escapeHidden(line)...), '\n')
	}
	return b, nil
}

// escapeHidden escapes in JSON what a terminal would obey or hide, which changes nothing for
// a parser: such characters stand in strings alone.
func escapeHidden(data []byte) []byte {
	hidden := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
	if !strings.ContainsFunc(string(data), hidden) {
		return data
	}
	var b []byte
	for _, r := range string(data) {
		switch {
		case !hidden(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}
