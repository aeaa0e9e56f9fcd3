package detect

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestScanCalls(t *testing.T) {
	for size, want := range map[Size]int64{0: 0, 1: 1, 1 << 20: 1, 1<<20 + 1: 2, 100 << 20: 100, 1 << 40: 1 << 20} {
		if got := scanCalls(size); got != want {
			t.Errorf("%d bytes take %d calls, want %d", size, got, want)
		}
	}
}

func TestSizeInSettings(t *testing.T) {
	read := func(size string) (Size, error) {
		s, err := ParseSettings("f.yaml", []byte("DDB-EXF-005: {params: {table_sizes: {orders: "+size+"}}}"))
		if err != nil {
			return 0, err
		}
		return s["DDB-EXF-005"].Params.(*wholeTableParams).TableSizes["orders"], nil
	}
	for text, want := range map[string]Size{"1048576": 1 << 20, "12GiB": 12 << 30, "12 GB": 12e9, `"0"`: 0} {
		if got, err := read(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"big", "-1", "[1]"} {
		if got, err := read(text); err == nil {
			t.Errorf("%s is %d", text, got)
		} else if text == "big" && !strings.Contains(err.Error(), "12GiB") {
			t.Errorf("%s: the error does not say what to write: %v", text, err)
		}
	}
	// What one user writes does not become everybody's default.
	for _, d := range Catalogue {
		if p, ok := d.Params.(*wholeTableParams); ok && len(p.TableSizes) > 0 {
			t.Errorf("the default has become %v", p.TableSizes)
		}
	}
}

func TestSizes(t *testing.T) {
	tell := func(at int64, table, response string) *Event {
		return &Event{Touch: &schema.Touch{
			EventTime: at, TableName: table, TableARN: "arn:aws:dynamodb:eu-central-1:111122223333:table/" + table, ResponseElements: response,
		}}
	}
	s := sizes{}
	s.learn(tell(5, "orders", `{"tableDescription":{"tableSizeBytes":500}}`))
	s.learn(tell(4, "orders", `{"tableDescription":{"tableSizeBytes":400}}`)) // older
	s.learn(tell(5, "orders", `{"tableDescription":{"tableSizeBytes":300}}`)) // as old, but smaller
	s.learn(tell(9, "orders", `{"tableDescription":{"itemCount":7}}`))
	s.learn(tell(9, "carts", `{"table":{"TableSizeBytes":"9"}}`))
	s.learn(tell(9, "odd", `{"table":{"tableSizeBytes":-1}}`))
	for table, want := range map[string]Size{"orders": 500, "carts": 9} {
		if got, ok := s.of(tell(0, table, ""), nil); !ok || got != want {
			t.Errorf("%s has %d, want %d", table, got, want)
		}
	}
	for _, table := range []string{"odd", "notes"} {
		if got, ok := s.of(tell(0, table, ""), nil); ok {
			t.Errorf("%s has %d, but nobody told", table, got)
		}
	}
	given := map[string]Size{"orders": 1, "**:table/car*": 2, "**:table/carts": 3}
	for table, want := range map[string]Size{"orders": 1, "carts": 2} {
		if got, ok := s.of(tell(0, table, ""), given); !ok || got != want {
			t.Errorf("%s has %d, want %d as the settings say", table, got, want)
		}
	}
}
