package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// Limits of Slack's incoming webhooks and blocks, from its reference for Block Kit:
// header 150 characters, text of a section 3,000, 10 fields of 2,000, 50 blocks. That
// messages fail as a whole above some 13,200 characters of blocks is known from reports
// alone, so ours stay well below.
const (
	slackHeader  = 150
	slackSection = 3000
	slackFields  = 10
	slackField   = 2000
	slackContext = 10
	slackBlocks  = 30
	slackBudget  = 10_000 // characters of a message, its JSON
)

// Slack is an incoming webhook of Slack. It posts one message, which cannot be edited.
type Slack struct {
	URL Secret
	// Client sends it; nil: one with a time limit that follows no redirects.
	Client *http.Client

	httpsOnly bool
}

// NewSlack is the webhook whose address is there. allowPrivate is for a service of one's
// own network that takes the same messages.
func NewSlack(address Secret, allowPrivate bool) *Slack {
	return &Slack{URL: address, Client: newClient(allowPrivate), httpsOnly: !allowPrivate}
}

func (*Slack) Name() string { return "slack" }

// Send posts the message. Slack answers 200 and "ok".
func (s *Slack) Send(ctx context.Context, m *Message) error {
	address, err := webAddress("slack", s.URL, !s.httpsOnly)
	if err != nil {
		return err
	}
	body, err := slackJSON(SlackMessage(m))
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("slack: the webhook's address is no URL")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	return post(s.Client, "slack", req, func(status int, answer io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(answer, 200))
		if err == nil && strings.TrimSpace(string(text)) != "ok" {
			return fmt.Errorf("answered %q and not ok", Plain(string(text), 100))
		}
		return err
	})
}

type (
	// SlackBody is what is posted.
	SlackBody struct {
		Text   string       `json:"text"` // for notifications and screen readers
		Blocks []SlackBlock `json:"blocks"`
	}
	// SlackBlock is a block of Block Kit: header, section, divider or context.
	SlackBlock struct {
		Type     string      `json:"type"`
		Text     *SlackText  `json:"text,omitempty"`
		Fields   []SlackText `json:"fields,omitempty"`
		Elements []SlackText `json:"elements,omitempty"`
	}
	// SlackText is text in a block: plain_text or mrkdwn.
	SlackText struct {
		Type string `json:"type"`
		Text string `json:"text"`
		// Verbatim keeps Slack from making links and mentions of what only looks like
		// one: of https://..., @here, #general.
		Verbatim bool `json:"verbatim,omitempty"`
	}
)

// SlackMessage is a message within Slack's limits: as many findings as there is room
// for, the worst first, and how many more there are.
func SlackMessage(m *Message) SlackBody {
	body := SlackBody{Text: markdown(m.subject(), slackHeader)}
	body.add(SlackBlock{Type: "header", Text: &SlackText{Type: "plain_text", Text: Plain(m.subject(), slackHeader)}})
	for i := range min(len(m.Failed), 3) {
		body.add(section("*FAILED* " + markdown(m.Failed[i], 400)))
	}
	if fields := factFields(m.Facts); len(fields) > 0 {
		body.add(SlackBlock{Type: "section", Fields: fields})
	}
	end := body.ending(m)
	findings := m.sorted()
	shown := 0
	for i := range findings {
		block := section(findingText(&findings[i]))
		if len(body.Blocks)+2+len(end) > slackBlocks || body.size()+block.size()+sizeOf(end) > slackBudget-200 {
			break
		}
		body.add(block)
		shown++
	}
	if more := len(findings) - shown; more > 0 {
		body.add(section(fmt.Sprintf("_and %d more; `keytrail findings` lists them all_", more)))
	}
	body.add(end...)
	return body
}

// ending is what stands below the findings.
func (*SlackBody) ending(m *Message) (blocks []SlackBlock) {
	if n := len(m.Resolved); n > 0 {
		var names []string
		for i := range min(n, 5) {
			f := &m.Resolved[i]
			names = append(names, markdown(f.Detection+" "+table(f), 80))
		}
		text := fmt.Sprintf("*Resolved* %s", strings.Join(names, ", "))
		if n > len(names) {
			text += fmt.Sprintf(" and %d more", n-len(names))
		}
		blocks = append(blocks, section(text))
	}
	elements := []SlackText{mrkdwn(markdown(m.footer(), 600))}
	for i := range min(len(m.Notes), slackContext-1, 4) {
		if note := markdown(m.Notes[i], 200); strings.TrimSpace(note) != "" { // Slack refuses empty ones
			elements = append(elements, mrkdwn(note))
		}
	}
	return append(blocks, SlackBlock{Type: "divider"}, SlackBlock{Type: "context", Elements: elements})
}

func factFields(facts []Fact) (fields []SlackText) {
	for i := range min(len(facts), slackFields) {
		fields = append(fields, mrkdwn("*"+markdown(facts[i].Name, 60)+"*\n"+markdown(facts[i].Value, 200)))
	}
	return fields
}

// findingText is one finding in Slack's markup.
func findingText(f *schema.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%s* %s — %s\n", strings.ToUpper(f.Severity.String()), markdown(f.Detection, 40), markdown(f.Title, 150))
	if t := table(f); t != "" {
		fmt.Fprintf(&b, "%s ", code(t, 120))
	}
	if w := who(f); w != "" {
		fmt.Fprintf(&b, "by %s ", code(w, 120))
	}
	if f.SourceIP != "" {
		fmt.Fprintf(&b, "from %s", code(f.SourceIP, 60))
	}
	fmt.Fprintf(&b, "\n%s\n%s, id %s", markdown(f.Explain, 400), markdown(calls(f), 80), code(f.ID, 40))
	return b.String()
}

func section(text string) SlackBlock {
	t := mrkdwn(text)
	return SlackBlock{Type: "section", Text: &t}
}

func mrkdwn(text string) SlackText { return SlackText{Type: "mrkdwn", Text: text, Verbatim: true} }

// markdown is text that Slack's markup takes for nothing but text: Slack asks for these
// three characters to be replaced and no others, which leaves, in a text that is
// verbatim, no mention, link or channel. Marks that would make text bold or struck are let be: they hide nothing.
func markdown(s string, limit int) string {
	s = Plain(s, limit)
	for n := utf8.RuneCountInString(s); ; n-- { // until what is escaped fits, too
		if text := slackEscapes.Replace(s); utf8.RuneCountInString(text) <= limit {
			return text
		}
		s = cut(s, n-1)
	}
}

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// code is text in a code span, which none of its characters can end.
func code(s string, limit int) string {
	return "`" + strings.ReplaceAll(markdown(s, limit), "`", "'") + "`"
}

func (b *SlackBody) add(blocks ...SlackBlock) { b.Blocks = append(b.Blocks, blocks...) }

// size is the characters of the message's JSON.
func (b *SlackBody) size() int { return utf8.RuneCountInString(b.Text) + 30 + sizeOf(b.Blocks) }

func sizeOf(blocks []SlackBlock) (n int) {
	for i := range blocks {
		n += blocks[i].size()
	}
	return n
}

func (b *SlackBlock) size() int {
	text, err := slackJSON(b)
	if err != nil {
		return slackBudget
	}
	return utf8.RuneCount(text)
}

// slackJSON is v as JSON in as few characters as can be: "&" need not be "\u0026", nobody
// puts this into a page.
func slackJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}
