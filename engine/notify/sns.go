package notify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Limits of SNS Publish: 256 KiB of UTF-8, with names, types and values of attributes
// (which get a KiB of it), a subject of less than 100 printable ASCII characters that
// begins with none that is not (API reference, Publish and MessageAttributeValue).
const (
	snsMessage = 262_144 - 1024
	snsSubject = 99
)

// Publication is one message to an SNS topic.
type Publication struct {
	TopicARN   string
	Subject    string
	Message    string
	Attributes map[string]string // for filter policies of subscriptions
	// GroupID and DeduplicationID are of FIFO topics, else empty.
	GroupID, DeduplicationID string
}

// Publisher sends to SNS. Its errors are [Later] or [Refused] where it can tell.
type Publisher interface {
	Publish(ctx context.Context, p Publication) error
}

// SNS is a topic. Its subscribers get the digest as text.
type SNS struct {
	TopicARN  string
	Publisher Publisher
}

func (*SNS) Name() string { return "sns" }

func (s *SNS) Send(ctx context.Context, m *Message) error {
	p := Publication{
		TopicARN: s.TopicARN, Subject: snsSubjectOf(m.subject()), Message: cutBytes(m.Text(), snsMessage),
		Attributes: map[string]string{"severity": "none", "tool": "keytrail"},
	}
	if worst := m.Worst(); worst > 0 {
		p.Attributes["severity"] = worst.String()
	}
	if strings.HasSuffix(s.TopicARN, ".fifo") {
		// Two channels may lead to the same topic with not the same to say, and a run may
		// be repeated: only what is equal is the same message.
		sum := sha256.Sum256([]byte(p.Message))
		p.GroupID, p.DeduplicationID = "keytrail", fmt.Sprintf("%s-%x", m.RunID, sum[:8])
	}
	return s.Publisher.Publish(ctx, p)
}

// snsSubjectOf makes text a subject.
func snsSubjectOf(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), snsSubject)])
}

// cutBytes shortens text to so many bytes, at the end of a line, and says so.
func cutBytes(s string, limit int) string {
	const note = "\n(cut: the rest is in the lake)\n"
	if len(s) <= limit {
		return s
	}
	s = strings.ToValidUTF8(s[:limit-len(note)], "")
	if at := strings.LastIndexByte(s, '\n'); at > 0 {
		s = s[:at]
	}
	return s + note
}
