package decode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// keeper is a sink that keeps copies.
type keeper struct {
	touches     []schema.Touch
	quarantined []string // "index reason raw"
}

func (k *keeper) Touch(t *schema.Touch) error {
	CheckWho(t)
	c := *t
	c.WhoNumber = 0
	for _, col := range schema.Columns {
		switch col.Type {
		case schema.Text:
			*col.Text(&c) = strings.Clone(*col.Text(t))
		case schema.List:
			var list []string
			for _, s := range *col.List(t) {
				list = append(list, strings.Clone(s))
			}
			*col.List(&c) = list
		}
	}
	c.TableName = strings.Clone(t.TableName)
	k.touches = append(k.touches, c)
	return nil
}

func (k *keeper) Quarantine(index int32, reason string, raw []byte) error {
	k.quarantined = append(k.quarantined, fmt.Sprintf("%d %s %s", index, reason, raw))
	return nil
}

// decodeWith decodes one object twice with one decoder, which must not matter.
func decodeWith(l Limits, data string) (*keeper, Summary, error) {
	d := New(l)
	_, _ = d.Decode("earlier", []byte(data), &keeper{})
	k := &keeper{}
	s, err := d.Decode("object", []byte(data), k)
	return k, s, err
}

// mustDecode decodes an object that is good.
func mustDecode(t *testing.T, data string) (*keeper, Summary) {
	t.Helper()
	k, s, err := decodeWith(Limits{}, data)
	if err != nil {
		t.Fatalf("%s\n%v", data, err)
	}
	if s.Records != s.InScope+s.OutOfScope+s.Quarantined || s.Touches != int64(len(k.touches)) || s.Quarantined != int64(len(k.quarantined)) {
		t.Fatalf("%s\nthe summary does not balance: %+v, %d touches, %d quarantined", data, s, len(k.touches), len(k.quarantined))
	}
	return k, s
}

// rowsOf decodes a call of DynamoDB with the given name and further members, and
// puts what was reached in words: table, op, scope, key and so on.
func rowsOf(t *testing.T, event, members string) []string {
	t.Helper()
	k, _ := mustDecode(t, recordOf(event, members))
	var rows []string
	for _, touch := range k.touches {
		rows = append(rows, row(&touch))
	}
	return rows
}

func recordOf(event, members string) string {
	if members != "" {
		members = "," + members
	}
	return `{"eventSource":"dynamodb.amazonaws.com","eventTime":"2026-01-05T08:01:02Z","awsRegion":"eu-west-1",` +
		`"recipientAccountId":"111122223333","eventName":"` + event + `"` + members + `}`
}

func row(t *schema.Touch) string {
	s := t.TableName + " " + t.Op + " " + t.KeyScope
	if t.Mutates {
		s += " mutates"
	}
	for _, part := range []struct{ name, value string }{
		{"index", t.IndexName}, {"key", t.ItemKey},
		{"values", strings.Join(t.KeyValues, "|")}, {"attrs", strings.Join(t.Attributes, "|")},
	} {
		if part.value != "" {
			s += " " + part.name + "=" + part.value
		}
	}
	return s
}

func expectRows(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
