package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
	"github.com/keytrail/keytrail/schema"
)

// secretValues are values of items that stand in every place of a record where one can.
type secretValues struct {
	n      int
	values []string
}

// next is a value that stands nowhere else. Some have what JSON and URLs escape.
func (s *secretValues) next() string {
	s.n++
	v := fmt.Sprintf("sentinel%03dqx", s.n)
	if s.n%3 == 0 {
		v += `"é/<x>&`
	}
	s.values = append(s.values, v)
	return v
}

// call is a record of table customers.
func (s *secretValues) call(event string, params map[string]any) map[string]any {
	r := with(with(record(1000+s.n), "eventName", event), "requestParameters", params)
	if _, ok := params["tableName"]; !ok {
		params["tableName"] = "customers"
	}
	return with(r, "resources", []any{map[string]string{"type": "AWS::DynamoDB::Table", "ARN": "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"}})
}

type fields = map[string]any

// records are calls with values in every place.
func (s *secretValues) records() []any {
	key := func() fields { return fields{"pk": s.next(), "sk": fields{"S": s.next()}} }
	statement := func() string {
		return `SELECT * FROM "customers" WHERE "pk" = '` + strings.ReplaceAll(s.next(), "'", "''") + `'`
	}
	leading := func() string {
		text, _ := json.Marshal(fields{"Statement": []any{fields{"Condition": fields{"ForAllValues:StringEquals": fields{"dynamodb:LeadingKeys": []any{s.next()}}}}}})
		return string(text)
	}
	failed := func(r fields) fields {
		return with(with(r, "errorCode", "ValidationException"), "errorMessage", "The value "+s.next()+" is no good")
	}
	service := func(source, event string, params fields) fields {
		r := with(s.call(event, params), "eventSource", source)
		delete(params, "tableName")
		return without(r, "eventCategory")
	}
	rs := []any{
		s.call("GetItem", fields{"key": key(), "expressionAttributeNames": fields{"#a": s.next()}, "projectionExpression": "prefs." + s.next()}),
		s.call("PutItem", fields{"key": key(), "item": key(), "expressionAttributeValues": fields{":v": fields{"S": s.next()}}}),
		s.call("UpdateItem", fields{"key": key(), "updateExpression": "SET prefs." + s.next() + " = :v", "expected": fields{"a": s.next()}, "attributeUpdates": fields{"a": s.next()}}),
		s.call("Query", fields{"key": fields{"pk": s.next()}, "exclusiveStartKey": key(), "keyConditions": fields{"pk": s.next()}, "queryFilter": fields{"a": s.next()}}),
		failed(s.call("Query", fields{"keyConditionExpression": "pk = '" + s.next() + "'"})),
		s.call("Scan", fields{"filterExpression": "a." + s.next() + " = :v", "scanFilter": fields{"a": []any{s.next()}}, "nextToken": s.next()}),
		s.call("BatchGetItem", fields{"requestItems": fields{"customers": fields{"keys": []any{key(), key()}}}}),
		s.call("BatchWriteItem", fields{"requestItems": []any{fields{"tableName": "customers", "key": key(), "item": key()}}}),
		s.call("BatchWriteItem", fields{"requestItems": fields{"customers": []any{fields{"putRequest": fields{"item": key()}}, fields{"deleteRequest": fields{"key": key()}}}}}),
		s.call("TransactWriteItems", fields{"clientRequestToken": s.next(), "transactItems": []any{
			fields{"put": fields{"tableName": "customers", "item": key()}}, fields{"delete": fields{"tableName": "customers", "key": key()}},
			fields{"operation": "Update", "tableName": "orders", "key": key()}}}),
		s.call("ExecuteStatement", fields{"statement": statement(), "parameters": []any{s.next(), fields{"S": s.next()}}, "nextToken": s.next()}),
		s.call("ExecuteStatement", fields{"statement": `INSERT INTO "customers" VALUE {'pk': '` + s.next() + `', 'm': {'` + s.next() + `': 1}}`}),
		failed(s.call("ExecuteStatement", fields{"statement": "SELECT * FROM customers WHERE pk = " + s.next()})),
		s.call("BatchExecuteStatement", fields{"requestItems": []any{fields{"statement": statement(), "parameters": []any{s.next()}}}}),
		s.call("ExecuteTransaction", fields{"transactStatements": []any{fields{"statement": statement()}}}),
		failed(s.call("GetItem", fields{"key": key()})),
		s.call("GetRecords", fields{"shardIterator": "arn:aws:dynamodb:eu-west-1:111122223333:table/customers/stream/2026|1|" + s.next()}),
		s.call("GetShardIterator", fields{"streamArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/customers/stream/2026", "sequenceNumber": s.next(), "shardId": s.next()}),
		with(with(s.call("GetItem", fields{"key": key()}), "responseElements", fields{"item": key(), "lastEvaluatedKey": key()}), "additionalEventData", fields{"note": s.next(), "key": key()}),
		with(s.call("FetchItemsByMagic", fields{"key": key(), "wish": s.next()}), "additionalEventData", s.next()),
		with(s.call("GetItem", fields{"tableName": "no table!", "key": key()}), "resources", []any{}),
		with(s.call("SearchVectors", fields{"vector": []any{s.next()}, "key": key()}), "responseElements", []any{s.next()}),
		service("kms.amazonaws.com", "Decrypt", fields{"encryptionContext": fields{"aws:dynamodb:tableName": "customers", "aws:dynamodb:subscriberId": "111122223333", "pk": s.next()}}),
		service("iam.amazonaws.com", "PutRolePolicy", fields{"roleName": "app", "policyName": "p", "policyDocument": leading()}),
		s.call("PutResourcePolicy", fields{"policy": leading()}),
		s.call("ExportTableToPointInTime", fields{"s3Bucket": "b", "s3Prefix": s.next(), "tableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"}),
		// Records that make no sense.
		with(s.call("GetItem", fields{"key": key()}), "eventTime", s.next()),
		without(s.call("GetItem", fields{"key": key()}), "eventTime"),
		without(s.call("GetItem", fields{"key": key()}), "eventSource"),
		s.next(),
	}
	for i, r := range rs {
		if call, ok := r.(fields); ok {
			call["eventID"] = fmt.Sprintf("00000000-0000-4000-9000-%012d", i)
		}
	}
	return rs
}

// forms are the ways in which a value may be written.
func forms(value string) map[string]string {
	inner := inJSON(value)
	forHTML, _ := json.Marshal(value)
	all := map[string]string{
		"as it is": value, "in JSON": inner, "in JSON in JSON": inJSON(inner), "in JSON for HTML": string(forHTML[1 : len(forHTML)-1]),
		"in a URL": url.QueryEscape(value), "in hexadecimal": hex.EncodeToString([]byte(value)),
	}
	for shift := range 3 { // in base64 a text looks three ways, by where it begins
		coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
		all[fmt.Sprint("in base64, ", shift)] = coded[(shift*8+5)/6 : (shift+len(value))*8/6]
	}
	return all
}

// inJSON is a value as it stands between quotes.
func inJSON(value string) string {
	quoted := string(schema.AppendCanonicalString(nil, value))
	return quoted[1 : len(quoted)-1]
}

// In a lake without values of keys there are none: not in its files, as they are and as
// they are read, not in what is printed and not in what is asked of it.
func TestKeysLeakNowhere(t *testing.T) {
	ducktest.Need(t)
	dir := t.TempDir()
	trail := filepath.Join(dir, "trail")
	if _, err := keytrail("sample", "--out", trail, "--events", "600", "--seed", "5"); err != nil {
		t.Fatal(err)
	}
	var secrets secretValues
	rs := secrets.records()
	for name, data := range map[string][]byte{"a.json.gz": gzipped(wrap(rs...)), "b.json.gz": gzipped(wrap(rs[:9]...))[:400], "c.json": []byte(`{"Records":[{"x":"` + secrets.next() + `"`)} {
		if err := os.WriteFile(filepath.Join(trail, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("swordfish", 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "plain")
	seen := printed(t, plain, "ingest", trail, "--lake", plain, "--json") + dumped(t, plain)
	var missing []string
	for _, v := range secrets.values {
		there := false
		for _, text := range []string{v, forms(v)["in JSON for HTML"]} {
			for range 4 { // JSON in JSON in JSON
				there = there || strings.Contains(seen, text)
				text = inJSON(text)
			}
		}
		if !there {
			missing = append(missing, v)
		}
	}
	// A plain lake has them, or that others have not would show nothing. The last is in an
	// object that cannot be read.
	if want := secrets.values[len(secrets.values)-1:]; !slices.Equal(missing, want) {
		t.Errorf("these are not in a plain lake either: %q", missing)
	}
	for name, modes := range map[string][]string{
		"hmac":  {"--key-mode", "hmac", "--key-secret", "file:" + secret},
		"drop":  {"--key-mode", "drop"},
		"mixed": {"--key-mode", "plain", "--key-mode", "customers=hmac", "--key-mode", "orders=drop", "--key-secret", "file:" + secret},
	} {
		t.Run(name, func(t *testing.T) {
			lake := filepath.Join(dir, name)
			told := printed(t, lake, append([]string{"ingest", trail, "--lake", lake, "--json"}, modes...)...)
			for _, args := range [][]string{
				{"who", "--event", "*", "--format", "jsonl", "--limit", "0"}, {"who", "customers", "--follow-role"},
				{"top", "keys", "customers", "--format", "json"}, {"top", "partition-keys"}, {"top", "errors", "--detail"},
				{"detections", "run", "--format", "json"}, {"findings", "--format", "json"}, {"unexpected", "--learn", "30"}, {"verify", "--json"},
				{"diff", "--before", "2026-03-02", "--after", "2026-03-03", "--detail"}, {"anomalies", "--format", "json"},
			} {
				told += printed(t, lake, append(args, "--lake", lake)...)
			}
			told += dumped(t, lake)
			for _, v := range append(secrets.values, "swordfish") {
				for form, text := range forms(v) {
					if at := strings.Index(told, text); at >= 0 {
						t.Errorf("%q is there, %s: %q", v, form, told[max(0, at-200):min(len(told), at+100)])
					}
				}
			}
		})
	}
}

// printed is all that a command prints, whatever its status, as long as it did not crash.
func printed(t *testing.T, lake string, args ...string) string {
	t.Helper()
	cmd := exec.Command(builtBinary, args...)
	out, err := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != exitDone && status != exitIncomplete && status != exitFindings {
		t.Errorf("keytrail %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// dumped is what is in a lake: its files' bytes, and all that their tables say.
func dumped(t *testing.T, lake string) string {
	t.Helper()
	var all strings.Builder
	tables := map[string][]string{} // files by the table they are of
	err := filepath.WalkDir(lake, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		if rest := strings.TrimPrefix(path, lake+"/"); strings.HasSuffix(path, ".parquet") {
			table, _, _ := strings.Cut(rest, "=")
			if table == rest {
				table = filepath.Dir(rest)
			}
			tables[table] = append(tables[table], ducktest.Quote(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range tables {
		for _, row := range ducktest.Query(t, "SELECT to_json(r)::VARCHAR AS line FROM read_parquet(["+strings.Join(files, ",")+"]) r") {
			fmt.Fprintln(&all, row["line"])
		}
	}
	return all.String()
}
