package tables

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
)

// Whoever lowers a table's class by a tag is told, and the day is judged by what it was.
func TestLowered(t *testing.T) {
	tag := func(name, value string) string {
		return `{"resourceArn":"` + arnOf + name + `","tags":[{"key":"data-class","value":"` + value + `"}]}`
	}
	l := happened(t, `
08:00 TagResource orders `+tag("orders", "pii")+`
08:00 TagResource users `+tag("users", "pii")+`
08:00 TagResource logs `+tag("logs", "internal")+`
08:00 TagResource listed `+tag("listed", "pii")+`
08:00 CreateTable gone {"tableName":"gone","tags":[{"key":"data-class","value":"pii"}]}
1+08:00 TagResource orders `+tag("orders", "public")+`
1+08:30 UntagResource users {"resourceArn":"`+arnOf+`users","tagKeys":["data-class"]}
1+09:00 TagResource logs `+tag("logs", "pii")+`
1+09:00 TagResource listed `+tag("listed", "public")+`
1+09:00 DeleteTable gone {"tableName":"gone"}
2+08:00 CreateTable gone {"tableName":"gone","tags":[{"key":"data-class","value":"public"}]}`)
	p, err := policy.Parse("p.yaml", []byte(`
version: 1
tables: [{match: "**:table/listed", class: confidential}]
table_tags: {class: [data-class], values: {pii: restricted}}
`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Open(t.Context(), l, p, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for i := range c.Tables {
		for _, low := range c.Tables[i].Lowered {
			got += c.Tables[i].Name + " " + low.String() + "\n"
		}
	}
	want := "orders class was lowered by a tag: restricted to public at 2026-03-03 08:00:00Z, by alice (TagResource).\n" +
		"users class was lowered by a tag: restricted to none at 2026-03-03 08:30:00Z, by alice (UntagResource).\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var list, story bytes.Buffer
	if err := Render(&list, c, queries.Table, queries.Look{}); err != nil || !strings.Contains(list.String(), "2 tables with a class or protection that a tag lowered: orders, users.") {
		t.Errorf("%v, %s", err, list.String())
	}
	if err := RenderHistory(&story, c, c.Named("orders"), queries.Table, queries.Look{}); err != nil || !strings.Contains(story.String(), "restricted to public") {
		t.Errorf("%v, %s", err, story.String())
	}
	day := func(n int) int64 { return time.Date(2026, 3, 2+n, 0, 0, 0, 0, time.UTC).UnixMicro() }
	for n, want := range []string{"restricted restricted internal confidential restricted", "restricted restricted restricted confidential restricted", "public  restricted confidential public"} {
		q, err := WithTags(t.Context(), l, p, day(n), day(n+1))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"orders", "users", "logs", "listed", "gone"} {
			got = append(got, q.TableOf(arnOf+name).Class)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("day %d: %q, want %q", n, got, want)
		}
	}
}
