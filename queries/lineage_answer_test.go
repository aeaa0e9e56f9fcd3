package queries

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/schema"
)

// lister counts how often a lake is listed, which each scan does once.
type lister struct {
	*lake.Lake
	scans int
}

func (l *lister) TouchFiles(ctx context.Context, table, from, to string, fn func(lake.TouchFile) error) error {
	l.scans++
	return l.Lake.TouchFiles(ctx, table, from, to, fn)
}

// Each link costs a scan for all sessions together.
func TestFollowScansOncePerLink(t *testing.T) {
	tr := &trailOf{t: t}
	for i := range 200 {
		deploy, as := session("Deploy", "d", fmt.Sprint("ASIAD", i)), session("Prod", "p", fmt.Sprint("ASIAP", i))
		tr.gave(annUser, "AssumeRole", "2026-03-03T10:00:00Z", deploy, nil)
		tr.gave(deploy, "AssumeRole", "2026-03-03T11:00:00Z", as, nil)
		tr.read(as, nil)
	}
	l := &lister{Lake: lakeOf(t, tr.touches)}
	w := Who{Table: "customers", FollowRole: true}
	a, err := Ask(context.Background(), l, w, Columns(w, Table))
	if err != nil {
		t.Fatal(err)
	}
	l.scans = 0
	if err := Follow(context.Background(), l, a); err != nil {
		t.Fatal(err)
	}
	for _, r := range a.Touches {
		if len(r.Lineage.Chain) != 3 || r.Lineage.Person != "ann" {
			t.Fatalf("%s", r.Lineage)
		}
	}
	if proven, open := a.Followed(); l.scans != 2 || proven != 200 || open != 0 {
		t.Errorf("%d scans, %d lineages proven, %d open", l.scans, proven, open)
	}
}

// Whoever was given a key is found without reading the others: the filters deny a key
// that nobody was given, and nearly all row groups where it is not.
func TestKeysGivenArePruned(t *testing.T) {
	tr := &trailOf{t: t}
	for i := range 300 {
		tr.gave(annUser, "AssumeRole", "2026-03-03T10:00:00Z", session("Prod", fmt.Sprint("p", i), fmt.Sprintf("ASIA%d", i*7919)), nil)
	}
	l := lakeOf(t, tr.touches)
	for name, want := range map[string]int64{"ASIA7919": 1, "arn:aws:sts::111122223333:assumed-role/Prod/p299": 1, "ASIA7919X": 0} {
		q := sessionQuery(0, 0, reader.Condition{Column: colKeyValues, AnyOf: []string{name}})
		stats, err := reader.Scan(context.Background(), l, q, func(arrow.Record, schema.Partition) error { return nil })
		if err != nil || stats.Rows != want || stats.RowGroups != 100 || stats.RowGroupsPruned < 80 {
			t.Errorf("%s: %+v, %v", name, stats, err)
		}
	}
}

func TestFollowedAnswersInEveryFormat(t *testing.T) {
	tr := &trailOf{t: t}
	tr.gave(annUser, "AssumeRole", "2026-03-03T11:00:00Z", prod, func(v *schema.Touch) { v.ActorName = "=ann\x1b" })
	tr.read(prod, nil)
	tr.read(with(prod, func(id *schema.Identity) { id.InScopeOf = "arn:aws:lambda:eu-west-1:1:function:fn" }), nil)
	a := followed(t, lakeOf(t, tr.touches))

	table := tableText(t, a)
	for _, want := range []string{"PERSON", `=ann\u001b (strong)`, "no person (certain)", "WHO IS BEHIND IT", "-> role/Prod [AssumeRole 2026-03-03 11:00:00Z", "no person: arn:aws:lambda:eu-west-1:1:function:fn (certain: AWS issued"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
	var narrow bytes.Buffer
	if err := Render(&narrow, a, Table, Look{Width: 60}); err != nil || !strings.Contains(narrow.String(), "person =ann") {
		t.Errorf("%v in\n%s", err, narrow.String())
	}
	var out bytes.Buffer
	if err := Render(&out, a, JSON, Look{}); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(out.Bytes(), &rows); err != nil || len(rows) != 2 {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if r := rows[0]; r["person"] != "=ann\x1b" || r["person_certainty"] != "strong" || !strings.HasPrefix(r["person_chain"].(string), `=ann\u001b (strong`) {
		t.Errorf("%v %v %v", r["person"], r["person_certainty"], r["person_chain"])
	}
	if r := rows[1]; r["person"] != nil || r["person_certainty"] != "certain" {
		t.Errorf("%v %v", r["person"], r["person_certainty"])
	}
	out.Reset()
	if err := Render(&out, a, CSV, Look{}); err != nil || !strings.Contains(out.String(), `day,person,person_certainty,person_chain`) || !strings.Contains(out.String(), `,'=ann\u001b,strong,"'=ann\u001b (`) {
		t.Errorf("%v in %s", err, out.String())
	}
	out.Reset()
	if err := Render(&out, a, Arrow, Look{}); err != nil {
		t.Fatal(err)
	}
	persons := arrowTexts(t, out.Bytes(), "person")
	if len(persons) != 2 || persons[0] != "=ann\x1b" || persons[1] != "" {
		t.Errorf("%q", persons)
	}
}

// arrowTexts are the values of a text column of an Arrow stream.
func arrowTexts(t *testing.T, stream []byte, name string) []string {
	t.Helper()
	in, err := ipc.NewReader(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Release()
	var texts []string
	for in.Next() {
		column := in.Record().Column(in.Schema().FieldIndices(name)[0]).(*array.String)
		for i := range column.Len() {
			texts = append(texts, strings.Clone(column.Value(i)))
		}
	}
	return texts
}
