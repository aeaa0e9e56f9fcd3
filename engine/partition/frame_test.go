package partition

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A frame gives back the batch that went in, whatever columns are without values.
func TestFrameRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var f framer
	for n := range 200 {
		b := NewBuffer()
		touches := randomTouches(rng, 1+rng.IntN(40))
		if n%3 == 0 {
			touches = touches[:1]
		}
		appendAll(t, b, touches)
		run := b.sortedRun()
		for _, p := range run.parts {
			src := mustOpen(t, run, p)
			want, err := src.Next()
			if err != nil {
				t.Fatal(err)
			}
			packed, fr, err := f.encode(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode(packed, fr)
			if err != nil {
				t.Fatal(err)
			}
			compareRendered(t, renderAll(want), renderAll(got))
			if !slices.Equal(want.Sizes, got.Sizes) {
				t.Fatalf("rows of %v bytes became rows of %v", want.Sizes, got.Sizes)
			}
		}
	}
}

// A temporary file that was damaged fails the run, at whatever bit.
func TestDamagedSpillIsFound(t *testing.T) {
	b := NewBuffer()
	appendAll(t, b, randomTouches(rand.New(rand.NewPCG(4, 4)), 50))
	run := b.sortedRun()
	rec, err := mustOpen(t, run, run.parts[0]).Next()
	if err != nil {
		t.Fatal(err)
	}
	packed, fr, err := new(framer).encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	for at := range packed {
		bad := slices.Clone(packed)
		bad[at] ^= 1 << (at % 8)
		if _, err := decode(bad, fr); !errors.Is(err, errDamaged) {
			t.Fatalf("byte %d: %v", at, err)
		}
	}
}

// So does one that was cut.
func TestCutSpillIsFound(t *testing.T) {
	run := spilled(t, randomTouches(rand.New(rand.NewPCG(5, 5)), 300)).(*fileRun)
	defer run.Close()
	path := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	whole := run.file
	run.file = file
	_, err = mustOpen(t, run, run.parts[len(run.parts)-1]).Next()
	if run.file = whole; err == nil {
		t.Error("rows came from a file that has none")
	}
}
