package subject

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

func item(key string, values ...string) schema.Touch {
	return schema.Touch{KeyScope: schema.ScopeItem, ItemKey: key, KeyValues: values, TouchCount: 1, EventName: "GetItem"}
}

func TestLevel(t *testing.T) {
	query := func(values ...string) schema.Touch {
		return schema.Touch{KeyScope: schema.ScopePartition, KeyValues: values, EventName: "Query"}
	}
	batch := item(`{"pk":"a"}`, "a")
	batch.EventName = "BatchGetItem"
	several := item(`{"pk":"a"}`, "a")
	several.TouchCount = 2
	session := schema.Touch{KeyScope: schema.ScopeNone, KeyValues: []string{"a"}}
	byValue := Question{Value: "a"}
	byKey := Question{Key: []queries.Member{{Name: "pk", Value: "a"}, {Name: "sk", Value: "<\n"}}}
	for _, c := range []struct {
		name  string
		q     Question
		touch schema.Touch
		want  level
	}{
		{"one item", byValue, item(`{"pk":"a","sk":"b"}`, "a", "b"), direct},
		{"under any name", byValue, item(`{"x":"a"}`, "a"), direct},
		{"a part of a value", byValue, item(`{"pk":"ab"}`, "ab"), ""},
		{"another case", byValue, item(`{"pk":"A"}`, "A"), ""},
		{"a batch of one", byValue, batch, contained},
		{"one of several", byValue, several, contained},
		{"its partition", byValue, query("a"), partition},
		{"another partition", byValue, query("b"), ""},
		{"a session that has the value for a name", byValue, session, ""},
		{"all members", byKey, item(`{"pk":"a","sk":"<\n"}`, "a", "<\n"), direct},
		{"all members and more", byKey, item(`{"pk":"a","sk":"<\n","x":"y"}`, "a", "<\n", "y"), direct},
		{"one member of two", byKey, item(`{"pk":"a"}`, "a"), ""},
		{"values under other names", byKey, item(`{"pk":"<\n","sk":"a"}`, "<\n", "a"), ""},
		{"the partition of a key", byKey, query("a"), partition},
		{"a partition with another value beside", byKey, query("a", "z"), ""},
		{"a partition without a value", byKey, query(), ""},
	} {
		if got, ok := newNamer(&c.q).level(&c.touch); got != c.want && ok || ok != (c.want != "") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	q := Question{Value: "42", Patterns: []string{"USER#{value}", "{value}", "a/{value}/b"}}
	if got := strings.Join(q.forms(), " "); got != "42 USER#42 a/42/b" {
		t.Error(got)
	}
}

func TestCheck(t *testing.T) {
	key := []queries.Member{{Name: "pk", Value: "a"}}
	for _, c := range []struct {
		q    Question
		want string
	}{
		{Question{}, "whom is the report about?"},
		{Question{Value: "a", Key: key}, "whom is the report about?"},
		{Question{Key: key, Patterns: []string{"x{value}"}}, "patterns are forms of a value"},
		{Question{Value: "a", Patterns: []string{"x"}}, "wants {value} once"},
		{Question{Value: "a", Patterns: []string{"{value}{value}"}}, "wants {value} once"},
		{Question{Value: "a", For: Investigator, WithIdentities: true}, "has the identities anyhow"},
		{Question{Value: "a", For: Person, WithIdentities: true}, ""},
		{Question{Key: key}, ""},
	} {
		err := c.q.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.q, err, c.want)
		}
	}
}
