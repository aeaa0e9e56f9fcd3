package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// maxWebhookFindings is how many findings one request has: a digest of more is sent in
// parts.
const maxWebhookFindings = 100

// maxWebhookParts bounds the requests of one message.
const maxWebhookParts = 10

// Webhook is a service of one's own that takes JSON over HTTPS:
//
//	{"schema": "notify/1", "channel": ..., "part": 1, "parts": 1, "digest": {...}, "findings": [...]}
//
// With a Secret, X-Signature is "t=<seconds since 1970>,v1=<hex>", the HMAC-SHA-256 of
// the time, "." and the body: a receiver recomputes it and refuses old times.
// Idempotency-Key is the same for every try of a part.
type Webhook struct {
	// ID tells webhooks apart that lead to the same service.
	ID     string
	URL    Secret
	Secret Secret
	// AllowPrivate lets the address be of a private network, and be http.
	AllowPrivate bool

	Client *http.Client     // nil: one of its own
	Now    func() time.Time // nil: time.Now
}

func (*Webhook) Name() string { return "webhook" }

// webhookBody is what is posted.
type webhookBody struct {
	Schema   string           `json:"schema"`
	Channel  string           `json:"channel"`
	Part     int              `json:"part"`
	Parts    int              `json:"parts"`
	Digest   webhookDigest    `json:"digest"`
	Findings []schema.Finding `json:"findings"`
}

// webhookDigest is a message without its findings.
type webhookDigest struct {
	*Message
	Findings int            `json:"findings"` // how many there are
	Severity map[string]int `json:"by_severity"`
}

// Send posts all findings, in as many requests as that takes.
func (w *Webhook) Send(ctx context.Context, m *Message) error {
	address, err := webAddress("webhook", w.URL, w.AllowPrivate)
	if err != nil {
		return err
	}
	findings := m.sorted()
	parts := max(1, (len(findings)+maxWebhookFindings-1)/maxWebhookFindings)
	parts = min(parts, maxWebhookParts)
	for part := range parts {
		from := part * maxWebhookFindings
		few := findings[from:min(len(findings), from+maxWebhookFindings)]
		if err := w.sendPart(ctx, address, m, few, part+1, parts); err != nil {
			return err
		}
	}
	return nil
}

// webAddress is where a service is. Only one of one's own network may be asked in the
// clear. No error names the address.
func webAddress(service string, secret Secret, allowPrivate bool) (string, error) {
	address, err := secret.Get()
	if err != nil {
		return "", fmt.Errorf("%s: %w", service, err)
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return "", fmt.Errorf("%s: the address is no URL", service)
	case u.Scheme != "https" && !(u.Scheme == "http" && allowPrivate):
		return "", fmt.Errorf("%s: the address must begin with https://", service)
	}
	return address, nil
}

func (w *Webhook) sendPart(ctx context.Context, address string, m *Message, few []schema.Finding, part, parts int) error {
	by := map[string]int{}
	for i := range m.Findings {
		by[m.Findings[i].Severity.String()]++
	}
	if few == nil {
		few = []schema.Finding{}
	}
	body, err := json.Marshal(webhookBody{"notify/1", w.id(), part, parts, webhookDigest{m, len(m.Findings), by}, few})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("webhook: the address is no URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("%s/%s/%d", m.RunID, w.id(), part))
	if w.Secret.Set() {
		secret, err := w.Secret.Get()
		if err != nil {
			return err
		}
		req.Header.Set("X-Signature", Sign(secret, w.now(), body))
	}
	client := w.Client
	if client == nil {
		client = newClient(w.AllowPrivate)
	}
	return post(client, "webhook", req, nil)
}

func (w *Webhook) id() string { return cmp.Or(w.ID, "webhook") }

func (w *Webhook) now() time.Time {
	if w.Now != nil {
		return w.Now()
	}
	return time.Now()
}

// Sign is the signature of a body at a time: see [Webhook].
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
