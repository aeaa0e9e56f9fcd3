package verify

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
	"github.com/keytrail/keytrail/schema"
)

func zippedConfig(item string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, `{"configurationItems":[`+item+`,{}]}`)
	w.Close()
	return b.Bytes()
}

// configured is a small lake with what AWS Config recorded on two days.
func configured(t *testing.T) tree {
	t.Helper()
	src, into := objecttest.NewMem(), objecttest.NewMem()
	for key, data := range trail() {
		put(t, src, key, data)
	}
	for day := 2; day <= 3; day++ {
		item := fmt.Sprintf(`{"resourceType":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/users","configurationItemCaptureTime":"2026-03-0%dT08:00:00Z","configuration":{"tableStatus":"ACTIVE"}}`, day)
		put(t, src, fmt.Sprintf("AWSLogs/111122223333/Config/eu-west-1/2026/3/%d/ConfigSnapshot/111122223333_Config_eu-west-1_ConfigSnapshot_2026030%dT080000Z_1.json.gz", day, day),
			zippedConfig(item))
	}
	if rep := ingest(t, engine.Engine{}, src, into); rep.ConfigFiles != 2 || rep.ConfigItems != 2 {
		t.Fatalf("%+v", rep)
	}
	if rep := look(t, into, Input{Source: src}); !rep.Clean() {
		t.Errorf("compared with the source: %s", rep.text())
	}
	return files(t, into)
}

func TestConfigIsNoTrouble(t *testing.T) {
	clean := configured(t)
	for _, s := range []lake.Store{clean.mem(t), clean.dir(t)} {
		if rep := look(t, s); !rep.Clean() {
			t.Errorf("%s", rep.text())
		}
	}
}

func TestFaultsOfConfigAreFound(t *testing.T) {
	clean := configured(t)
	const first, second = "config/day=2026-03-02/part.parquet", "config/day=2026-03-03/part.parquet"
	testInjected(t, clean, []injected{
		{"rows emptied", func(_ *testing.T, f tree) { f[first] = nil }, KindConfig, first},
		{"rows cut", func(_ *testing.T, f tree) { f[first] = f[first][:len(f[first])/2] }, KindConfig, first},
		{"rows of another day", func(_ *testing.T, f tree) { f[first] = f[second] }, KindDay, first},
		{"a row of no file", func(t *testing.T, f tree) {
			m := f.mem(t)
			l, err := lake.Open(t.Context(), m)
			if err != nil {
				t.Fatal(err)
			}
			item := schema.ConfigItem{Kind: schema.ConfigSettings, TableARN: "arn", CapturedAt: 1772438400000000, SourceObject: "made up"}
			if err := l.MergeConfig(t.Context(), "2026-03-02", []schema.ConfigItem{item}); err != nil {
				t.Fatal(err)
			}
			f[first] = files(t, m)[first]
		}, KindConfig, first},
		{"a stray file", func(_ *testing.T, f tree) { f["config/day=2026-03-02/part-1.parquet"] = f[first] }, KindStray, "part-1"},
		{"a stray day", func(_ *testing.T, f tree) { f["config/day=__HIVE_DEFAULT_PARTITION__/part.parquet"] = f[first] }, KindStray, "HIVE"},
	})
}
