package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// rawBytes stands for bytes that are no UTF-8, which encoding/json would not write.
const rawBytes = "RAW-BYTES"

// hostileValues are what somebody may put where CloudTrail logs it as he wrote it.
var hostileValues = []string{
	"../../x", "/etc/passwd", "..", "a\nkeytrail: INFO done", "a\r\nLake       all is well", "\x1b]0;x\x07", "\x1b[2J\x1b[31mred",
	"\u009b31m", "\u202egnp.exe", "\u2066hidden\u2069", "line\u2028sep\u2029par", "nul\x00byte", "\x07\x08\x7f", "\ufeff\u200bzero\u00ad",
	"\U000e0041\U000e007f", "=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(1)", "'=quoted", "%s%n%d", `\u001b`, `"},{"x":"`, "<script>&amp;",
	"day=2026-01-05", "__HIVE_DEFAULT_PARTITION__", "bad " + rawBytes + " utf8", strings.Repeat("long ", 20_000),
}

// hostileFields are where, and the column that must have the value as it was; ""
// where it stands in a column among other things.
var hostileFields = []struct{ path, column string }{
	{"eventID", "event_id"}, {"eventName", "event_name"}, {"awsRegion", "aws_region"}, {"errorCode", "error_code"},
	{"errorMessage", "error_message"}, {"userAgent", "user_agent"}, {"sourceIPAddress", "source_ip"}, {"requestID", "request_id"},
	{"eventType", "event_type"}, {"eventCategory", "event_category"}, {"eventVersion", "event_version"},
	{"recipientAccountId", "recipient_account_id"}, {"sharedEventID", "shared_event_id"}, {"vpcEndpointId", "vpc_endpoint_id"},
	{"tlsDetails.tlsVersion", "tls_version"}, {"userIdentity.type", "principal_type"}, {"userIdentity.principalId", "principal_id"},
	{"userIdentity.arn", "principal_arn"}, {"userIdentity.accountId", "principal_account_id"}, {"userIdentity.accessKeyId", "access_key_id"},
	{"userIdentity.userName", "user_name"}, {"userIdentity.invokedBy", "invoked_by"},
	{"userIdentity.sessionContext.sessionIssuer.arn", "issuer_arn"}, {"userIdentity.sessionContext.sourceIdentity", "source_identity"},
	{"userIdentity.sessionContext.sessionIssuer.userName", ""}, {"requestParameters.tableName", ""}, {"requestParameters.indexName", "index_name"},
	{"requestParameters.key.pk", ""}, {"requestParameters.projectionExpression", ""}, {"requestParameters.statement", ""},
	{"responseElements.x", ""}, {"additionalEventData.x", ""}, {"eventTime", ""}, {"eventSource", ""},
}

// hostileObject has a record for each value in each field, and says of each which.
func hostileObject(t *testing.T) (text []byte, column, value []string) {
	t.Helper()
	var all []any
	for _, f := range hostileFields {
		for _, v := range hostileValues {
			r := record(len(all))
			at := r
			path := strings.Split(f.path, ".")
			for _, name := range path[:len(path)-1] {
				below, ok := at[name].(map[string]any)
				if !ok {
					below = map[string]any{}
					if s, isText := at[name].(map[string]string); isText {
						for k, v := range s {
							below[k] = v
						}
					}
					at[name] = below
				}
				at = below
			}
			at[path[len(path)-1]] = v
			all, column, value = append(all, r), append(column, f.column), append(value, v)
		}
	}
	return bytes.ReplaceAll(wrap(all...), []byte(rawBytes), []byte("\xff\x9b\x80")), column, value
}

// ran is what one command printed.
type ran struct {
	args           string
	stdout, stderr string
	status         int
}

// runHere runs a command in this process: a test runs many.
func runHere(args ...string) ran {
	var stdout, stderr bytes.Buffer
	status := run(args, &stdout, &stderr)
	return ran{strings.Join(args, " "), stdout.String(), stderr.String(), status}
}

var ourLine = regexp.MustCompile(`^(keytrail: |nothing found: )`)

// harmless checks that nothing in what was printed can move a cursor, hide or turn
// text, or pass for a line of ours.
func (r ran) harmless(t *testing.T) {
	t.Helper()
	for name, text := range map[string]string{"stdout": r.stdout, "stderr": r.stderr} {
		if !utf8.ValidString(text) {
			t.Errorf("%.200q: %s is no UTF-8", r.args, name)
		}
		for i, c := range text {
			if c != '\n' && c != '\t' && (unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)) {
				t.Errorf("%.200q: %s has %U, in %q", r.args, name, c, text[max(0, i-40):min(len(text), i+40)])
				break
			}
		}
	}
	for line := range strings.Lines(r.stderr) {
		if !ourLine.MatchString(line) {
			t.Errorf("%.200q: a line on stderr that is none of ours: %q", r.args, line)
		}
	}
	if strings.Contains(r.stderr, "goroutine ") {
		t.Errorf("%.200q: a stack trace:\n%s", r.args, r.stderr)
	}
}

// Whatever a log says, in whatever field, and whatever its objects are called, it
// makes no path, no line of ours and no command to a terminal, and is answered as
// it was.
func TestHostileLogs(t *testing.T) {
	home := t.TempDir()
	source, lake := filepath.Join(home, "a", "source"), filepath.Join(home, "a", "lake")
	text, column, value := hostileObject(t)
	makeFile(t, filepath.Join(source, "hostile.json.gz"), gzipped(text))
	for i, v := range hostileValues {
		name := strings.NewReplacer("/", "_", "\x00", "", rawBytes, "\xff\x9b").Replace(v)
		name = name[:min(len(name), 100)]
		makeFile(t, filepath.Join(source, fmt.Sprintf("%d%s.json.gz", i, name)), []byte("\x1b[2Jno gzip"))
		makeFile(t, filepath.Join(source, name+"dir", "good.json.gz"), gzipped(wrap(record(10_000+i))))
	}

	ingested := runHere("ingest", source, "--lake", lake)
	if ingested.status != 3 || strings.Count(ingested.stderr, "not read: ") < 20 {
		t.Fatalf("exit status %d\n%.2000s", ingested.status, ingested.stderr)
	}
	commands := []ran{
		ingested,
		runHere("ingest", source, "--lake", filepath.Join(home, "a", "lake2"), "--json"),
		runHere("verify", "--lake", lake, "--source", source),
		runHere("verify", "--lake", lake, "--source", source, "--json"),
		runHere("who", "--actor", "*", "--lake", lake, "--limit", "0"),
		runHere("who", "--actor", "*", "--lake", lake, "--limit", "0", "--format", "json"),
	}
	for i, v := range hostileValues {
		if i%2 == 1 {
			continue // each reads the whole lake
		}
		if v = strings.NewReplacer(rawBytes, "\xff\x9b\x80", "\x00", "").Replace(v); len(v) > 1000 {
			v = v[:1000]
		}
		commands = append(commands,
			runHere("who", v, "--lake", lake), runHere("who", "--format", v, "--lake", lake),
			runHere("who", "orders", "--op", v, "--lake", lake), runHere("who", "orders", "--lake", filepath.Join(home, v)),
			runHere("top", "keys", v, "--lake", lake), runHere("diff", v, "--before", v, "--after", v, "--lake", lake), runHere("ddl", "duckdb", "--database", v, "--lake", lake),
			runHere("ingest", filepath.Join(home, "none", v), "--lake", lake), runHere(v))
	}
	for _, c := range append(commands, askAll(lake)...) {
		c.harmless(t)
		c.inSpreadsheet(t)
	}

	t.Run("json", func(t *testing.T) {
		out := runHere("who", "--actor", "*", "--lake", lake, "--format", "jsonl")
		out.harmless(t)
		checked := 0
		for line := range strings.Lines(out.stdout) {
			var row map[string]any
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%v in %.300q", err, line)
			}
			if name, _ := row["source_object"].(string); strings.HasSuffix(name, "hostile.json.gz") {
				i := int(row["source_index"].(float64))
				checked += checkExact(t, column[i], value[i], row)
			}
		}
		if checked < 20*len(hostileValues) {
			t.Errorf("only %d values were looked at", checked)
		}
		t.Logf("%d values in %d fields, %d commands; %d values came back as they were", len(hostileValues), len(hostileFields), len(commands)+2, checked)
	})
	t.Run("csv", func(t *testing.T) {
		out := runHere("who", "--actor", "*", "--lake", lake, "--format", "csv")
		out.harmless(t)
		lines, err := csv.NewReader(strings.NewReader(out.stdout)).ReadAll()
		if err != nil || len(lines) < 20*len(hostileValues) {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		for _, line := range lines {
			for i, cell := range line {
				if cell != "" && strings.ContainsRune("=+-@|%", rune(cell[0])) {
					t.Fatalf("column %s begins a formula: %.100q", lines[0][i], cell)
				}
			}
		}
	})

	known := regexp.MustCompile(`^(touches/table_name=[A-Za-z0-9_.-]+/day=\d{4}-\d\d-\d\d/part-\d\d|` +
		`(ledger|rollup|quarantine)/(delivery_)?day=[0-9A-Z_a-z-]+/part)\.parquet$|^_keytrail/`)
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, root := range []string{lake, lake + "2"} {
			if rel, ok := strings.CutPrefix(path, root+"/"); ok {
				if !known.MatchString(rel) {
					t.Errorf("a file that is not of the lake: %q", rel)
				}
				return nil
			}
		}
		if !strings.HasPrefix(path, source+"/") {
			t.Errorf("a file outside of the lake: %q", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkExact holds a column of a row against what was logged; 1 if there is one.
func checkExact(t *testing.T, column, value string, row map[string]any) int {
	t.Helper()
	if column == "" {
		return 0
	}
	got, ok := row[column].(string)
	if value == got {
		return 1
	}
	// Bytes that are no UTF-8 cannot be said in JSON.
	if before, after, cut := strings.Cut(value, rawBytes); cut && strings.HasPrefix(got, before+"\ufffd") && strings.HasSuffix(got, "\ufffd"+after) {
		return 1
	}
	t.Errorf("%s is %.100q (%v), was %.100q", column, got, ok, value)
	return 0
}

func makeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
