// Package reporttest holds the JSON of reports against its schema, for tests.
package reporttest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Valid fails the test unless the JSON of a report is as testdata/report.schema.json has it.
func Valid(t testing.TB, text []byte) {
	t.Helper()
	if err := Fault(t, text); err != nil {
		t.Errorf("the JSON is not as its schema has it: %v", err)
	}
}

// Fault is what the schema says against a JSON text, nil if nothing.
func Fault(t testing.TB, text []byte) error {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile(t))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// schemaFile is testdata/report.schema.json of the module that the test runs in.
func schemaFile(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, "testdata", "report.schema.json")
		if _, err := os.Stat(path); err == nil {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no testdata/report.schema.json above the working directory")
		}
		dir = parent
	}
}
