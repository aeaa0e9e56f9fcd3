package lake

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// What a report was made from beside the rows is in the extract, of its days alone.
func TestExtractHasFindingsAndConfig(t *testing.T) {
	l := create(t, openDir(t, t.TempDir()))
	one := finding(rand.New(rand.NewPCG(1, 1)))
	if err := l.MergeFindings(t.Context(), day, func([]schema.Finding) []schema.Finding { return []schema.Finding{one} }); err != nil {
		t.Fatal(err)
	}
	if err := l.MergeConfig(t.Context(), day, []schema.ConfigItem{configItem("orders", "o")}); err != nil {
		t.Fatal(err)
	}
	has := func(days ...string) (findings, config bool) {
		keys, err := l.Extract(t.Context(), 1, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(keys, "findings/day="+day+"/part.parquet"), slices.Contains(keys, "config/day="+day+"/part.parquet")
	}
	if findings, config := has(day); !findings || !config {
		t.Errorf("findings %v, config %v", findings, config)
	}
	if findings, config := has("2020-01-01"); findings || config {
		t.Error("files of other days are in it")
	}
}
