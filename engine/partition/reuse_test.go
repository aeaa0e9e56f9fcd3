package partition

import (
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// A buffer that is spilled at a limit takes about as many rows each time, whatever
// it took before: few with long values, many with short ones, or one that is over
// the limit alone.
func TestSpilledBufferHasRoom(t *testing.T) {
	const limit = 8 << 20
	b := NewBuffer()
	fill := func(length int) (rows int) {
		t.Helper()
		value := strings.Repeat("x", length)
		for b.Bytes() < limit {
			touch := schema.Touch{EventID: value[:length-8] + string(rune('a'+rows%26)) + string(rune('a'+rows/26%26)) + "xxxxxx"}
			if err := b.Append(&touch); err != nil {
				t.Fatal(err)
			}
			rows++
		}
		run, err := b.Spill(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Close(); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	fill(8)
	first := fill(8)
	for range 6 {
		fill(100_000)
		fill(8)
	}
	fill(40 << 20)
	for range 4 {
		fill(8) // gives the memory of the one back, half of it at a time
	}
	if again := fill(8); again < first*3/4 {
		t.Errorf("took %d rows, then %d", first, again)
	}
}
