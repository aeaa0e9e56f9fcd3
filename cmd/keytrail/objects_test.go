package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// objectKinds are the objects that mkobject makes: good ones, and one for each
// way an object or a record can be bad. Every good record is a GetItem of its own
// item of the table orders, on 2026-01-05 unless the kind says otherwise.
var objectKinds = map[string]func() []byte{
	// Objects that enter whole.
	"good":    func() []byte { return gzipped(wrap(records(0, 3)...)) },
	"other":   func() []byte { return gzipped(wrap(records(10, 4)...)) },
	"nextday": func() []byte { return gzipped(wrap(records(24*60*60, 2)...)) },
	"plain":   func() []byte { return wrap(records(20, 3)...) },
	"members": func() []byte {
		return append(gzipped(wrap(records(30, 2)...)), gzipped(wrap(records(40, 3)...))...)
	},
	"foreign": func() []byte { return gzipped([]byte(`{"fileVersion":"1.0","configurationItems":[]}`)) },
	"digest": func() []byte {
		return gzipped([]byte(`{"awsAccountId":"111122223333","digestEndTime":"2026-01-05T09:00:00Z","digestS3Object":"x","logFiles":[]}`))
	},

	// Objects that cannot be read to their end.
	"truncated": func() []byte {
		whole := gzipped(wrap(records(50, 200)...))
		return whole[:len(whole)*2/3]
	},
	"badcrc": func() []byte {
		whole := gzipped(wrap(records(60, 3)...))
		whole[len(whole)-8] ^= 0xff // the CRC is the first half of the trailer
		return whole
	},
	"empty":   func() []byte { return nil },
	"html":    func() []byte { return []byte("<!DOCTYPE html><html><body>403 Forbidden</body></html>\n") },
	"cutjson": func() []byte { whole := wrap(records(70, 5)...); return gzipped(whole[:len(whole)-300]) },
	"deep": func() []byte {
		nest := strings.Repeat("[", 200_000) + strings.Repeat("]", 200_000)
		return gzipped([]byte(`{"Records":[{"eventName":"GetItem","eventSource":"dynamodb.amazonaws.com","requestParameters":` + nest + `}]}`))
	},
	"bomb": func() []byte { return gzipped(spaced(300 << 20)) },
	"big":  func() []byte { return gzipped(spaced(100 << 20)) },

	// Records that cannot be understood, or only in part.
	"notime": func() []byte {
		return gzipped(wrap(records(80, 1)[0], without(record(81), "eventTime"), with(record(82), "eventTime", "yesterday")))
	},
	"noidentity": func() []byte { return gzipped(wrap(without(record(90), "userIdentity"))) },
	"noeventid":  func() []byte { return gzipped(wrap(without(record(95), "eventID"))) },
	"notobject":  func() []byte { return gzipped(wrap(record(97), 42, "text", nil)) },
	"evilnames": func() []byte {
		var rs []any
		for i, name := range evilNames {
			rs = append(rs, with(record(100+i), "requestParameters", map[string]any{"tableName": name, "key": map[string]string{"pk": fmt.Sprint("evil-", i)}}))
		}
		return gzipped(wrap(rs...))
	},
}

// evilNames are table names that must never become paths.
var evilNames = []string{
	"../../x", "a/b", "..", ".", "", "x", "/etc/passwd", `..\..\x`, "tab\tle", "new\nline", "nul\x00name",
	strings.Repeat("n", 4000), "day=2026-01-05", "orders%2f..%2fx", "__HIVE_DEFAULT_PARTITION__", "täble", "orders ",
}

func cmdMkobject(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mkobject KIND FILE")
	}
	make, ok := objectKinds[args[0]]
	if !ok {
		ts.Fatalf("mkobject: no kind %q", args[0])
	}
	file := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
	ts.Check(os.WriteFile(file, make(), 0o666))
}

// record is the n-th GetItem, n seconds into 2026-01-05.
func record(n int) map[string]any {
	return map[string]any{
		"eventVersion": "1.11",
		"eventID":      fmt.Sprintf("00000000-0000-4000-8000-%012d", n),
		"eventTime":    fmt.Sprintf("2026-01-%02dT%02d:%02d:%02dZ", 5+n/86400, n/3600%24, n/60%60, n%60),
		"eventSource":  "dynamodb.amazonaws.com",
		"eventName":    "GetItem",
		"awsRegion":    "eu-west-1",
		"userIdentity": map[string]any{
			"type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111122223333:user/alice",
			"accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE", "userName": "alice",
		},
		"sourceIPAddress":    "192.0.2.7",
		"userAgent":          "aws-cli/2.30",
		"requestParameters":  map[string]any{"tableName": "orders", "key": map[string]string{"pk": fmt.Sprint("c#", n)}},
		"responseElements":   nil,
		"requestID":          fmt.Sprintf("R%dVV4KQNSO5AEMVJF66Q9ASUAAJG", n),
		"readOnly":           true,
		"eventType":          "AwsApiCall",
		"managementEvent":    false,
		"recipientAccountId": "111122223333",
		"eventCategory":      "Data",
	}
}

func records(first, n int) []any {
	var rs []any
	for i := range n {
		rs = append(rs, record(first+i))
	}
	return rs
}

func with(r map[string]any, name string, v any) map[string]any {
	r[name] = v
	return r
}

func without(r map[string]any, name string) map[string]any {
	delete(r, name)
	return r
}

func wrap(rs ...any) []byte {
	text, err := json.Marshal(map[string]any{"Records": rs})
	if err != nil {
		panic(err) // only values made above
	}
	return text
}

// spaced is a good object that white space between its records makes n bytes long.
func spaced(n int) []byte {
	text := wrap(records(70, 2)...)
	tail := len(text) - len("]}")
	return append(append(text[:tail:tail], bytes.Repeat([]byte(" "), n-len(text))...), "]}"...)
}

func gzipped(text []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(text)
	w.Close()
	return buf.Bytes()
}
