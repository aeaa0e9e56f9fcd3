package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// slackService is a server that takes what Slack's incoming webhooks take, and refuses
// what its reference says they refuse.
type slackService struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []SlackBody
	status []int // to answer next, instead of judging
	header http.Header
}

func newSlackService(t *testing.T) *slackService {
	s := &slackService{header: http.Header{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if len(s.status) > 0 {
			for name, values := range s.header {
				w.Header()[name] = values
			}
			w.WriteHeader(s.status[0])
			io.WriteString(w, "no_service")
			s.status = s.status[1:]
			return
		}
		parsed, why := judgeSlack(body)
		if why != "" {
			t.Errorf("Slack would refuse this: %s\n%s", why, body)
			http.Error(w, "invalid_payload", http.StatusBadRequest)
			return
		}
		s.bodies = append(s.bodies, parsed)
		io.WriteString(w, "ok")
	}))
	t.Cleanup(s.Close)
	return s
}

// mention is what Slack's markup takes for a mention, a link or a channel.
var mention = regexp.MustCompile(`<[^>]*>`)

func judgeSlack(data []byte) (body SlackBody, why string) {
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		return body, err.Error()
	}
	count := utf8.RuneCountInString
	text := func(t *SlackText, limit int, kinds ...string) string {
		switch {
		case t == nil || strings.TrimSpace(t.Text) == "":
			return "no text"
		case count(t.Text) > limit:
			return fmt.Sprintf("%d characters of %d", count(t.Text), limit)
		case !strings.Contains(strings.Join(kinds, " "), t.Type):
			return "type " + t.Type
		case t.Type == "mrkdwn" && !t.Verbatim:
			return "links and mentions are made of its text"
		case t.Type == "mrkdwn" && mention.MatchString(t.Text):
			return "a mention: " + mention.FindString(t.Text)
		}
		return ""
	}
	if body.Text == "" || len(body.Blocks) > 50 || count(string(data)) > 13_200 {
		return body, fmt.Sprintf("%d blocks, %d characters, text %q", len(body.Blocks), count(string(data)), body.Text)
	}
	for _, b := range body.Blocks {
		switch b.Type {
		case "header":
			why = text(b.Text, 150, "plain_text")
		case "section":
			if len(b.Fields) > 10 || b.Text == nil && len(b.Fields) == 0 {
				return body, fmt.Sprintf("a section of %d fields", len(b.Fields))
			}
			if b.Text != nil {
				why = text(b.Text, 3000, "mrkdwn", "plain_text")
			}
			for i := range b.Fields {
				if why == "" {
					why = text(&b.Fields[i], 2000, "mrkdwn", "plain_text")
				}
			}
		case "context":
			if len(b.Elements) == 0 || len(b.Elements) > 10 {
				return body, fmt.Sprintf("%d elements", len(b.Elements))
			}
			for i := range b.Elements {
				if why == "" {
					why = text(&b.Elements[i], 3000, "mrkdwn", "plain_text")
				}
			}
		case "divider":
		default:
			why = "a block of type " + b.Type
		}
		if why != "" {
			return body, b.Type + ": " + why
		}
	}
	return body, ""
}

// hostile are names that somebody may give a session, a role or an agent.
var hostile = []string{
	"<!channel> <@U012AB3CD> <https://evil.example|click>", "`; rm -rf / #` ```", "a\nb\r\n\tc\x1b[2J\x00",
	"\u202egnp.exe\u2066", strings.Repeat("A&<>", 2000), "*bold* _it_ ~s~", "=cmd|' /C calc'!A0", "日本語\u200b\u2028", "\xff\xfe",
}

// findings are so many, with hostile names in all places.
func findings(n int) (all []schema.Finding) {
	at := time.Date(2026, 3, 20, 2, 14, 0, 0, time.UTC)
	for i := range n {
		h := hostile[i%len(hostile)]
		fp := schema.Fingerprint("DDB-EXF-001", fmt.Sprint(i))
		all = append(all, schema.Finding{
			ID: schema.FindingID(fp, "2026-03-20"), Fingerprint: fp, Day: "2026-03-20", Detection: "DDB-EXF-001", Version: 1, Kind: schema.FindingEvent,
			Severity: schema.Severities[i%len(schema.Severities)], Title: "Table exported " + h, Explain: h + " did what nobody expected",
			First: at, Last: at.Add(time.Duration(i%7) * time.Minute), Count: int64(i%3 + 1), TableName: "orders" + h, ActorName: h, ActorKind: schema.ActorHuman,
			SourceIP: h, UserAgent: h,
		})
	}
	return all
}

func message(n int) *Message {
	return &Message{
		RunID: "2026-03-21T01-05-00Z", Tool: "keytrail test", Lake: "s3://lake/x", At: time.Now(), Days: []string{"2026-03-20"},
		Facts: []Fact{{"Coverage", "99.6 % of hours <all>"}, {"Unexpected changes", "7"}}, Findings: findings(n),
		Notes: []string{"2 suppressions used", hostile[0]},
	}
}

// at is a secret with an address.
func at(t *testing.T, url string) Secret {
	t.Setenv("TEST_WEBHOOK", url)
	return Secret{Env: "TEST_WEBHOOK"}
}
