package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/engine/retention"
	"github.com/keytrail/keytrail/queries/anomalies"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/findings"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// nightFiles are the files that the configuration names, read once: a night is judged by
// one state of them.
type nightFiles struct {
	policy       *policy.Policy
	settings     map[string]detect.Setting
	settingsSum  string
	suppressions *findings.Suppressions
	calendar     *anomalies.Calendar
	retention    *retention.File
}

func (f *nightFiles) read(c *nightly.Config) error {
	data, err := readOptional(c.Policy)
	if err == nil && c.Policy != "" {
		f.policy, err = policy.Parse(c.Policy, data)
	}
	if err == nil && c.Catalogue != "" {
		if f.policy == nil {
			return errors.New("catalogue goes with policy, which says who is expected to do what to its tables")
		}
		f.policy, err = catalogued(f.policy, c.Catalogue)
	}
	if err != nil {
		return err
	}
	if data, err = readOptional(c.Detections); err == nil && c.Detections != "" {
		sum := sha256.Sum256(data)
		f.settingsSum = hex.EncodeToString(sum[:])
		f.settings, err = detect.ParseSettings(c.Detections, data)
	}
	if err != nil {
		return err
	}
	if data, err = readOptional(c.Suppressions); err == nil && c.Suppressions != "" {
		f.suppressions, err = findings.ParseSuppressions(c.Suppressions, data)
	}
	if err != nil {
		return err
	}
	if data, err = readOptional(c.Calendar); err == nil && c.Calendar != "" {
		f.calendar, err = anomalies.ParseCalendar(c.Calendar, data)
	}
	if err == nil && c.Retention != "" {
		f.retention, _, err = readRetention(c.Retention, c.Policy, "", time.Time{})
		if err != nil {
			return err
		}
		if shortest := f.retention.Shortest(); shortest > 0 && shortest <= c.LookBack {
			err = fmt.Errorf("%s: a limit of %d days is within look_back (%d): days would be judged again without their rows", c.Retention, shortest, c.LookBack)
		}
	}
	return err
}

func (f *nightFiles) policySum() string {
	if f.policy == nil {
		return ""
	}
	return f.policy.SHA256
}

// detect judges a day by the detections.
func (n *night) detect(ctx context.Context, d *nightDay) (int, error) {
	h, err := n.history(ctx, d.day)
	if err != nil {
		return 0, err
	}
	judged, err := n.judgedBefore(ctx)
	if err != nil {
		return 0, err
	}
	p, err := n.policy(ctx, d.day)
	if err != nil {
		return 0, err
	}
	j, err := detect.Judge(ctx, n.lake, detect.JudgeOptions{
		Day: d.day, Policy: p, Settings: n.files.settings, History: h, Judged: judged, Now: n.asOf,
	})
	if err != nil {
		return 0, err
	}
	d.found = append(d.found, j.Findings...)
	d.record.Silenced = j.Silenced
	d.record.Notes = append(d.record.Notes, j.Notes...)
	for _, s := range j.States {
		if s.State == detect.NotEvaluated {
			d.record.NotEvaluated = append(d.record.NotEvaluated, s.Detection+": "+strings.Join(s.Reasons, "; "))
		}
	}
	return len(j.Findings), nil
}

// history is what the lake knows of the days before a day. The steps of one day share it.
func (n *night) history(ctx context.Context, day string) (detect.History, error) {
	if n.histories == nil {
		n.histories = map[string]detect.History{}
	}
	if h := n.histories[day]; h != nil {
		return h, nil
	}
	h, err := openHistory(ctx, n.lake, day, n.errs)
	if err == nil {
		clear(n.histories) // of other days; each may be large
		n.histories[day] = h
	}
	return h, err
}

// judgedBefore are the commits that days were judged at.
func (n *night) judgedBefore(ctx context.Context) (map[string]int64, error) {
	all := map[string]int64{}
	for _, day := range n.plan.Again {
		j, err := n.lake.Judged(ctx, day)
		if err != nil {
			return nil, err
		}
		if j != nil {
			all[day] = j.Commit
		}
	}
	return all, nil
}

// unexpected counts the calls of a day that no rule expects. What they are, detections
// tell (CHG), and "keytrail unexpected" lists.
func (n *night) unexpected(ctx context.Context, d *nightDay) (int, error) {
	if n.files.policy == nil {
		return 0, nil
	}
	day, err := schema.ParseDay(d.day)
	if err != nil {
		return 0, err
	}
	p, err := n.policy(ctx, d.day)
	if err != nil {
		return 0, err
	}
	a, err := unexpected.Ask(ctx, n.lake, unexpected.Question{Policy: p, From: int64(day) * dayMicros, To: (int64(day) + 1) * dayMicros})
	if err != nil {
		return 0, err
	}
	for i := range a.Groups {
		d.record.Unexpected += a.Groups[i].Calls
	}
	for i := range a.Rules {
		if r := &a.Rules[i]; r.Late > 0 {
			d.record.Notes = append(d.record.Notes, fmt.Sprintf("rule %s has expired and is still used", r.Rule.ID))
		}
	}
	return len(a.Groups), nil
}

// anomalies judges the numbers of a day by those of the days before.
func (n *night) anomalies(ctx context.Context, d *nightDay) (int, error) {
	p, err := n.policy(ctx, d.day)
	if err != nil {
		return 0, err
	}
	r, err := anomalies.Ask(ctx, n.lake, anomalies.Question{
		Day: d.day, Policy: p, Calendar: n.files.calendar,
		History: func(ctx context.Context, _ int32) (detect.History, error) { return n.history(ctx, d.day) },
	})
	if err != nil {
		return 0, err
	}
	files := n.files
	files.policy = p
	d.found = append(d.found, files.vanished(d, r.Findings)...)
	d.found = append(append(d.found, r.Findings...), r.Insights...)
	d.record.NotEvaluated = append(d.record.NotEvaluated, r.NotEvaluated...)
	return len(r.Findings) + len(r.Insights), nil
}

// vanished are silences of hours whose digests are missing, too: then it was the log that
// was lost (DDB-AUD-009), whatever the application did.
func (f *nightFiles) vanished(d *nightDay, odd []schema.Finding) (all []schema.Finding) {
	setting := f.settings["DDB-AUD-009"]
	lost := func(region string) bool {
		return slices.ContainsFunc(d.found, func(c schema.Finding) bool {
			return c.Detection == "DDB-COV-001" && (c.Region == "" || c.Region == region)
		})
	}
	for i := range odd {
		silent := &odd[i]
		arn, ok := schema.ParseTableARN(silent.TableARN)
		if silent.Detection != anomalies.Silence || silent.Stat == nil || setting.Mode == detect.Off || !ok || !lost(arn.Region) {
			continue
		}
		day, err := schema.ParseDay(silent.Day)
		if err != nil {
			continue // no finding is of no day
		}
		all = append(all, detect.Vanished(&detect.Silence{
			Day: day, TableARN: silent.TableARN, Principal: silent.Principal, From: silent.First, To: silent.Last,
			Digests: detect.DigestsMissing, Table: f.policy.TableOf(silent.TableARN), Stat: *silent.Stat, DryRun: setting.Mode == detect.DryRun,
		}))
	}
	return all
}
