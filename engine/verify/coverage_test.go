package verify

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/objecttest"
)

// resigned is a summary with its checksum made right again.
func resigned(data []byte) []byte {
	body := data[:len(data)-crc32.Size]
	return binary.BigEndian.AppendUint32(slices.Clone(body), crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

// said is what the summary says.
func said(t *testing.T, s lake.Store) lake.Coverage {
	t.Helper()
	l, err := lake.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := l.StoredCoverage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A summary that says something else than the ledger is a finding, whatever it says
// and however well it is made; but where it does not claim to be of the ledger that is
// there, it misleads nobody, and there is a note.
func TestCoverageFaultsAreFound(t *testing.T) {
	m := objecttest.NewMem()
	ingest(t, engine.Engine{}, trail().mem(t), m)
	if rep := look(t, m); !rep.Clean() || len(rep.Notes) != 0 {
		t.Fatalf("%q %s", rep.Notes, rep.text())
	}
	clean, good := files(t, m)[coverageKey], said(t, m)
	rng := rand.New(rand.NewPCG(2, 2))
	found := 0
	for i := range clean[:len(clean)-crc32.Size] {
		if rng.IntN(3) > 0 {
			continue
		}
		bad := slices.Clone(clean)
		bad[i] ^= 1 << rng.IntN(8)
		put(t, m, coverageKey, resigned(bad))
		rep := look(t, m)
		switch noted := len(rep.Notes) == 1 && strings.Contains(rep.Notes[0], "behind"); {
		case rep.has(KindCoverage, coverageKey):
			found++
			if rep.Total != rep.Counts[KindCoverage] {
				t.Errorf("byte %d: it made other findings:\n%s", i, rep.text())
			}
		case !noted && !reflect.DeepEqual(said(t, m), good): // else another version of the ledger, of which it says the same
			t.Errorf("byte %d: %q became %q, and nothing is found", i, clean, bad)
		}
	}
	if found < 20 {
		t.Errorf("%d faults found", found)
	}
	bad := slices.Clone(clean)
	bad[len(bad)/2] ^= 1
	put(t, m, coverageKey, bad)
	if rep := look(t, m); rep.Total != 1 || !rep.has(KindCoverage, coverageKey) || !strings.Contains(rep.text(), "checksum") {
		t.Errorf("damaged: %s", rep.text())
	}
	if err := m.Delete(t.Context(), coverageKey); err != nil {
		t.Fatal(err)
	}
	if rep := look(t, m); !rep.Clean() || len(rep.Notes) != 0 {
		t.Errorf("absent: %q %s", rep.Notes, rep.text())
	}
}

// Of a count that is wrong, the finding says which, and what it should be.
func TestCoverageFaultsAreNamed(t *testing.T) {
	m := objecttest.NewMem()
	ingest(t, engine.Engine{}, trail().mem(t), m)
	clean := files(t, m)[coverageKey]
	bad := slices.Clone(clean)
	at := strings.LastIndexByte(string(bad), 62) // touches of the last day
	if at < 0 {
		t.Fatalf("%q", clean)
	}
	bad[at]--
	put(t, m, coverageKey, resigned(bad))
	rep := look(t, m)
	want := `2026-03-03: account "111122223333", Region "eu-west-1": touches: 61, and 62 in the ledger`
	if rep.Total != 1 || !strings.Contains(rep.text(), want) {
		t.Errorf("it does not say %q:\n%s", want, rep.text())
	}
}

// A ledger that was written after its summary is a note; so long as both say the same,
// as after a copy of the lake to another place, there is nothing to say.
func TestCoverageBehindIsNoted(t *testing.T) {
	f := small(t, engine.Engine{})
	s := f.dir(t)
	if rep := look(t, s); !rep.Clean() || len(rep.Notes) != 0 {
		t.Errorf("copied: %q %s", rep.Notes, rep.text())
	}
	l, err := lake.Open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	failed := lake.Entry{SourceObject: strings.Replace(objectB, "bbbb", "cccc", 1), Source: s.URL(), ETag: "e", Status: lake.Failed, Error: "it is cut short"}
	if err := l.MergeLedger(t.Context(), "2026-03-03", []lake.Entry{failed}); err != nil {
		t.Fatal(err)
	}
	if rep := look(t, s); !rep.Clean() || len(rep.Notes) != 1 || !strings.Contains(rep.Notes[0], "behind it on 1 of its") {
		t.Errorf("behind: %q %s", rep.Notes, rep.text())
	}
	if err := l.RecordCoverage(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if rep := look(t, s); !rep.Clean() || len(rep.Notes) != 0 {
		t.Errorf("up to date: %q %s", rep.Notes, rep.text())
	}
}
