package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// announce edits the footer of a Parquet file so that it has other numbers of rows,
// in the places that which says: of the whole file first, then of its row groups and
// columns.
func announce(t *testing.T, file []byte, has, says int64, which func(i int) bool) []byte {
	t.Helper()
	const tail = 8 // the footer's length and the magic number
	end := len(file) - tail
	start := end - int(binary.LittleEndian.Uint32(file[end:]))
	// A field of 64 bits, then the number (Thrift compact protocol).
	field := func(n int64) []byte { return binary.AppendVarint([]byte{0x16}, n) }
	var footer []byte
	rest, found := file[start:end], 0
	for i := 0; ; i++ {
		before, after, ok := bytes.Cut(rest, field(has))
		footer = append(footer, before...)
		if !ok {
			break
		}
		if footer = append(footer, field(says)...); !which(i) {
			footer = append(footer[:len(footer)-len(field(says))], field(has)...)
		}
		rest = after
		found++
	}
	if found < 3 {
		t.Fatalf("%d is in the footer %d times only", has, found)
	}
	out := append(bytes.Clone(file[:start]), footer...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(footer)))
	return append(out, "PAR1"...)
}

// A ledger whose footer announces 2^40 rows is called corrupt by every command that
// reads it, with what to do, in the memory that another one takes.
func TestAnnouncedRows(t *testing.T) {
	const objects = 137
	work := t.TempDir()
	logs, lake := filepath.Join(work, "logs"), filepath.Join(work, "lake")
	for i := range objects {
		key := fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/05/111122223333_CloudTrail_eu-west-1_20260105T0000Z_%016d.json.gz", i)
		if err := writeFile(logs, key, gzipped(wrap(record(i)))); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := keytrail("ingest", logs, "--lake", lake); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ledger := filepath.Join(lake, "ledger", "delivery_day=2026-01-05", "part.parquet")
	good := []byte(readFile(t, ledger))
	for name, c := range map[string]struct {
		which func(i int) bool
		// Its rows can be read, all of them, by what the row groups say. That is for
		// verify to find.
		readable bool
	}{
		"everywhere":          {func(int) bool { return true }, false},
		"of the file":         {func(i int) bool { return i == 0 }, true},
		"of all but the file": {func(i int) bool { return i > 0 }, false},
		"of columns":          {func(i int) bool { return i > 1 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			bad := announce(t, good, objects, 1<<40, c.which)
			if err := os.WriteFile(ledger, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"ingest", logs, "--lake", lake},
				{"verify", "--lake", lake},
				{"verify", "--lake", lake, "--source", logs},
			} {
				cmd := exec.Command(builtBinary, args...)
				begun := time.Now()
				out, err := cmd.CombinedOutput()
				said := string(out)
				want, wantStatus := []string{"corrupt", "ledger/delivery_day=2026-01-05/part.parquet", "keytrail ingest"}, exitFailed
				switch verifies := args[0] == "verify"; {
				case c.readable && verifies:
					want, wantStatus = []string{"ledger/delivery_day=2026-01-05/part.parquet", "not those that keytrail writes"}, exitFindings
				case c.readable:
					want, wantStatus = []string{fmt.Sprintf("all %d objects are in the ledger", objects)}, exitDone
				case verifies:
					wantStatus = exitFindings
				}
				if status := cmd.ProcessState.ExitCode(); status != wantStatus {
					t.Errorf("%s: exit status %d, %v\n%s", args[0], status, err, said)
				}
				for _, text := range want {
					if !strings.Contains(said, text) {
						t.Errorf("%s does not say %q:\n%s", args[0], text, said)
					}
				}
				if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss > 512<<10 {
					t.Errorf("%s took %d MiB", args[0], usage.Maxrss>>10)
				}
				if took := time.Since(begun); took > 20*time.Second {
					t.Errorf("%s took %v", args[0], took)
				}
			}
			if !bytes.Equal([]byte(readFile(t, ledger)), bad) {
				t.Error("the corrupt ledger was written over")
			}
		})
	}
}
