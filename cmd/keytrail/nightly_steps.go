package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/engine/notify"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/verify"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/findings"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// night is one run of nightly.
type night struct {
	config    *nightly.Config
	files     nightFiles
	asOf      time.Time
	rehearsal bool // asOf is not now
	out, errs io.Writer

	lake   *lake.Lake
	keys   *keyModes
	store  lake.Store
	inputs []engine.Input

	record nightly.Record
	plan   nightly.Plan
	days   []*nightDay
	told   []schema.Finding

	courier *notify.Courier

	histories map[string]detect.History
	tagged    struct { // the policy with the tags of a day
		day    string
		policy *policy.Policy
	}
}

// nightDay is an event day that is judged.
type nightDay struct {
	day     string
	version string // of its rows, before they were read
	again   bool
	found   []schema.Finding
	settled findings.Settled
	record  nightly.DayRecord
}

// openAll makes sure that people can be told, and opens the sources and the lake, which
// an empty place becomes.
func (n *night) openAll(ctx context.Context) (err error) {
	if err := n.config.Secrets(); err != nil {
		return err
	}
	if err := n.config.Metrics.Check(); err != nil {
		return err
	}
	if n.courier, err = n.newCourier(ctx); err != nil {
		return err
	}
	if n.config.Alerts.Spool != "" {
		if err := n.courier.Spool.Check(); err != nil {
			return err
		}
	}
	for _, url := range n.config.Sources {
		in, err := openInput(ctx, url)
		if err != nil {
			return err
		}
		n.inputs = append(n.inputs, in)
	}
	keys := keyFlags{secretFlags{n.config.Keys.Secrets}, n.config.Keys.Modes}
	if n.keys, err = keys.keyModes(ctx); err == nil {
		err = n.keys.checkLake(ctx, n.config.Lake)
	}
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if n.store, err = lakeStore(ctx, n.config.Lake, dir.Create); err != nil {
		return err
	}
	n.lake, err = lake.Create(ctx, n.store)
	return err
}

// ingest reads the new logs.
func (n *night) ingest(ctx context.Context) (string, error) {
	debug.SetMemoryLimit(n.config.MemoryBytes() - n.config.MemoryBytes()/32)
	eng := engine.Engine{
		Lake: n.lake, Memory: n.config.MemoryBytes(), MaxObject: min(256<<20, n.config.MemoryBytes()/4),
		Jobs: runtime.GOMAXPROCS(0), TempDir: n.config.TempDir, Progress: new(engine.Progress),
		Rewrite: []engine.Rewrites{n.keys.rewrites(n.lake)},
	}
	eng.Rewrite = append(eng.Rewrite, standingOrders(n.lake)...)
	req := engine.Request{Inputs: n.inputs}
	if n.rehearsal {
		req.To = n.asOf.UTC().Format(time.DateOnly)
	}
	stop := showProgress(n.errs, eng.Progress)
	rep, err := eng.Ingest(ctx, req)
	stop()
	if err != nil {
		return "", err
	}
	did := fmt.Sprintf("%s read, %s new, %s quarantined", count(rep.ObjectsDone, "object"), count(rep.RowsAdded, "row"), count(rep.Quarantined, "record"))
	if left := rep.ObjectsFailed + rep.ObjectsArchived; left > 0 {
		did += fmt.Sprintf(", %s not read", count(left, "object"))
	}
	if !rep.Complete() {
		return did, nightly.ErrIncomplete
	}
	return did, nil
}

// digests holds the logs of the last days against CloudTrail's signed digest files. The
// verdicts go to the ledger, where detections find them.
func (n *night) digests(ctx context.Context) (string, error) {
	if !n.config.Verify.Digests {
		return "not asked for", nightly.ErrNothing
	}
	from := n.asOf.AddDate(0, 0, -n.config.LookBack).Format(time.DateOnly)
	job := digestJob{lake: n.lake, inputs: n.inputs, keys: keyring{file: n.config.Verify.PublicKeys}, from: from, record: true}
	s, err := job.run(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s since %s; %s", tally(s.counts().Tally), from, count(int64(s.Findings), "finding")), nil
}

// verify reads the whole lake, when it is its turn.
func (n *night) verify(ctx context.Context) (string, error) {
	full := n.config.Verify.Full
	if full == "never" || full == "weekly" && n.asOf.Weekday() != time.Sunday {
		return "not tonight", nightly.ErrNothing
	}
	rep, err := verify.Lake(ctx, n.store, verify.Options{})
	if err != nil {
		return "", err
	}
	did := fmt.Sprintf("%s in %s checked", count(rep.Rows, "row"), count(rep.TouchFiles, "file"))
	if !rep.Clean() {
		return did, fmt.Errorf("%s: %s; %q tells them", did, count(rep.Total, "finding"), "keytrail verify")
	}
	return did, nil
}

// planDays finds out which days are to be judged.
func (n *night) planDays(ctx context.Context) (string, error) {
	plan, err := n.config.PlanDays(ctx, n.lake, n.asOf)
	if err != nil {
		return "", err
	}
	n.plan = plan
	for _, day := range plan.Days() {
		version, err := n.lake.DayVersion(ctx, day)
		if err != nil {
			return "", err
		}
		again := slices.Contains(plan.Again, day)
		n.days = append(n.days, &nightDay{
			day: day, version: version, again: again,
			record: nightly.DayRecord{Day: day, Version: version, Again: again, Findings: map[string]int{}},
		})
	}
	slices.SortFunc(n.days, func(a, b *nightDay) int { return cmp.Compare(a.day, b.day) })
	did := count(int64(len(n.days)), "day") + " to judge"
	if len(plan.Again) > 0 {
		did += ", again: " + listOf(plan.Again)
	}
	if plan.Skipped > 0 {
		return did, fmt.Errorf("%w: %s older than catch_up are not judged", nightly.ErrIncomplete, count(int64(plan.Skipped), "missed day"))
	}
	return did, nil
}

// eachDay makes a step of what is to be done for each day. did says what came of one.
func (n *night) eachDay(do func(context.Context, *nightDay) (found int, err error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if len(n.days) == 0 {
			return "no day to judge", nightly.ErrNothing
		}
		total := 0
		for _, d := range n.days {
			found, err := do(ctx, d)
			if err != nil {
				return "", fmt.Errorf("%s: %w", d.day, err)
			}
			total += found
		}
		return fmt.Sprintf("%d found in %s", total, count(int64(len(n.days)), "day")), nil
	}
}

// keepFindings gives the findings their states and puts them into the lake, day after
// day: each day's stand on those before.
func (n *night) keepFindings(ctx context.Context) (string, error) {
	if len(n.days) == 0 {
		return "no day to judge", nightly.ErrNothing
	}
	lease, err := n.lake.Acquire(ctx, lake.LeaseOptions{})
	if err != nil {
		return "", err
	}
	defer lease.Release(ctx)
	held, cancel := whileHeld(ctx, lease)
	defer cancel()
	total := 0
	for _, d := range n.days {
		if err := n.settleDay(held, d); err != nil {
			return "", fmt.Errorf("%s: %w", d.day, err)
		}
		total += len(d.settled.Findings)
	}
	return fmt.Sprintf("%d kept, %s", total, n.news()), nil
}

func (n *night) news() string {
	told := 0
	for _, d := range n.days {
		told += len(d.settled.Tell)
	}
	return fmt.Sprintf("%d new or worse", told)
}

// settleDay settles one day and notes what is to be told of it before anybody is.
func (n *night) settleDay(ctx context.Context, d *nightDay) error {
	day, err := schema.ParseDay(d.day)
	if err != nil {
		return err
	}
	past, err := n.past(ctx, day)
	if err != nil {
		return err
	}
	d.settled = findings.Settle(day, d.found, past, n.files.suppressions)
	if err := n.lake.MergeFindings(ctx, d.day, func([]schema.Finding) []schema.Finding { return d.settled.Findings }); err != nil {
		return err
	}
	commit, err := n.lake.LastNumber(ctx)
	if err != nil {
		return err
	}
	err = n.lake.UpdateJudged(ctx, d.day, func(j *lake.Judged) {
		j.Version, j.Commit, j.RunID, j.At = d.version, commit, n.record.RunID, n.asOf
		j.Pending = nil
		for _, f := range slices.Concat(d.settled.Tell, d.settled.Resolved) {
			if j.Told[f.ID] < f.Severity {
				j.Pending = append(j.Pending, f.ID)
			}
		}
	})
	d.count()
	return err
}

// past is what was found on the days that count, and what people were told of it, or
// will be tonight.
func (n *night) past(ctx context.Context, day int32) (*findings.Past, error) {
	judged, err := n.lake.JudgedDays(ctx)
	if err != nil {
		return nil, err
	}
	found, told := map[int32][]schema.Finding{}, map[string]schema.Severity{}
	for _, name := range judged {
		number, err := schema.ParseDay(name)
		if err != nil {
			return nil, err
		}
		if number >= day || number < day-findings.Memory {
			continue
		}
		if found[number], err = n.lake.Findings(ctx, name); err != nil {
			return nil, err
		}
		j, err := n.lake.Judged(ctx, name)
		if err != nil {
			return nil, err
		}
		if j == nil {
			return nil, fmt.Errorf("%s: what people were told has just gone", name)
		}
		maps.Copy(told, j.Told)
		for _, f := range found[number] {
			if slices.Contains(j.Pending, f.ID) {
				told[f.ID] = f.Severity
			}
		}
	}
	return findings.NewPast(found, told), nil
}

// count fills in the day's record.
func (d *nightDay) count() {
	r := &d.record
	for i := range d.settled.Findings {
		f := &d.settled.Findings[i]
		switch {
		case f.State == schema.FindingResolved:
		case f.Suppressed != "":
			r.Suppressed++
		case f.DryRun:
			r.DryRun++
		default:
			r.Findings[f.Severity.String()]++
		}
	}
}

func (n *night) dayRecords() []nightly.DayRecord {
	all := []nightly.DayRecord{}
	for _, d := range n.days {
		all = append(all, d.record)
	}
	return all
}

// reports runs the commands of the configuration.
func (n *night) reports(ctx context.Context) (string, error) {
	if len(n.config.Reports) == 0 {
		return "none", nightly.ErrNothing
	}
	var days []string
	for _, d := range n.days {
		days = append(days, d.day)
	}
	var failed []error
	for i := range n.config.Reports {
		err := n.config.Reports[i].Run(ctx, "KEYTRAIL_RUN_ID="+n.record.RunID, "KEYTRAIL_LAKE="+n.config.Lake, "KEYTRAIL_DAYS="+strings.Join(days, ","))
		failed = append(failed, err)
	}
	return count(int64(len(n.config.Reports)), "report"), errors.Join(failed...)
}
