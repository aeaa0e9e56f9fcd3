package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

func TestSlack(t *testing.T) {
	for _, n := range []int{0, 1, 50, 5000} {
		service := newSlackService(t)
		s := &Slack{URL: at(t, service.URL+"/services/T0/B0/secret"), Client: newClient(true)}
		m := message(n)
		m.Failed, m.Resolved = []string{"ingest: " + hostile[0]}, findings(n)
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatalf("%d findings: %v", n, err)
		}
		body := service.bodies[0]
		text, err := slackJSON(body)
		if err != nil {
			t.Fatal(err)
		}
		if size := utf8.RuneCount(text); size > slackBudget || len(body.Blocks) > slackBlocks {
			t.Errorf("%d findings make %d characters in %d blocks", n, size, len(body.Blocks))
		}
		shown := strings.Count(string(text), ", id `fnd_")
		if n > 0 && shown == 0 {
			t.Errorf("of %d findings none is shown", n)
		}
		if more := fmt.Sprintf("and %d more;", n-shown); shown < n && !strings.Contains(string(text), more) {
			t.Errorf("%d findings, %d shown, and nowhere %q", n, shown, more)
		}
		t.Logf("%d findings: %d shown, %d blocks, %d characters", n, shown, len(body.Blocks), utf8.RuneCount(text))
	}
}

// The worst come first, so that what is cut is what matters least.
func TestSlackShowsTheWorst(t *testing.T) {
	m := message(5000)
	text, err := json.Marshal(SlackMessage(m))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "CRITICAL") || strings.Contains(string(text), "*INFO*") {
		t.Errorf("%s", text)
	}
}

func TestPlain(t *testing.T) {
	for _, h := range hostile {
		got := Plain(h, 100)
		if strings.ContainsAny(got, "\n\r\t\x00\x1b\u202e\u2066\u200b\u2028") || !utf8.ValidString(got) || utf8.RuneCountInString(got) > 100 {
			t.Errorf("Plain(%q) = %q", h, got)
		}
	}
	if got := Plain("äöü", 2); got != "ä…" {
		t.Error(got)
	}
}

// now is a clock for couriers: nobody waits.
func nobodyWaits(waited *[]time.Duration) func(context.Context, time.Duration) error {
	return func(_ context.Context, d time.Duration) error { *waited = append(*waited, d); return nil }
}

func TestDeliver(t *testing.T) {
	const address = "/services/T0/B0/secret"
	service := newSlackService(t)
	var waited []time.Duration
	c := Courier{
		Routes: []Route{{ID: "ops", Channel: &Slack{URL: at(t, service.URL+address), Client: newClient(true)}}},
		Spool:  &Spool{Dir: filepath.Join(t.TempDir(), "spool")}, Wait: nobodyWaits(&waited),
	}
	files := func(pattern string) int {
		found, err := filepath.Glob(filepath.Join(c.Spool.Dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}

	service.status, service.header = []int{429, 503}, http.Header{"Retry-After": {"7"}}
	d, err := c.Deliver(t.Context(), message(1))
	if err != nil || d[0].Sent != 1 || len(waited) != 2 || waited[0] < 7*time.Second || waited[0] > 9*time.Second {
		t.Fatalf("busy at first: %+v %v, waited %v", d, err, waited)
	}

	service.status = []int{500, 500, 500, 500}
	first := message(2)
	first.RunID = "first"
	d, err = c.Deliver(t.Context(), first)
	if err == nil || d[0].Spooled != 1 || files("*.json") != 1 {
		t.Fatalf("down: %+v %v", d, err)
	}
	if strings.Contains(err.Error(), "secret") || strings.Contains(d[0].Error, service.URL) {
		t.Errorf("the address is in %v", err)
	}

	service.bodies = nil
	d, err = c.Deliver(t.Context(), message(3))
	if err != nil || d[0].Sent != 2 || len(service.bodies) != 2 || files("*") != 0 || !strings.Contains(service.bodies[0].Text, "1 info, 1 low") && len(service.bodies[0].Blocks) == 0 {
		t.Fatalf("up again: %+v %v, %d messages", d, err, len(service.bodies))
	}

	service.status, waited = []int{404}, nil
	d, err = c.Deliver(t.Context(), message(1))
	var refused *Refused
	if !errors.As(err, &refused) || refused.Status != 404 || len(waited) != 0 || files("*.dead") != 1 || files("*.json") != 0 {
		t.Fatalf("gone: %+v %v, waited %v", d, err, waited)
	}
	if c.Spool.Dead() != 1 {
		t.Error("a refused message is not counted")
	}
}

// One route's failure is no other's.
func TestRoutes(t *testing.T) {
	service := newSlackService(t)
	service.status = []int{410}
	var out strings.Builder
	var waited []time.Duration
	c := Courier{Wait: nobodyWaits(&waited), Spool: &Spool{Dir: t.TempDir()}, Routes: []Route{
		{ID: "slack", Channel: &Slack{URL: at(t, service.URL), Client: newClient(true)}},
		{ID: "quiet", Channel: Writer{&out}, Quiet: true, Filter: func(m *Message) *Message { return m.AtLeast(schema.SeverityCritical) }},
		{ID: "loud", Channel: Writer{&out}},
	}}
	if _, err := c.Deliver(t.Context(), message(1)); err == nil {
		t.Error("a refusal is no error")
	}
	if n := strings.Count(out.String(), "DynamoDB audit"); n != 1 {
		t.Errorf("%d messages:\n%s", n, out.String())
	}
}

func TestWebhook(t *testing.T) {
	now := time.Unix(1_774_000_000, 0)
	var parts []webhookBody
	keys := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		// As a receiver checks it: by the header alone.
		var stamp, sum string
		for _, p := range strings.Split(r.Header.Get("X-Signature"), ",") {
			switch name, v, _ := strings.Cut(p, "="); name {
			case "t":
				stamp = v
			case "v1":
				sum = v
			}
		}
		mac := hmac.New(sha256.New, []byte("s3cret"))
		fmt.Fprintf(mac, "%s.%s", stamp, body)
		if want := hex.EncodeToString(mac.Sum(nil)); stamp != fmt.Sprint(now.Unix()) || !hmac.Equal([]byte(sum), []byte(want)) {
			t.Errorf("signature %q", r.Header.Get("X-Signature"))
		}
		var part webhookBody
		if err := json.Unmarshal(body, &part); err != nil {
			t.Error(err)
		}
		parts = append(parts, part)
		keys[r.Header.Get("Idempotency-Key")] = true
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &Webhook{URL: at(t, server.URL), Secret: Secret{File: secret}, AllowPrivate: true, Now: func() time.Time { return now }}
	if err := w.Send(t.Context(), message(250)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, p := range parts {
		n += len(p.Findings)
	}
	w.ID = "other"
	if err := w.Send(t.Context(), message(1)); err != nil || len(keys) != 4 {
		t.Errorf("two channels of one service share an Idempotency-Key: %v, %v", err, keys)
	}
	parts = parts[:3]
	delete(keys, "2026-03-21T01-05-00Z/other/1")
	if len(parts) != 3 || n != 250 || len(keys) != 3 || parts[2].Parts != 3 || parts[0].Digest.Findings != 250 {
		t.Errorf("%d parts with %d findings, %d keys", len(parts), n, len(keys))
	}

	w.AllowPrivate = false
	if err := w.Send(t.Context(), message(0)); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("http: %v", err)
	}
	// An https address of this machine is refused before anything is sent.
	w.URL = at(t, strings.Replace(server.URL, "http:", "https:", 1))
	if err := w.Send(t.Context(), message(0)); !errors.Is(err, errPrivate) {
		t.Errorf("private: %v", err)
	}
}

// A redirect is not followed: what a service has to say to others is not for them.
func TestNoRedirect(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	err := (&Webhook{URL: at(t, server.URL), AllowPrivate: true}).Send(t.Context(), message(1))
	var refused *Refused
	if !errors.As(err, &refused) || asked != 0 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

type publisher struct{ sent []Publication }

func (p *publisher) Publish(_ context.Context, one Publication) error {
	p.sent = append(p.sent, one)
	return nil
}

func TestSNS(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		var p publisher
		s := SNS{TopicARN: "arn:aws:sns:eu-west-1:111122223333:audit.fifo", Publisher: &p}
		m := message(n)
		m.Days = []string{"\u202e" + strings.Repeat("ü", 200)}
		for range 2000 {
			m.Notes = append(m.Notes, strings.Repeat("n", 300))
		}
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := p.sent[0]
		size := len(got.Message)
		for name, value := range got.Attributes {
			size += len(name) + len("String") + len(value)
		}
		if size > 262_144 || !utf8.ValidString(got.Message) || len(got.Subject) >= 100 || strings.TrimLeft(got.Subject, " ") != got.Subject {
			t.Errorf("%d bytes, subject %q", len(got.Message), got.Subject)
		}
		for _, c := range got.Subject {
			if c < ' ' || c > '~' {
				t.Errorf("subject %q", got.Subject)
			}
		}
		if got.GroupID == "" || got.DeduplicationID == "" || len(got.DeduplicationID) > 128 {
			t.Error("a FIFO topic needs a group and a deduplication id")
		}
		// Another channel's share of the message is not the same message.
		if err := s.Send(t.Context(), m.AtLeast(schema.SeverityCritical)); err != nil || n > 0 && p.sent[1].DeduplicationID == got.DeduplicationID {
			t.Errorf("the topic drops the second channel's message: %v, %q", err, got.DeduplicationID)
		}
	}
}

func TestText(t *testing.T) {
	m := message(0)
	if got := m.Text(); !strings.Contains(got, "nothing found") || !strings.Contains(got, "Coverage") {
		t.Error(got)
	}
	got := message(300).Text()
	if !strings.Contains(got, "and 200 more") || strings.ContainsAny(got, "\x1b\x00\u202e") {
		t.Error(got)
	}
}

func TestSecret(t *testing.T) {
	t.Setenv("EMPTY", " ")
	for _, s := range []Secret{{}, {Env: "EMPTY"}, {Env: "NOT_THERE_AT_ALL"}, {File: "/not/there"}, {Env: "EMPTY", File: "x"}} {
		if got, err := s.Get(); err == nil {
			t.Errorf("%s: %q", s, got)
		}
	}
}
