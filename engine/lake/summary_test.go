package lake

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// Whatever has become of the summary, the answer is the same, and the next commit
// writes the same summary.
func TestCoverageOfDamagedSummary(t *testing.T) {
	s := objecttest.NewMem()
	l, want := covered(t, s)
	good := get(t, s, coverageKey)
	faults := map[string]string{
		"empty": "", "other version": strings.Replace(good, "coverage 1", "coverage 2", 1),
		"doubled": good + good, "other file": "{}", "header alone": summaryVersion,
	}
	for i := range len(good) {
		faults[fmt.Sprintf("cut at %d", i)] = good[:i]
		flipped := []byte(good)
		flipped[i] ^= 1 << (i % 8)
		faults[fmt.Sprintf("byte %d", i)] = string(flipped)
	}
	for name, bad := range faults {
		put(t, s, coverageKey, bad)
		if got := coverage(t, l); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %+v, want %+v", name, got, want)
		}
		if _, _, err := l.StoredCoverage(t.Context()); err == nil {
			t.Errorf("%s: it is taken for good", name)
		} else {
			wantError(t, err, ErrCorrupt, coverageKey)
		}
		recordCoverage(t, l)
		if get(t, s, coverageKey) != good {
			t.Errorf("%s: the next commit writes another one", name)
		}
	}
	if len(good) < 100 {
		t.Errorf("a summary of %d bytes tests little", len(good))
	}
}

// A summary that says what no ledger comes to, with a checksum that is right, is
// refused where it makes no sense.
func TestSummaryRefusesNonsense(t *testing.T) {
	day := func(name string) LedgerDay {
		return LedgerDay{DeliveryDay{Day: name, Areas: []AreaCounts{{Area{"1", "r"}, Counts{Done: 1}}}}, "e"}
	}
	signed := func(b []byte) []byte {
		return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
	}
	body := func(days ...LedgerDay) []byte { b := encodeSummary(days); return b[:len(b)-crc32.Size] }
	head := []byte(summaryVersion)
	for name, data := range map[string][]byte{
		"days out of order":   encodeSummary([]LedgerDay{day("2024-03-10"), day("2024-03-09")}),
		"a day twice":         encodeSummary([]LedgerDay{day("2024-03-10"), day("2024-03-10")}),
		"bytes behind it":     signed(append(body(day("")), 0)),
		"more areas than are": signed(append(slices.Clone(head), 200, 1)),
		"more days than are":  signed(append(slices.Clone(head), 0, 9)),
		"an area twice":       signed(append(slices.Clone(head), 1, 0, 0, 1, 0, 1, 'e', 0, 2, 1, 0, 0, 0)),
		"no day":              encodeSummary([]LedgerDay{day("yesterday")}),
		"an unknown area":     signed(append(slices.Clone(head), 0, 1, 0, 1, 'e', 0, 1, 1, 0)),
		"an unknown field":    signed(append(slices.Clone(head), 1, 0, 0, 1, 0, 1, 'e', 0, 1, 1, 0xff, 0x7f)),
		"an endless number":   signed(append(slices.Clone(head), 0xff, 0xff)),
	} {
		if days, err := decodeSummary(data); err == nil {
			t.Errorf("%s: %+v", name, days)
		}
	}
	if days, err := decodeSummary(encodeSummary([]LedgerDay{day("2024-03-10"), day("")})); err != nil || len(days) != 2 {
		t.Errorf("a good one: %+v, %v", days, err)
	}
}

// The summary depends on the ledger alone: not on how it came about, and of the store
// only by the ETags.
func TestSummaryConverges(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	var rows []Entry
	for i := range 60 {
		e := chance(rng, day)
		e.SourceObject = fmt.Sprintf("AWSLogs/%03d/%s", i, day) // one version of each
		rows = append(rows, e)
	}
	var want []byte
	for range 8 {
		l := create(t, objecttest.NewMem())
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for left := rows; len(left) > 0; {
			n := 1 + rng.IntN(len(left))
			d, err := l.MergeLedgerDay(t.Context(), day, left[:n])
			if err != nil {
				t.Fatal(err)
			}
			if left = left[n:]; rng.IntN(2) == 0 {
				recordCoverage(t, l, d)
			}
		}
		recordCoverage(t, l)
		data, _, err := l.readAll(t.Context(), coverageKey, maxSummary, "")
		if err != nil {
			t.Fatal(err)
		}
		days, err := decodeSummary(data)
		if err != nil || len(days) != 1 {
			t.Fatalf("%+v, %v", days, err)
		}
		days[0].version = ""
		if got := encodeSummary(days); want == nil {
			want = got
		} else if string(got) != string(want) {
			t.Fatalf("%q, and before %q", got, want)
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte{0, 0})
	whole := encodeSummary([]LedgerDay{{DeliveryDay{Day: "2024-03-10", Folded: true, Areas: []AreaCounts{
		{Area{"111111111111", "eu-west-1"}, Counts{Done: 3, InScope: 2, Records: 2, Touches: 5, FirstEvent: noon, LastEvent: noon.Add(time.Microsecond)}},
	}}, "e"}})
	f.Add(whole[len(summaryVersion) : len(whole)-crc32.Size])
	f.Fuzz(func(t *testing.T, body []byte) {
		data := append([]byte(summaryVersion), body...)
		data = binary.BigEndian.AppendUint32(data, crc32.Checksum(data, castagnoli))
		days, err := decodeSummary(data)
		if err != nil {
			return
		}
		again, err := decodeSummary(encodeSummary(days))
		if err != nil || !reflect.DeepEqual(again, days) {
			t.Errorf("%+v became %+v, %v", days, again, err)
		}
	})
}
