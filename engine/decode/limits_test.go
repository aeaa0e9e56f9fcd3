package decode

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestTooDeep(t *testing.T) {
	const nest = 200_000
	deep := strings.Repeat("[", nest) + strings.Repeat("]", nest)
	deepObjects := strings.Repeat(`{"a":`, nest) + "1" + strings.Repeat("}", nest)
	inScope := func(v string) string { return recordOf("GetItem", `"requestParameters":`+v) }
	outOfScope := func(v string) string { return `{"eventSource":"s3.amazonaws.com","requestParameters":` + v + `}` }
	for name, data := range map[string]string{
		"in scope":         `{"Records":[` + inScope(deep) + `]}`,
		"in scope objects": `{"Records":[` + inScope(deepObjects) + `]}`,
		"out of scope":     `{"Records":[` + outOfScope(deep) + `]}`,
		"bare":             outOfScope(deepObjects),
		"arrays":           deep,
		"objects":          deepObjects,
		"never closed":     strings.Repeat("[", nest),
		"a carrier":        `{"logEvents":[{"message":"` + deep + `"}]}`,
		"beside records":   `{"Records":[],"other":` + deep + `}`,
	} {
		if _, _, err := decodeWith(Limits{}, data); !errors.Is(err, ErrTooDeep) {
			t.Errorf("%s: %v, want ErrTooDeep", name, err)
		}
	}
}

// The limit is the number of arrays and objects open at once.
func TestDepthIsExact(t *testing.T) {
	for levels := 1; levels < 20; levels++ {
		value := strings.Repeat("[", levels) + strings.Repeat("]", levels)
		for carrier, around := range map[string]int{
			`{"Records":[{"eventSource":"s3","x":%s}]}`: 3, `{"eventSource":"s3","x":%s}`: 1, `[{"eventSource":"s3","x":%s}]`: 2, `{"Records":[],"x":%s}`: 1,
		} {
			_, _, err := decodeWith(Limits{Depth: 10}, fmt.Sprintf(carrier, value))
			if tooDeep := errors.Is(err, ErrTooDeep); tooDeep != (levels+around > 10) || err != nil && !tooDeep {
				t.Errorf("%d levels in %s with a limit of 10: %v", levels, carrier, err)
			}
		}
	}
}

func TestTooManyTouches(t *testing.T) {
	batch := func(keys int) string {
		return recordOf("BatchGetItem", `"requestParameters":{"requestItems":[{"tableName":"orders","keys":[`+
			strings.TrimSuffix(strings.Repeat(`{"pk":"a"},`, keys), ",")+`]}]}`)
	}
	limits := Limits{Touches: 8}
	k, s, err := decodeWith(limits, `{"Records":[`+batch(8)+`,`+batch(9)+`,`+batch(100)+`,`+batch(1)+`]}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Touches != 9 || len(k.touches) != 9 || s.Quarantined != 2 || s.InScope != 2 {
		t.Errorf("%+v, %d touches handed out; want the records with 9 and 100 quarantined", s, len(k.touches))
	}
	for _, q := range k.quarantined {
		if !strings.Contains(q, " too many touches {") {
			t.Errorf("quarantined as %.60q", q)
		}
	}
	if last := k.touches[8]; last.SourceIndex != 3 || last.TouchIndex != 0 || last.TouchCount != 1 {
		t.Errorf("after the quarantined ones: record %d, touch %d of %d", last.SourceIndex, last.TouchIndex, last.TouchCount)
	}
}

func TestTooManyValues(t *testing.T) {
	wide := `[` + strings.Repeat("1,", maxTokens) + `1]`
	for _, data := range []string{wide, `{"eventSource":"s3","x":` + wide + `}`, `{"Records":[` + wide + `]}`, `{"Records":[],"x":` + wide + `}`} {
		_, err := New(Limits{}).Decode("object", []byte(data), &counter{})
		if want := data != wide; errors.Is(err, ErrTooLarge) != want {
			t.Errorf("%.30s...: %v, want too large: %t", data, err, want)
		}
	}
}

type failing struct{ err error }

func (f failing) Touch(*schema.Touch) error              { return f.err }
func (f failing) Quarantine(int32, string, []byte) error { return f.err }

func TestSinkErrorsComeBackUnchanged(t *testing.T) {
	sinkErr := errors.New("disk full")
	for _, data := range []string{recordOf("GetItem", ""), `{"Records":[1]}`, `{"logEvents":[{"message":"x"}]}`} {
		if _, err := New(Limits{}).Decode("object", []byte(data), failing{sinkErr}); any(err) != any(sinkErr) {
			t.Errorf("%s: %v, want the sink's error", data, err)
		}
	}
}

func TestSteadyStateAllocatesNothingPerRecord(t *testing.T) {
	for _, scope := range []string{"in", "out", "mixed"} {
		data := corpus(1000, scope)
		d, sink := New(Limits{}), &counter{}
		run := func() {
			if _, err := d.Decode("object", data, sink); err != nil {
				t.Fatal(err)
			}
		}
		run()
		// Two for the account and Region of the summary, which outlive the object.
		if n := testing.AllocsPerRun(10, run); n > 2 {
			t.Errorf("%s scope: %.0f allocations for 1000 records", scope, n)
		}
	}
}
