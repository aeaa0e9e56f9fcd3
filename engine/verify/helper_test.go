package verify

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tree is the files of a store by key.
type tree map[string][]byte

func (f tree) mem(t *testing.T) *objecttest.Mem {
	t.Helper()
	m := objecttest.NewMem()
	for key, data := range f {
		put(t, m, key, data)
	}
	return m
}

func (f tree) dir(t *testing.T) *dir.Store {
	t.Helper()
	root := t.TempDir()
	for key, data := range f {
		path := filepath.Join(root, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, m *objecttest.Mem, key string, data []byte) {
	t.Helper()
	if _, err := m.Put(context.Background(), key, bytes.NewReader(data), int64(len(data)), object.Condition{}); err != nil {
		t.Fatal(err)
	}
}

// files reads all that a store holds.
func files(t *testing.T, s lake.Store) tree {
	t.Helper()
	all := tree{}
	err := s.List(context.Background(), "", func(o object.Info) error {
		data, err := readWhole(context.Background(), s, o.Key, 1<<30)
		all[o.Key] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// only returns the one key that has both texts in it.
func (f tree) only(t *testing.T, texts ...string) string {
	t.Helper()
	found := ""
	for key := range f {
		all := true
		for _, s := range texts {
			all = all && strings.Contains(key, s)
		}
		if all && found != "" {
			t.Fatalf("several files are like %q", texts)
		}
		if all {
			found = key
		}
	}
	if found == "" {
		t.Fatalf("no file is like %q", texts)
	}
	return found
}

func ingest(t *testing.T, e engine.Engine, from engine.Source, into lake.Store) engine.Report {
	t.Helper()
	l, err := lake.Create(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	e.Lake, e.Memory, e.TempDir = l, 128<<20, t.TempDir()
	rep, err := e.Ingest(t.Context(), engine.Request{Inputs: []engine.Input{{Source: from}}})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// look verifies, which must be possible.
func look(t *testing.T, s lake.Store, inputs ...Input) *Report {
	t.Helper()
	rep, err := Lake(t.Context(), s, Options{Inputs: inputs, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func (r *Report) text() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %s %s: %s\n", f.Kind, f.Where, f.What)
	}
	return b.String()
}

func (r *Report) has(k Kind, where string) bool {
	for _, f := range r.Findings {
		if f.Kind == k && strings.Contains(f.Where, where) && f.Why != "" {
			return true
		}
	}
	return false
}

const (
	objectA = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/111122223333_CloudTrail_eu-west-1_20260302T1000Z_aaaaaaaaaaaaaaaa.json.gz"
	objectB = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/03/111122223333_CloudTrail_eu-west-1_20260303T1000Z_bbbbbbbbbbbbbbbb.json.gz"
)

// trail is a small trail: two objects delivered on two days, with rows of two tables
// on two event days, copies, and a record that makes no sense.
func trail() tree {
	var a, b []string
	for i := range 60 {
		a = append(a, record(i, "orders", fmt.Sprint("order#", i%20), "2026-03-02"))
		b = append(b, record(100+i, "orders", fmt.Sprint("order#", i%25), "2026-03-03"))
	}
	for i := range 20 {
		a = append(a, record(200+i, "users", fmt.Sprint("user#", i), "2026-03-02"))
	}
	b = append(b, a[0], a[1], `{"eventVersion":"1.08","eventTime":"yesterday","eventSource":"dynamodb.amazonaws.com","eventName":"GetItem"}`)
	return tree{objectA: gzipped(a), objectB: gzipped(b)}
}

func record(i int, table, key, day string) string {
	at, _ := time.Parse(time.DateOnly, day)
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/u%d","accountId":"111122223333","userName":"u%d"},`+
		`"eventTime":%q,"eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.%d","userAgent":"aws-cli",`+
		`"requestParameters":{"tableName":%q,"key":{"pk":%q}},"responseElements":null,"eventID":"00000000-0000-0000-0000-%012d","readOnly":true,"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data"}`,
		i%5, i%5, at.Add(time.Duration(i)*7*time.Minute).Format(time.RFC3339), i%250, table, key, i)
}

func gzipped(records []string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, `{"Records":[`+strings.Join(records, ",")+`]}`)
	w.Close()
	return b.Bytes()
}

// small is the lake of [trail], as files.
func small(t *testing.T, e engine.Engine) tree {
	t.Helper()
	m := objecttest.NewMem()
	ingest(t, e, trail().mem(t), m)
	all := files(t, m)
	delete(all, leaseKey)
	return all
}

// injected is a fault: what is done to a lake's files, and what is to be found.
type injected struct {
	name  string
	do    func(t *testing.T, f tree)
	kind  Kind
	where string
}

// testInjected has each fault found, in a directory and elsewhere.
func testInjected(t *testing.T, clean tree, faults []injected) {
	for _, c := range faults {
		t.Run(c.name, func(t *testing.T) {
			bad := maps.Clone(clean)
			c.do(t, bad)
			for _, s := range []lake.Store{bad.mem(t), bad.dir(t)} {
				rep := look(t, s)
				if !rep.has(c.kind, c.where) {
					t.Errorf("%s: no finding %q at %q:\n%s", s.URL(), c.kind, c.where, rep.text())
				}
				if rep.Clean() {
					t.Error("the lake is called clean")
				}
			}
		})
	}
}

// source opens a directory as a source.
func source(t *testing.T, path string) *dir.Store {
	t.Helper()
	s, err := dir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
