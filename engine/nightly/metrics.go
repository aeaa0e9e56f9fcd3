package nightly

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// metric is one number with its labels, as name and value by turns.
type metric struct {
	name, help string
	value      float64
	labels     []string
}

// metrics are the numbers of a run.
func (r *Record) metrics() []metric {
	all := []metric{
		{"keytrail_nightly_last_run_timestamp_seconds", "when the last run ended", float64(r.Ended.Unix()), nil},
		{"keytrail_nightly_status", "exit status of the last run", float64(r.Status), nil},
		{"keytrail_nightly_seconds", "how long the last run took", r.Ended.Sub(r.Started).Seconds(), nil},
	}
	for _, s := range r.Steps {
		all = append(all, metric{"keytrail_nightly_step_seconds", "how long a step took", s.Seconds, []string{"step", s.Name}})
	}
	for _, s := range r.Steps {
		failed := 0.0
		if s.Outcome == Failed {
			failed = 1
		}
		all = append(all, metric{"keytrail_nightly_step_failed", "whether a step failed", failed, []string{"step", s.Name}})
	}
	findings := map[string]int{}
	told, unexpected, blind := 0, int64(0), 0
	for _, d := range r.Days {
		for s, n := range d.Findings {
			findings[s] += n
		}
		told += d.Told
		unexpected += d.Unexpected
		blind = max(blind, len(d.NotEvaluated))
	}
	for _, s := range []string{"critical", "high", "medium", "low", "info"} {
		all = append(all, metric{"keytrail_nightly_findings", "findings of the judged days", float64(findings[s]), []string{"severity", s}})
	}
	all = append(all,
		metric{"keytrail_nightly_days_judged", "event days that were judged", float64(len(r.Days)), nil},
		metric{"keytrail_nightly_findings_told", "findings that people were told of", float64(told), nil},
		metric{"keytrail_nightly_unexpected_calls", "calls that no rule of the policy expects", float64(unexpected), nil},
		metric{"keytrail_nightly_detections_not_evaluated", "detections that lack what they need", float64(blind), nil})
	if len(r.Days) > 0 {
		if last, err := time.Parse(time.DateOnly, r.Days[len(r.Days)-1].Day); err == nil {
			all = append(all, metric{"keytrail_nightly_last_day_timestamp_seconds", "end of the last judged day", float64(last.AddDate(0, 0, 1).Unix()), nil})
		}
	}
	return all
}

// WriteTextfile writes the numbers for Prometheus's node exporter, which reads the file
// at any time: it is put there whole. The time of the last run without a failure stays
// what it was when this one failed.
func (r *Record) WriteTextfile(path string) error {
	var b strings.Builder
	before := ""
	all := r.metrics()
	if success, ok := r.lastSuccess(path); ok {
		all = append(all, metric{"keytrail_nightly_last_success_timestamp_seconds", "when the last run without a failure ended", success, nil})
	}
	for _, m := range all {
		if m.name != before {
			fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
			before = m.name
		}
		b.WriteString(m.name)
		for i := 0; i+1 < len(m.labels); i += 2 {
			fmt.Fprintf(&b, "{%s=%q}", m.labels[i], m.labels[i+1])
		}
		fmt.Fprintf(&b, " %g\n", m.value)
	}
	return putFile(path, []byte(b.String()))
}

// lastSuccess is this run's end, or what the file before says.
func (r *Record) lastSuccess(path string) (at float64, ok bool) {
	if len(Failures(r.Steps)) == 0 {
		return float64(r.Ended.Unix()), true
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(data)) {
		if n, err := fmt.Sscanf(line, "keytrail_nightly_last_success_timestamp_seconds %g", &at); n == 1 && err == nil {
			return at, true
		}
	}
	return 0, false
}

// Check reports whether the files can be written, before the night begins.
func (m *Metrics) Check() error {
	for _, path := range []string{m.Textfile, m.EMF} {
		if path == "" || path == "-" {
			continue
		}
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return fmt.Errorf("metrics: %s is no directory for %s", filepath.Dir(path), filepath.Base(path))
		}
	}
	return nil
}

// putFile replaces a file whole.
func putFile(path string, data []byte) error {
	part, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("metrics: %w", err), os.Remove(part.Name()))
	}
	return nil
}

// WriteEMF writes the numbers as one line in CloudWatch's embedded metric format: the
// agent, or Lambda's and ECS's logs, make metrics of it. Steps and severities are in the
// metrics' names, so that no dimension multiplies their cost.
func (r *Record) WriteEMF(w io.Writer, namespace string) error {
	type unit struct {
		Name string `json:"Name"`
		Unit string `json:"Unit"`
	}
	values := map[string]any{"run_id": r.RunID, "lake": r.Lake}
	var names []unit
	for _, m := range r.metrics() {
		name := strings.TrimPrefix(m.name, "keytrail_nightly_")
		for i := 1; i < len(m.labels); i += 2 {
			name += "_" + m.labels[i]
		}
		u := "Count"
		if strings.HasSuffix(m.name, "seconds") {
			u = "Seconds"
		}
		names = append(names, unit{name, u})
		values[name] = m.value
	}
	values["_aws"] = map[string]any{
		"Timestamp":         r.Ended.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": namespace, "Dimensions": [][]string{{}}, "Metrics": names}},
	}
	line, err := json.Marshal(values)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
