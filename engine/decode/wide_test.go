package decode

import (
	"errors"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// turns counts how often it is held.
type turns struct{ taken, held int }

func (t *turns) Lock()   { t.taken++; t.held++ }
func (t *turns) Unlock() { t.held-- }

// A record of many values is read like others, and has its turn; it is over with the
// object, however that ends. Objects without one wait for nobody.
func TestWideRecords(t *testing.T) {
	many := func(n int) string { return strings.Repeat(`{"a":"b"},`, n/3) + `1` }
	wide, far := many(2*keptTokens), many(maxTokens+keptTokens)
	narrow := many(keptTokens / 2)
	members := strings.Repeat(`"a":1,`, keptTokens) + `"b":1`
	of := func(v string) string { return recordOf("GetItem", `"requestParameters":{"tableName":"t","x":[`+v+`]}`) }
	for _, c := range []struct {
		name, data string
		taken      int
		err        error
	}{
		{"narrow", `{"Records":[` + of(narrow) + `,` + of(narrow) + `]}`, 0, nil},
		{"wide", `{"Records":[` + of(narrow) + `,` + of(wide) + `,` + of(wide) + `,` + of(narrow) + `]}`, 1, nil},
		{"wide alone", of(wide), 1, nil},
		{"beside records", `{"x":[` + wide + `],"Records":[` + of(narrow) + `]}`, 1, nil},
		{"members beside records", `{` + members + `,"Records":[` + of(narrow) + `]}`, 1, nil},
		{"too wide", `{"Records":[` + of(far) + `]}`, 1, ErrTooLarge},
		{"wide and cut", `{"Records":[` + of(wide), 1, ErrSyntax},
	} {
		locker := new(turns)
		d := New(Limits{Wide: locker})
		for range 2 {
			*locker = turns{}
			var got []string
			_, err := d.Decode("object", []byte(c.data), texts(func(s string) { got = append(got, s) }))
			if !errors.Is(err, c.err) || c.err == nil && err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if locker.taken != c.taken || locker.held != 0 {
				t.Errorf("%s: %d turns, %d still held", c.name, locker.taken, locker.held)
			}
			if c.err == nil && (len(got) == 0 || !strings.Contains(c.data, got[len(got)-1])) {
				t.Errorf("%s: %d touches, with other parameters than logged", c.name, len(got))
			}
			if cap(d.tape.toks) > 2*keptTokens {
				t.Errorf("%s: %d tokens are kept", c.name, cap(d.tape.toks))
			}
		}
	}
}

// texts takes the request parameters of touches.
type texts func(string)

func (f texts) Touch(t *schema.Touch) error            { f(strings.Clone(t.RequestParameters)); return nil }
func (f texts) Quarantine(int32, string, []byte) error { return nil }
