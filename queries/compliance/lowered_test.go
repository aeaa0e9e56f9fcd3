package compliance

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/queries/policy"
)

// A tag that takes care from a table is told, and the report goes by what it took away.
func TestLoweredClass(t *testing.T) {
	tag := func(value string) string {
		return `{"resourceArn":"arn:aws:dynamodb:eu-west-1:` + ownAccount + `:table/orders","tags":[{"key":"data-class","value":"` + value + `"}]}`
	}
	var s story
	s.does(deploy, "TagResource", "orders", asking(tag("pii")))
	s.does(ann, "TagResource", "orders", asking(tag("public")))
	s.does(ann, "Scan", "orders")
	p, err := policy.Parse("p.yaml", []byte("version: 1\ntable_tags: {class: [data-class], values: {pii: restricted}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	q := storyDay
	q.Policy = p
	files := 0
	q.Progress = func(_, all int) { files = all }
	made, err := Collect(t.Context(), s.lake(t), q)
	if err != nil {
		t.Fatal(err)
	}
	tables := made.Section(ByTable).Table("tables")
	if class := tables.Rows[0][at(t, tables, "class")].String(); class != "restricted" {
		t.Errorf("the class is %q", class)
	}
	if said := made.Section(Settings).Notes[0].Text; !strings.HasPrefix(said, "orders: class was lowered by a tag: restricted to public at 2026-03-03 10:01:00Z, by ann@example.com") {
		t.Error(said)
	}
	if files == 0 {
		t.Error("nobody was told how far it is")
	}
}
