package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/engine/notify"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

// heard is a channel that keeps what it is told.
type heard struct {
	messages []*notify.Message
	err      error
}

func (*heard) Name() string { return "heard" }

func (h *heard) Send(_ context.Context, m *notify.Message) error {
	if h.err == nil {
		h.messages = append(h.messages, m)
	}
	return h.err
}

// take returns the ids that were told, and resolved, since it was asked last.
func (h *heard) take() (told []string) {
	for _, m := range h.messages {
		for _, f := range m.Findings {
			told = append(told, f.Day+" "+f.Detection)
		}
		for _, f := range m.Resolved {
			told = append(told, f.Day+" "+f.Detection+" resolved")
		}
	}
	h.messages = nil
	return told
}

// nights are runs on one lake, which judge days as they are told to.
type nights struct {
	t     *testing.T
	lake  *lake.Lake
	heard heard
	spool string
}

func newNights(t *testing.T, s lake.Store) *nights {
	l, err := lake.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return &nights{t: t, lake: l, spool: filepath.Join(t.TempDir(), "spool")}
}

// run is a run of that day, which has not begun.
func (s *nights) run(day string, found ...schema.Finding) *night {
	s.t.Helper()
	asOf, err := time.Parse(time.DateOnly, day)
	if err != nil {
		s.t.Fatal(err)
	}
	asOf = asOf.AddDate(0, 0, 1).Add(time.Hour)
	for i := range found {
		found[i].Day, found[i].ID = day, schema.FindingID(found[i].Fingerprint, day)
		found[i].First, found[i].Last = asOf.Add(-2*time.Hour), asOf.Add(-2*time.Hour)
	}
	c := nightly.Defaults()
	return &night{
		config: &c, lake: s.lake, asOf: asOf, record: nightly.Record{RunID: nightly.NewRunID(asOf)},
		days: []*nightDay{{day: day, found: found, record: nightly.DayRecord{Day: day, Findings: map[string]int{}}}},
		courier: &notify.Courier{
			Routes: []notify.Route{{ID: "all", Channel: &s.heard}}, Spool: &notify.Spool{Dir: s.spool},
			Wait: func(context.Context, time.Duration) error { return nil },
		},
	}
}

// judge keeps the findings, and tells them unless the run dies before.
func (s *nights) judge(n *night, dies bool) error {
	s.t.Helper()
	if _, err := n.keepFindings(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if dies {
		return nil
	}
	_, err := n.alert(s.t.Context())
	return err
}

func lasting(detection string, severity schema.Severity) schema.Finding {
	return schema.Finding{
		Fingerprint: schema.Fingerprint(detection), Detection: detection, Version: 1, Kind: schema.FindingAggregate, Severity: severity, Title: "t", Explain: "e", Count: 1,
	}
}

func (s *nights) expect(what string, want ...string) {
	s.t.Helper()
	if got := s.heard.take(); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// What is found, and what is over, is told once, also by runs that die before they tell
// and of days that are judged again.
func TestToldOnce(t *testing.T) {
	s := newNights(t, objecttest.NewMem())
	const high = schema.SeverityHigh
	step := func(what, day string, dies bool, found []schema.Finding, want ...string) {
		t.Helper()
		if err := s.judge(s.run(day, found...), dies); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		s.expect(what, want...)
	}
	some := func() []schema.Finding { return []schema.Finding{lasting("DDB-STA-001", high)} }
	step("dies", "2026-03-01", true, some())
	step("the next tells both, of which one is news", "2026-03-02", false, some(), "2026-03-01 DDB-STA-001")
	step("again", "2026-03-02", false, some())
	step("clean", "2026-03-03", false, nil)
	step("clean", "2026-03-04", false, nil)
	step("over, but dies", "2026-03-05", true, nil)
	step("is told", "2026-03-06", false, nil, "2026-03-05 DDB-STA-001 resolved")
	step("judged again", "2026-03-05", false, nil)
	step("is back", "2026-03-07", false, some(), "2026-03-07 DDB-STA-001")
}

// What no channel has and no spool keeps is told by the next run.
func TestLostIsTold(t *testing.T) {
	s := newNights(t, objecttest.NewMem())
	if err := os.WriteFile(s.spool, nil, 0o600); err != nil { // no directory
		t.Fatal(err)
	}
	s.heard.err = errors.New("down")
	if err := s.judge(s.run("2026-03-01", lasting("DDB-STA-001", schema.SeverityHigh)), false); !errors.Is(err, notify.ErrLost) {
		t.Errorf("%v", err)
	}
	s.heard.err = nil
	if err := os.Remove(s.spool); err != nil {
		t.Fatal(err)
	}
	if err := s.judge(s.run("2026-03-02"), false); err != nil {
		t.Error(err)
	}
	s.expect("up again", "2026-03-01 DDB-STA-001")
}

// Without channels, the exit status tells it, once.
func TestNoChannels(t *testing.T) {
	s := newNights(t, objecttest.NewMem())
	n := s.run("2026-03-01", lasting("DDB-STA-001", schema.SeverityCritical))
	n.courier.Routes = nil
	if err := s.judge(n, false); !errors.Is(err, nightly.ErrNothing) || n.status() != exitFindings {
		t.Errorf("%v, status %d", err, n.status())
	}
	n = s.run("2026-03-02")
	n.courier.Routes = nil
	if err := s.judge(n, false); !errors.Is(err, nightly.ErrNothing) || n.status() != exitDone {
		t.Errorf("the next night: %v, status %d", err, n.status())
	}
}

// People hear of a lake that is out of reach.
func TestAlertWithoutLake(t *testing.T) {
	s := newNights(t, objecttest.NewFaults(objecttest.NewMem(), objecttest.Fault{Op: objecttest.OpList, Key: "judged", Err: errors.New("no answer")}))
	n := s.run("2026-03-01")
	n.record.Steps = []nightly.StepRecord{{Name: "ingest", Outcome: nightly.Failed, Error: "no bucket"}}
	if _, err := n.alert(t.Context()); err == nil {
		t.Error("all is well without a lake")
	}
	if len(s.heard.messages) != 1 || !strings.Contains(strings.Join(s.heard.messages[0].Failed, "; "), "no bucket; alerts: ") {
		t.Errorf("%+v", s.heard.messages)
	}
}

// A limit cuts what matters least, the same on every run.
func TestTellsTheWorst(t *testing.T) {
	pending := map[string][]schema.Finding{}
	for i := range 3 * maxTold {
		f := lasting("DDB-STA-001", schema.SeverityLow)
		f.Fingerprint = fmt.Sprint(i)
		if i == 77 {
			f.Severity = schema.SeverityCritical
		}
		f.Day = schema.DayString(int32(20_000 + i%20))
		f.ID = schema.FindingID(f.Fingerprint, f.Day)
		pending[f.Day] = append(pending[f.Day], f)
	}
	want := ""
	for range 10 {
		n := newNights(t, objecttest.NewMem()).run("2026-03-01")
		m := n.message(pending)
		if len(m.Findings) != maxTold || m.Worst() != schema.SeverityCritical {
			t.Fatalf("%d told, the worst %s", len(m.Findings), m.Worst())
		}
		got := ""
		for _, f := range m.Findings {
			got += f.ID
		}
		if want != "" && got != want {
			t.Fatal("another choice on every run")
		}
		want = got
	}
}

// Two runs at once tell what was found once.
func TestTwoTellers(t *testing.T) {
	s := newNights(t, objecttest.NewMem())
	if err := s.judge(s.run("2026-03-01", lasting("DDB-STA-001", schema.SeverityHigh)), true); err != nil {
		t.Fatal(err)
	}
	release, err := s.run("2026-03-01").onlyTeller(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := s.run("2026-03-01").alert(t.Context())
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("two tell at once: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	// The other one has told it meanwhile.
	n := s.run("2026-03-01")
	pending, err := n.pending(t.Context())
	if err == nil {
		err = n.noteTold(t.Context(), pending)
	}
	release()
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	s.expect("the other told it")
}
