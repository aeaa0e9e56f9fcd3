package decode_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/engine/golden"
)

// tight are limits that a built object of a few hundred bytes can meet.
var tight = decode.Limits{Depth: 24, Touches: 12}

// FuzzDecode holds the decoder equal to the reference decoder: the same touches,
// quarantine, summary and class of error.
//
// Bytes that a fuzzer makes up seldom get past the JSON syntax, so with build set
// they are not the object but the choices by which a generator writes one (see
// grow_test.go): any event with any shape of parameters.
func FuzzDecode(f *testing.F) {
	for _, path := range golden.Inputs(f, "objects/records/*.json") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 1<<14 { // the long ones only make the fuzzer slow
			f.Add(data, false)
		}
	}
	for seed := range byte(64) {
		choices := make([]byte, 256)
		for i := range choices {
			seed = seed*167 + 91
			choices[i] = seed ^ byte(i)
		}
		f.Add(choices, true)
	}
	// Decoders keep scratch from object to object: one each, for all inputs.
	plain, limited := decode.New(decode.Limits{}), decode.New(tight)
	f.Fuzz(func(t *testing.T, data []byte, build bool) {
		d, limits := plain, defaults
		if build {
			d, limits = limited, tight
			data = grow(data)
		}
		want := reference(limits, "fuzz", data)
		// Values that recur are read the first time, remembered the second and known
		// the third.
		for range 3 {
			got := fast(d, "fuzz", data)
			if !same(got, want) && !doublyBroken(data, got, want) {
				t.Fatalf("%s\n%s", data, difference(got, want))
			}
		}
	})
}

// same compares all that counts. Of a failed object that is the class of the error
// and what the object was taken for: everything else is rolled back.
func same(a, b outcome) bool {
	if a.err != nil || b.err != nil {
		return render(a) == render(b)
	}
	return a.summary == b.summary && reflect.DeepEqual(a.touches, b.touches) && reflect.DeepEqual(a.quarantined, b.quarantined)
}

// doublyBroken reports an object that is both nested too deep and not valid, which
// may be refused for either: the reference decoder looks for depth first.
func doublyBroken(data []byte, got, want outcome) bool {
	unlimited := decode.Limits{Depth: 9000, Touches: decode.DefaultTouches}
	return errors.Is(want.err, decode.ErrTooDeep) && errors.Is(got.err, decode.ErrSyntax) &&
		errors.Is(reference(unlimited, "fuzz", data).err, decode.ErrSyntax)
}

// difference says in what a decoder's outcome is not what the reference decoder's is.
func difference(got, want outcome) string {
	if got.err != nil || want.err != nil {
		return fmt.Sprintf("decoder:\n%s\nreference:\n%s", render(got), render(want))
	}
	var b strings.Builder
	for i := range max(len(got.touches), len(want.touches)) {
		if i >= len(got.touches) || i >= len(want.touches) {
			fmt.Fprintf(&b, "touches: %d, reference %d\n", len(got.touches), len(want.touches))
			break
		}
		var g, w strings.Builder
		renderTouch(&g, &got.touches[i])
		renderTouch(&w, &want.touches[i])
		if g.String() == w.String() {
			continue
		}
		fmt.Fprintf(&b, "touch %d of record %d (%s):\n", i, want.touches[i].SourceIndex, want.touches[i].EventName)
		differentLines(&b, g.String(), w.String())
		break
	}
	if !reflect.DeepEqual(got.quarantined, want.quarantined) {
		fmt.Fprintf(&b, "quarantined: %q\nreference:   %q\n", got.quarantined, want.quarantined)
	}
	if got.summary != want.summary {
		fmt.Fprintf(&b, "summary:   %+v\nreference: %+v\n", got.summary, want.summary)
	}
	return b.String()
}

func differentLines(b *strings.Builder, got, want string) {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range g {
		if !slices.Contains(w, line) {
			fmt.Fprintf(b, "decoder   %s\n", line)
		}
	}
	for _, line := range w {
		if !slices.Contains(g, line) {
			fmt.Fprintf(b, "reference %s\n", line)
		}
	}
}
