package parquetio

import "testing"

// A buffer has the room asked for, and only those that somebody can use again are kept.
func TestRooms(t *testing.T) {
	for _, n := range []int{0, 1, largeRoom, largeRoom + 1, 1 << 20, 1<<20 + 1, 3 << 20, 8 << 20, 8<<20 + 1, 50 << 20} {
		b := takeRoom(n)
		if len(b) < n || len(b) > max(2*n, 1<<20) {
			t.Errorf("a buffer of %d bytes for %d", len(b), n)
		}
		if kept := giveRoom(b[:n/2]); (kept != nil) != (len(b) <= largeRoom) || kept != nil && len(kept) != len(b) {
			t.Errorf("of %d bytes %d stay", len(b), len(kept))
		}
	}
	giveRoom(make([]byte, 5<<20)) // of no kind
	if b := takeRoom(5 << 20); len(b) != 8<<20 {
		t.Errorf("a buffer of %d bytes", len(b))
	}
	if giveRoom(nil) != nil {
		t.Error("nothing is something")
	}
}

func TestJoin(t *testing.T) {
	spans := []Span{{0, 10}, {10, 5}, {12, 1}, {17, 3}, {25, 5}}
	for hole, want := range map[int64]int{0: 3, 1: 3, 2: 2, 5: 1} {
		joined := join(spans, hole)
		if len(joined) != want || joined[0].Off != 0 || joined[len(joined)-1].end() != 30 {
			t.Errorf("holes of %d: %v", hole, joined)
		}
	}
}

// What a file says of itself, however wrong, is not read beyond its ends.
func TestReadTogetherWithinTheFile(t *testing.T) {
	f := open(t, write(t, sample(8, 100), WriterOptions{}))
	for _, s := range []Span{{-5, 10}, {f.size - 3, 10}, {1 << 62, 10}, {f.size, 1}} {
		if err := f.ReadTogether([]Span{s}); err == nil {
			t.Errorf("%v of a file of %d bytes is read", s, f.size)
		}
	}
	if _, pages := f.BytesRead(); pages != 0 {
		t.Errorf("%d bytes are counted", pages)
	}
}
