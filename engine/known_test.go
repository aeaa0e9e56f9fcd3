package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/keytrail/keytrail/engine/lake"
)

// What the ledger says of a day is found again, version by version, and nothing else.
func TestKnown(t *testing.T) {
	l := newLake(t)
	entry := func(source, name, etag, status string, touches int64) lake.Entry {
		return lake.Entry{Source: source, SourceObject: name, ETag: etag, Status: status, Records: touches, InScope: touches, Touches: touches}
	}
	entries := []lake.Entry{
		entry("s3://a/", "twice", "1", lake.Done, 3),
		entry("s3://a/", "twice", "2", lake.Done, 4),
		entry("s3://b/", "twice", "1", lake.Done, 5),
		entry("s3://a/", "failed", "1", lake.Failed, 0),
		entry("s3://a/", "foreign", "1", lake.Skipped, 0),
		{Source: "s3://a/", SourceObject: "archived", ETag: "1", Status: lake.Skipped, Error: "archived"},
	}
	for i := range 3000 {
		entries = append(entries, entry("s3://a/", fmt.Sprint("object-", i), "1", lake.Done, int64(i)))
	}
	if err := l.MergeLedger(t.Context(), crowdDay, entries); err != nil {
		t.Fatal(err)
	}
	k, err := (&run{Engine: &Engine{Lake: l.Lake}, ctx: context.Background()}).known(crowdDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source, name, etag string
		has                bool
		prior              int64
	}{
		{"s3://a/", "twice", "1", true, 12},
		{"s3://a/", "twice", "2", true, 12},
		{"s3://b/", "twice", "2", false, 12},
		{"s3://a/", "twice", "3", false, 12},
		{"s3://a/t", "wice", "1", false, 0},
		{"s3://a/", "failed", "1", false, 0},
		{"s3://a/", "foreign", "1", true, 0},
		{"s3://a/", "archived", "1", false, 0},
		{"s3://a/", "new", "1", false, 0},
	} {
		if got := k.has(c.source, c.name, c.etag); got != c.has {
			t.Errorf("%+v: known is %t", c, got)
		}
		if got := k.prior(c.name); got != c.prior {
			t.Errorf("%+v: prior %d", c, got)
		}
	}
	for i := range 3000 {
		name := fmt.Sprint("object-", i)
		if !k.has("s3://a/", name, "1") || k.has("s3://a/", name, "2") || k.prior(name) != int64(i) {
			t.Fatalf("%s is not known for what it is", name)
		}
	}
}
