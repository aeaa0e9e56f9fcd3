package snstopic

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/keytrail/keytrail/engine/notify"
)

// The SDK's own requests go to a server that answers as SNS does.
func TestPublish(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	var asked []url.Values
	answer := func(w http.ResponseWriter) {
		io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		asked = append(asked, r.PostForm)
		answer(w)
	}))
	defer server.Close()

	const arn = "arn:aws:sns:eu-west-1:111122223333:audit.fifo"
	topic, err := New(t.Context(), arn, Options{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	m := &notify.Message{RunID: "r1", Days: []string{"2026-03-20"}, Failed: []string{"ingest"}}
	channel := notify.SNS{TopicARN: arn, Publisher: topic}
	if err := channel.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := asked[0]
	if got.Get("Action") != "Publish" || got.Get("TopicArn") != arn || got.Get("Message") != m.Text() || got.Get("MessageGroupId") == "" ||
		got.Get("Subject") != "DynamoDB audit 2026-03-20: RUN FAILED; nothing found" {
		t.Errorf("%v", got)
	}

	answer = func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>`)
	}
	var refused *notify.Refused
	if err := channel.Send(t.Context(), m); !errors.As(err, &refused) {
		t.Errorf("a topic that is not there: %v", err)
	}
	// What passes by itself waits in the spool instead.
	answer = func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error></ErrorResponse>`)
	}
	refused = nil
	if err := channel.Send(t.Context(), m); err == nil || errors.As(err, &refused) {
		t.Errorf("credentials have run out: %v", err)
	}
	if _, err := New(t.Context(), "audit", Options{}); err == nil {
		t.Error("a name is no ARN")
	}
}
