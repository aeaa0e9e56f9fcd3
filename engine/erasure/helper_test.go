package erasure

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/engine/reader"
	"github.com/keytrail/keytrail/engine/verify"
	"github.com/keytrail/keytrail/schema"
)

const trailObject = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/0%d/111122223333_CloudTrail_eu-west-1_2026030%dT1000Z_aaaaaaaaaaaaaaaa.json.gz"

// record is one call, with its members beside those that all calls have.
func record(id int, name, members string) string {
	return fmt.Sprintf(`{"eventVersion":"1.11","eventID":"e-%04d","requestID":"R%d","eventTime":"2026-03-0%dT0%d:00:00Z","eventSource":"dynamodb.amazonaws.com",`+
		`"eventName":%q,"awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2","eventType":"AwsApiCall","eventCategory":"Data","recipientAccountId":"111122223333",`+
		`"userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"},%s}`,
		id, id, 2+id%2, id%10, name, members)
}

// trail has the value v in all the places where a log may have it, among other items.
func trail(v string) map[string][]byte {
	text := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	table := `"resources":[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/people"}]`
	var records []string
	add := func(name, request, more string) {
		records = append(records, record(len(records), name, `"requestParameters":`+request+","+table+more))
	}
	q := text(v)
	literal := strings.ReplaceAll(v, "'", "''")
	for range 2 { // on both days
		for i := range 4 {
			add("GetItem", fmt.Sprintf(`{"tableName":"people","key":{"pk":"other#%d","sk":"x"}}`, i), "")
		}
		add("GetItem", `{"tableName":"people","key":{"pk":`+q+`,"sk":"profile"}}`, "")
		add("UpdateItem", `{"tableName":"people","key":{"pk":`+q+`,"sk":"profile"},"updateExpression":"SET a = :a"}`, `,"errorCode":"ConditionalCheckFailedException","errorMessage":`+text("no item "+v+" here"))
		add("GetItem", `{"tableName":"people","key":{"pk":{"S":`+q+`},"sk":{"S":"typed"}}}`, "")
		add("Query", `{"tableName":"people","keyConditionExpression":"pk = :p","keyConditions":{"pk":{"comparisonOperator":"EQ","attributeValueList":[`+q+`]}}}`, "")
		add("BatchGetItem", `{"requestItems":{"people":{"keys":[{"pk":"other#1","sk":"x"},{"pk":`+q+`,"sk":"x"}]},"pets":{"keys":[{"id":"rex"}]}}}`, "")
		add("TransactGetItems", `{"transactItems":[{"get":{"tableName":"pets","key":{"id":"rex"}}},{"get":{"tableName":"people","key":{"pk":`+q+`,"sk":"y"}}}]}`, "")
		add("ExecuteStatement", `{"statement":`+text(`SELECT * FROM "people" WHERE pk = '`+literal+`' AND sk = 'x'`)+`}`, "")
		add("Scan", `{"tableName":"people","filterExpression":"#e = :v","scanFilter":{"e":{"attributeValueList":[`+q+`]}}}`, `,"additionalEventData":{"note":`+q+`}`)
		records = append(records, `{"eventID":"bad","eventTime":"not a time","eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","requestParameters":{"tableName":"people","key":{"pk":`+q+`}}}`)
	}
	objects := map[string][]byte{}
	for i, half := range [][]string{records[:len(records)/2], records[len(records)/2:]} {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		io.WriteString(w, `{"Records":[`+strings.Join(half, ",")+`]}`)
		w.Close()
		objects[fmt.Sprintf(trailObject, i+2, i+2)] = z.Bytes()
	}
	return objects
}

func memOf(t *testing.T, files map[string][]byte) *objecttest.Mem {
	t.Helper()
	m := objecttest.NewMem()
	for key, data := range files {
		if _, err := m.Put(t.Context(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// filesOf are the files of a store under a prefix.
func filesOf(t *testing.T, s lake.Store, prefix string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := s.List(t.Context(), prefix, func(o object.Info) error {
		f, err := s.OpenAt(t.Context(), o.Key)
		if err != nil {
			return err
		}
		defer f.Close()
		data := make([]byte, f.Info().Size)
		if _, err := f.ReadAt(data, 0); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		all[o.Key] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// engineOf is an engine of the lake at s that keeps forgotten who was forgotten.
func engineOf(t *testing.T, s lake.Store) *engine.Engine {
	t.Helper()
	l, err := lake.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return &engine.Engine{Lake: l, Memory: 128 << 20, TempDir: t.TempDir(), Rewrite: []engine.Rewrites{Rewrites(l)}}
}

func ingest(t *testing.T, e *engine.Engine, src engine.Source) engine.Report {
	t.Helper()
	rep, err := e.Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: src}}})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func forgetNow(t *testing.T, e *engine.Engine, r *Request) *Done {
	t.Helper()
	done, err := Forget(t.Context(), e, r)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// allTexts calls fn with every text of the lake's rows and of what lies beside them.
func allTexts(t *testing.T, l *lake.Lake, fn func(where, text string)) (rows int64) {
	t.Helper()
	stats, err := reader.Scan(t.Context(), l, reader.Query{}, func(rec arrow.Record, p schema.Partition) error {
		for i, col := range rec.Columns() {
			if list, ok := col.(*array.List); ok {
				col = list.ListValues()
			}
			if texts, ok := col.(*array.String); ok {
				for row := range texts.Len() {
					fn(p.Table+" "+schema.Columns[i].Name, texts.Value(row))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	days, err := l.QuarantineDays(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range days {
		records, err := l.Quarantine(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range records {
			fn("quarantine reason", q.Reason)
			fn("quarantine raw", q.Raw)
		}
	}
	return stats.Rows
}

// leaks are the places where the lake has the value in any spelling: in texts, and as
// bytes in any file.
func leaks(t *testing.T, s lake.Store, v string) []string {
	t.Helper()
	l, err := lake.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, spelled := range spellings(v) {
		allTexts(t, l, func(where, text string) {
			if strings.Contains(text, spelled) {
				found[where] = true
			}
		})
		for key, data := range filesOf(t, s, "") {
			if bytes.Contains(data, []byte(spelled)) {
				found[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// clean verifies the lake.
func clean(t *testing.T, s lake.Store, src verify.Source) *verify.Report {
	t.Helper()
	o := verify.Options{}
	if src != nil {
		o.Inputs = []verify.Input{{Source: src}}
	}
	rep, err := verify.Lake(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range rep.Findings {
		t.Errorf("%s %s: %s", f.Kind, f.Where, f.What)
	}
	return rep
}

func sameFiles(t *testing.T, want, got map[string][]byte) {
	t.Helper()
	if a, b := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(a, b) {
		t.Fatalf("files %q, not %q", b, a)
	}
	for key := range want {
		if !bytes.Equal(want[key], got[key]) {
			t.Errorf("%s differs", key)
		}
	}
}
