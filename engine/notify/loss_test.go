package notify

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// lossy is a courier with one route to a service, which nobody waits for.
func lossy(t *testing.T, service *slackService) *Courier {
	var waited []time.Duration
	return &Courier{
		Routes: []Route{{ID: "ops", Channel: &Slack{URL: at(t, service.URL), Client: newClient(true)}}},
		Spool:  &Spool{Dir: filepath.Join(t.TempDir(), "spool")}, Wait: nobodyWaits(&waited),
	}
}

func messageOf(run string, n int) *Message {
	m := message(n)
	m.RunID = run
	return m
}

var down = []int{500, 500, 500, 500}

// A message that waited and is refused now takes none of those after it along, nor the
// present one.
func TestRefusedFromSpool(t *testing.T) {
	service := newSlackService(t)
	c := lossy(t, service)
	for _, run := range []string{"one", "two"} {
		service.status = down
		if _, err := c.Deliver(t.Context(), messageOf(run, 1)); err == nil {
			t.Fatal("a service that is down took a message")
		}
	}
	service.status = []int{400}
	d, err := c.Deliver(t.Context(), messageOf("three", 2))
	var refused *Refused
	if !errors.As(err, &refused) || d[0].Sent != 2 || len(service.bodies) != 2 || c.Spool.Dead() != 1 {
		t.Errorf("%+v %v, %d messages, %d dead", d, err, len(service.bodies), c.Spool.Dead())
	}
}

// A run that is repeated, for the same time, does not overwrite what it could not send.
func TestSpoolSameRun(t *testing.T) {
	service := newSlackService(t)
	c := lossy(t, service)
	for n := range 2 {
		service.status = down
		if d, _ := c.Deliver(t.Context(), messageOf("same", n+1)); d[0].Spooled != n+1 {
			t.Errorf("%+v", d)
		}
	}
	if d, err := c.Deliver(t.Context(), messageOf("later", 1)); err != nil || d[0].Sent != 3 {
		t.Errorf("%+v %v", d, err)
	}
}

// Quiet routes are woken by what is found or fails, not by what is over.
func TestQuiet(t *testing.T) {
	service := newSlackService(t)
	c := lossy(t, service)
	c.Routes[0].Quiet = true
	m := message(0)
	m.Resolved = findings(3)
	if d, err := c.Deliver(t.Context(), m); err != nil || d[0].Sent != 0 {
		t.Errorf("%+v %v", d, err)
	}
	m.Failed = []string{"ingest: no bucket"}
	if d, err := c.Deliver(t.Context(), m); err != nil || d[0].Sent != 1 {
		t.Errorf("%+v %v", d, err)
	}
}

// A spool that takes nothing is told apart: what it was to keep is not told.
func TestLost(t *testing.T) {
	service := newSlackService(t)
	c := lossy(t, service)
	if err := os.WriteFile(c.Spool.Dir, nil, 0o600); err != nil { // a file where the directory should be
		t.Fatal(err)
	}
	if err := c.Spool.Check(); err == nil {
		t.Error("a spool that is a file is taken for one")
	}
	service.status = down
	if _, err := c.Deliver(t.Context(), message(1)); !errors.Is(err, ErrLost) {
		t.Errorf("down: %v", err)
	}
	// It is no reason not to send.
	if d, err := c.Deliver(t.Context(), message(1)); d[0].Sent != 1 || errors.Is(err, ErrLost) || err == nil || !strings.Contains(err.Error(), "spool") {
		t.Errorf("up: %+v %v", d, err)
	}
	if err := (&Spool{Dir: filepath.Join(t.TempDir(), "a", "b")}).Check(); err != nil {
		t.Error(err)
	}
}
