package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/nightly"
)

// The night takes a catalogue beside its policy, and not without one.
func TestNightCatalogue(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	who := file("policy.yaml", "version: 1\n")
	list := file("tables.yaml", "version: 1\ntables: [{match: \"**:table/orders\", class: restricted}]\n")
	var f nightFiles
	if err := f.read(&nightly.Config{Policy: who, Catalogue: list}); err != nil {
		t.Fatal(err)
	}
	if of := f.policy.TableOf("arn:aws:dynamodb:eu-west-1:111122223333:table/orders"); of.Class != "restricted" {
		t.Errorf("%+v", of)
	}
	if err := f.read(&nightly.Config{Policy: who, Catalogue: file("bad.json", "{}")}); err == nil || !strings.Contains(err.Error(), "ResourceTagMappingList") {
		t.Errorf("a file that is no catalogue: %v", err)
	}
	f = nightFiles{}
	if err := f.read(&nightly.Config{Catalogue: list}); err == nil || !strings.Contains(err.Error(), "goes with policy") {
		t.Errorf("without a policy: %v", err)
	}
}
