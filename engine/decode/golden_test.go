package decode_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/engine/golden"
)

// TestGolden holds both decoders to what people agreed each documented shape of
// record means.
func TestGolden(t *testing.T) {
	d := decode.New(decode.Limits{})
	for _, path := range golden.Inputs(t, "objects/records/*.json") {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Run("reference", func(t *testing.T) {
				golden.Check(t, "decode/"+name, render(reference(defaults, name, data)))
			})
			if updating() {
				return // what the slow, obvious decoder says is read and agreed to first
			}
			t.Run("decoder", func(t *testing.T) {
				golden.Check(t, "decode/"+name, render(fast(d, name, data)))
			})
		})
	}
}

// defaults are the limits a zero Limits means, for the reference decoder.
var defaults = decode.Limits{Depth: decode.DefaultDepth, Touches: decode.DefaultTouches}

func updating() bool {
	return flag.Lookup("update").Value.String() == "true"
}
