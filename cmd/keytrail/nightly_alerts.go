package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/engine/notify"
	"github.com/keytrail/keytrail/engine/notify/snstopic"
	"github.com/keytrail/keytrail/schema"
)

// maxTold is how many findings of one detection are told in a night: a detection that
// finds more has another problem, and says so.
const maxTold = 50

// alert tells people what is new, what earlier runs had no time to tell, and which steps
// failed. What is told, or lies in the spool, is noted as told. People hear of failures
// even when the lake cannot be asked what else there is.
func (n *night) alert(ctx context.Context) (string, error) {
	release, perr := n.onlyTeller(ctx)
	defer release()
	var pending map[string][]schema.Finding
	if perr == nil {
		pending, perr = n.pending(ctx) // none with an error
	}
	m := n.message(pending)
	if perr != nil {
		m.Failed = append(m.Failed, "alerts: "+perr.Error())
	}
	if len(n.courier.Routes) == 0 {
		// The exit status and the record have told it.
		return "no channels", cmp.Or(errors.Join(perr, n.noteTold(ctx, pending)), nightly.ErrNothing)
	}
	deliveries, err := n.courier.Deliver(ctx, m)
	sent, spooled := 0, 0
	for _, d := range deliveries {
		sent += d.Sent
		spooled += d.Spooled
	}
	did := fmt.Sprintf("%s sent, %d spooled, %s told", count(int64(sent), "message"), spooled, count(int64(len(m.Findings)), "finding"))
	if dead := n.courier.Spool.Dead(); dead > 0 {
		did += fmt.Sprintf("; %s refused or too old lie in %s", count(int64(dead), "message"), n.config.Alerts.Spool)
	}
	if errors.Is(err, notify.ErrLost) { // the next run tells it, some for the second time
		return did, errors.Join(perr, err)
	}
	return did, errors.Join(perr, err, n.noteTold(ctx, pending))
}

// tellerWait is how long a run waits for another one that is telling people.
const tellerWait = 2 * time.Minute

// onlyTeller keeps runs at the same time from telling the same twice, until release is
// called.
func (n *night) onlyTeller(ctx context.Context) (release func(), err error) {
	for end := time.Now().Add(tellerWait); ; {
		lease, err := n.lake.Acquire(ctx, lake.LeaseOptions{Name: lake.AlertsLease})
		if err == nil {
			return func() { lease.Release(ctx) }, nil
		}
		if !errors.Is(err, lake.ErrLeased) || time.Now().After(end) {
			return func() {}, fmt.Errorf("what was found is left to the next run: %w", err)
		}
		select {
		case <-ctx.Done():
			return func() {}, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

// pending are the findings to tell, of all judged days that count, by day.
func (n *night) pending(ctx context.Context) (map[string][]schema.Finding, error) {
	judged, err := n.lake.JudgedDays(ctx)
	if err != nil {
		return nil, err
	}
	oldest := n.asOf.AddDate(0, 0, -n.config.LookBack-n.config.CatchUp-n.config.FirstDays).Format(time.DateOnly)
	all := map[string][]schema.Finding{}
	for _, day := range judged {
		if day < oldest {
			continue
		}
		j, err := n.lake.Judged(ctx, day)
		if err != nil {
			return nil, err
		}
		if j == nil || len(j.Pending) == 0 {
			continue
		}
		found, err := n.lake.Findings(ctx, day)
		if err != nil {
			return nil, err
		}
		all[day] = slices.DeleteFunc(found, func(f schema.Finding) bool { return !slices.Contains(j.Pending, f.ID) })
	}
	return all, nil
}

// noteTold notes that people were told.
func (n *night) noteTold(ctx context.Context, pending map[string][]schema.Finding) error {
	var failed []error
	for day, told := range pending {
		failed = append(failed, n.lake.UpdateJudged(context.WithoutCancel(ctx), day, func(j *lake.Judged) {
			if j.Told == nil {
				j.Told = map[string]schema.Severity{}
			}
			now := map[string]bool{}
			for i := range told {
				j.Told[told[i].ID] = max(j.Told[told[i].ID], told[i].Severity)
				now[told[i].ID] = true
			}
			j.Pending = slices.DeleteFunc(j.Pending, func(id string) bool { return now[id] })
		}))
	}
	return errors.Join(failed...)
}

// message is what there is to tell.
func (n *night) message(pending map[string][]schema.Finding) *notify.Message {
	m := &notify.Message{
		RunID: n.record.RunID, Tool: n.record.Tool, Lake: n.config.Lake, At: n.asOf,
		Failed: nightly.Failures(n.record.Steps), Days: []string{}, Findings: []schema.Finding{},
	}
	perDetection := map[string]int{}
	for _, f := range worstFirst(pending) {
		if f.State == schema.FindingResolved {
			m.Resolved = append(m.Resolved, f)
			continue
		}
		if perDetection[f.Detection]++; perDetection[f.Detection] > maxTold {
			continue
		}
		m.Findings = append(m.Findings, f)
		for _, d := range n.days {
			if d.day == f.Day {
				d.record.Told++
			}
		}
	}
	for id, all := range perDetection {
		if all > maxTold {
			m.Notes = append(m.Notes, fmt.Sprintf("%s found %d, of which %d are told here: its thresholds, or the policy, do not fit", id, all, maxTold))
		}
	}
	for _, s := range n.record.Steps {
		if s.Outcome == nightly.Incomplete && s.Error != "" {
			m.Notes = append(m.Notes, s.Name+": "+s.Error)
		}
	}
	used := map[string]int{}
	for _, d := range n.days {
		m.Days = append(m.Days, d.day)
		m.Notes = append(m.Notes, d.record.Notes...)
		for id, hits := range d.settled.Used {
			used[id] += hits
		}
	}
	for id, hits := range used {
		m.Notes = append(m.Notes, fmt.Sprintf("suppression %s kept %d quiet", id, hits))
	}
	for _, q := range n.files.suppressions.Expired(n.asOf.Format(time.DateOnly)) {
		m.Notes = append(m.Notes, fmt.Sprintf("suppression %s of %s expired on %s", q.ID, q.Owner, q.Expires))
	}
	slices.Sort(m.Notes)
	m.Facts = n.facts()
	n.told = m.Findings
	return m
}

// worstFirst are the findings of all days, so that what a limit cuts is what matters
// least; of those that are as bad, the latest come first.
func worstFirst(pending map[string][]schema.Finding) []schema.Finding {
	all := slices.Concat(slices.Collect(maps.Values(pending))...)
	slices.SortFunc(all, func(a, b schema.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Day, a.Day), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// facts are the numbers that are told in any case.
func (n *night) facts() []notify.Fact {
	var calls int64
	blind := map[string]bool{}
	suppressed, dry := 0, 0
	for _, d := range n.days {
		calls += d.record.Unexpected
		suppressed += d.record.Suppressed
		dry += d.record.DryRun
		for _, id := range d.record.NotEvaluated {
			blind[id] = true
		}
	}
	all := []notify.Fact{{Name: "Steps", Value: n.stepsDone()}}
	for _, s := range n.record.Steps {
		if s.Name == "ingest" {
			all = append(all, notify.Fact{Name: "Logs", Value: strings.TrimSpace(s.Did + " " + s.Error)})
		}
	}
	return append(all,
		notify.Fact{Name: "Calls nobody expected", Value: fmt.Sprint(calls)},
		notify.Fact{Name: "Detections not evaluated", Value: fmt.Sprint(len(blind))},
		notify.Fact{Name: "Suppressed, dry run", Value: fmt.Sprintf("%d, %d", suppressed, dry)})
}

func (n *night) stepsDone() string {
	outcomes := map[string]int{}
	for _, s := range n.record.Steps {
		outcomes[s.Outcome]++
	}
	return fmt.Sprintf("%d done, %d incomplete, %d failed", outcomes[nightly.Done], outcomes[nightly.Incomplete], outcomes[nightly.Failed])
}

// newCourier knows the channels of the configuration.
func (n *night) newCourier(ctx context.Context) (*notify.Courier, error) {
	c := &notify.Courier{Spool: &notify.Spool{Dir: n.config.Alerts.Spool, Now: func() time.Time { return n.asOf }}}
	for i := range n.config.Alerts.Channels {
		ch := &n.config.Alerts.Channels[i]
		least, err := ch.Severity()
		if err != nil {
			return nil, err
		}
		to, err := n.channel(ctx, ch)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", ch.ID, err)
		}
		c.Routes = append(c.Routes, notify.Route{
			ID: ch.ID, Channel: to, Quiet: !ch.QuietNights,
			Filter: func(m *notify.Message) *notify.Message { return m.AtLeast(least) },
		})
	}
	return c, nil
}

func (n *night) channel(ctx context.Context, ch *nightly.Channel) (notify.Channel, error) {
	switch {
	case ch.Slack != nil:
		return notify.NewSlack(ch.Slack.URL, ch.Slack.AllowPrivate), nil
	case ch.Webhook != nil:
		return &notify.Webhook{ID: ch.ID, URL: ch.Webhook.URL, Secret: ch.Webhook.Secret, AllowPrivate: ch.Webhook.AllowPrivate}, nil
	case ch.SNS != nil:
		topic, err := snstopic.New(ctx, ch.SNS.TopicARN, snstopic.Options{Profile: s3Options(ctx).Profile, Endpoint: ch.SNS.Endpoint})
		return &notify.SNS{TopicARN: ch.SNS.TopicARN, Publisher: topic}, err
	}
	return notify.Writer{W: n.out}, nil
}

// ping tells a dead man's switch that the run came to its end, or that it failed.
func (n *night) ping(ctx context.Context) error {
	p := &n.config.Ping
	address := p.Success
	if n.record.Status == exitFailed {
		address = p.Failure
	}
	if !address.Set() {
		return nil
	}
	if err := notify.Ping(ctx, address, p.AllowPrivate); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// readOptional reads a file that the configuration may name.
func readOptional(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return os.ReadFile(path)
}
