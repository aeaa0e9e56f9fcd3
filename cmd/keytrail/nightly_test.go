package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/nightly"
	"github.com/keytrail/keytrail/schema"
)

// The month of the tests, and the day in it on which somebody does what he should not.
const (
	monthStart    = "2026-03-01"
	monthDays     = 30
	monthIncident = 20
)

// mailbox is a web service that keeps what is posted to it.
type mailbox struct {
	*httptest.Server
	mu    sync.Mutex
	mails []string
	down  bool
}

func newMailbox(t *testing.T) *mailbox {
	m := &mailbox{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.down {
			http.Error(w, "down", http.StatusNotFound)
			return
		}
		m.mails = append(m.mails, string(body))
		io.WriteString(w, "ok")
	}))
	t.Cleanup(m.Close)
	return m
}

// take returns what has arrived since it was called last.
func (m *mailbox) take() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.mails
	m.mails = nil
	return all
}

// month is a trail of thirty days, with who is expected in it.
type month struct {
	t    *testing.T
	dir  string
	box  *mailbox
	ping *mailbox
}

// newMonth makes a trail of a month, with one incident or as args of sample say, and a
// configuration that more is appended to.
func newMonth(t *testing.T, more string, args ...string) *month {
	t.Helper()
	sample := t.TempDir()
	args = append([]string{"sample", "--out", filepath.Join(sample, "trail"), "--events", "40000", "--days", fmt.Sprint(monthDays),
		"--start", monthStart, "--policy-out", filepath.Join(sample, "policy.yaml")}, args...)
	if out, err := exec.Command(builtBinary, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := &month{t: t, dir: t.TempDir(), box: newMailbox(t), ping: newMailbox(t)}
	config := fmt.Sprintf(`
sources: [%q]
lake: %q
policy: %q
verify: {full: never}
alerts:
  spool: %q
  channels:
    - {id: team, min_severity: medium, slack: {url: {env: TEST_SLACK}, allow_private: true}}
metrics: {textfile: %q}
ping: {success: {env: TEST_PING}, allow_private: true}
%s`, filepath.Join(sample, "trail"), m.path("lake"), filepath.Join(sample, "policy.yaml"), m.path("spool"), m.path("keytrail.prom"), more)
	if err := os.WriteFile(m.path("nightly.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *month) path(name string) string { return filepath.Join(m.dir, name) }

// night runs the night after so many days of the month.
func (m *month) night(days int, args ...string) (out string, status int) {
	m.t.Helper()
	start, err := time.Parse(time.DateOnly, monthStart)
	if err != nil {
		m.t.Fatal(err)
	}
	asOf := start.AddDate(0, 0, days).Add(65 * time.Minute)
	cmd := exec.Command(builtBinary, append([]string{"nightly", "--config", m.path("nightly.yaml"), "--as-of", asOf.Format(time.RFC3339)}, args...)...)
	cmd.Env = append(os.Environ(), "TEST_SLACK="+m.box.URL+"/services/T/B/topsecret", "TEST_PING="+m.ping.URL, "AWS_EC2_METADATA_DISABLED=true")
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatal(err)
	}
	if strings.Contains(string(text), "topsecret") {
		m.t.Errorf("night %d: the webhook's address is printed:\n%s", days, text)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// Thirty nights: one message, after the right day, with the name of who did it. Nobody
// is told anything on the others.
func TestThirtyNights(t *testing.T) {
	t.Parallel()
	m := newMonth(t, "", "--incident-day", fmt.Sprint(monthIncident))
	var told []int
	for night := 1; night <= monthDays; night++ {
		out, status := m.night(night)
		mails := m.box.take()
		if len(mails) > 0 {
			told = append(told, night)
			if night != monthIncident {
				t.Errorf("night %d (status %d): %s\n%s", night, status, mails, out)
			}
		}
		if want := map[bool]int{false: exitDone, true: exitFindings}[night == monthIncident]; status != want {
			t.Errorf("night %d: status %d, want %d\n%s", night, status, want, out)
		}
		if pings := m.ping.take(); len(pings) != 1 {
			t.Errorf("night %d: %d pings", night, len(pings))
		}
		if night == monthIncident && len(mails) == 1 {
			mail := mails[0]
			t.Log(mail)
			for _, want := range []string{"maren.holt@example.com", "CRITICAL", "2026-03-20"} {
				if !strings.Contains(mail, want) {
					t.Errorf("the message has no %q:\n%s", want, mail)
				}
			}
			if strings.Contains(mail, "customer#") {
				t.Errorf("a key's value is in the message:\n%s", mail)
			}
			// The same night again tells nobody again.
			if out, status := m.night(night); status != exitDone || len(m.box.take()) != 0 {
				t.Errorf("the same night again: status %d\n%s", status, out)
			}
			m.ping.take()
		}
	}
	if !slices.Equal(told, []int{monthIncident}) {
		t.Errorf("told in nights %v, want %d", told, monthIncident)
	}
	m.checkRecords(monthDays)
}

// A month in which nothing happens that should not: deployments, a month's end, people on
// call. Three findings of high or above would be too many already.
func TestCleanMonth(t *testing.T) {
	t.Parallel()
	m := newMonth(t, "first_days: 30\n", "--no-incident", "--seed", "7")
	out, status := m.night(monthDays)
	if status != exitDone {
		t.Errorf("status %d\n%s", status, out)
	}
	list, err := exec.Command(builtBinary, "findings", "--lake", m.path("lake"), "--from", monthStart, "--format", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []schema.Finding
	if err := json.Unmarshal(list, &all); err != nil {
		t.Fatal(err)
	}
	bad := 0
	for i := range all {
		f := &all[i]
		t.Logf("%s %s %s %s %s: %s", f.Day, f.Severity, f.Detection, f.TableName, f.Principal, f.Explain)
		if f.Severity >= schema.SeverityHigh {
			bad++
		}
	}
	if bad > 3 {
		t.Errorf("%d findings of high or above in a clean month", bad)
	}
	if days := strings.Count(out, "detections not evaluated"); days != monthDays {
		t.Errorf("%d days were judged\n%s", days, out)
	}
}

// checkRecords looks at what the runs left behind.
func (m *month) checkRecords(days int) {
	m.t.Helper()
	files, err := filepath.Glob(m.path("lake/_keytrail/runs/*.json"))
	if err != nil || len(files) < days {
		m.t.Fatalf("%d records of runs: %v", len(files), err)
	}
	data, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		m.t.Fatal(err)
	}
	var r nightly.Record
	if err := json.Unmarshal(data, &r); err != nil || len(r.Steps) != 10 || len(r.Days) != 1 || r.Policy == "" || r.Ended.IsZero() {
		m.t.Errorf("%v %s", err, data)
	}
	prom, err := os.ReadFile(m.path("keytrail.prom"))
	if err != nil || !strings.Contains(string(prom), "keytrail_nightly_last_success_timestamp_seconds") {
		m.t.Errorf("%v %s", err, prom)
	}
}

// Missed nights are caught up, in order and with one message; a channel that is down
// hears of it in the next night.
func TestMissedNights(t *testing.T) {
	t.Parallel()
	m := newMonth(t, "", "--incident-day", fmt.Sprint(monthIncident))
	if out, status := m.night(monthIncident - 5); status != exitDone {
		t.Fatalf("status %d\n%s", status, out)
	}
	m.box.down = true
	out, status := m.night(monthIncident + 3)
	if status != exitFailed || len(m.ping.take()) != 1 {
		t.Errorf("a channel is down: status %d\n%s", status, out)
	}
	if got, err := filepath.Glob(m.path("spool/*")); err != nil || len(got) != 1 {
		t.Errorf("spool: %v %v", got, err)
	}
	m.box.down = false
	// A message that was refused stays for a person to see; nobody is told twice.
	if out, status := m.night(monthIncident + 4); status != exitDone {
		t.Errorf("status %d\n%s", status, out)
	}
	data, err := os.ReadFile(filepath.Join(m.dir, "spool", firstFile(t, m.path("spool"))))
	if err != nil || !strings.Contains(string(data), "maren.holt@example.com") {
		t.Errorf("%v %s", err, data)
	}
}

func firstFile(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files[0].Name()
}
