package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// greedyObjects ask for more than an object may, each in its way: by what the ledger
// says of it, or quarantine if that is "".
var greedyObjects = []struct {
	name, why string
	text      func() []byte
}{
	{"empty-records", "records make no sense", func() []byte {
		return slices.Concat([]byte(`{"Records":[{}`), bytes.Repeat([]byte(",{}"), 9_999_999), []byte("]}"))
	}},
	{"nested", "nested too deep", func() []byte {
		return slices.Concat([]byte(`{"Records":[`), bytes.Repeat([]byte("["), 1_000_000))
	}},
	{"many-keys", "", func() []byte {
		keys := slices.Concat([]byte(`{"pk":"0"}`), bytes.Repeat([]byte(`,{"pk":"1"}`), 999_999))
		r := with(with(record(1), "eventName", "BatchGetItem"), "requestParameters",
			map[string]any{"requestItems": map[string]any{"orders": map[string]any{"keys": json.RawMessage(slices.Concat([]byte("["), keys, []byte("]")))}}})
		return wrap(r)
	}},
}

// Objects that try to use up memory end in the ledger or in quarantine with the
// reason; a record of 100 MB is a row like others; the memory stays what was given.
func TestHostileSizes(t *testing.T) {
	source, lake := t.TempDir(), filepath.Join(t.TempDir(), "lake")
	for _, o := range greedyObjects {
		makeFile(t, filepath.Join(source, o.name+".json.gz"), gzipped(o.text()))
	}
	makeFile(t, filepath.Join(source, "large.json.gz"), gzipped(wrap(with(record(2), "userAgent", strings.Repeat("x", 100_000_000)))))
	makeFile(t, filepath.Join(source, "good.json.gz"), objectKinds["good"]())
	const memory = 512 << 20
	cmd := exec.Command(builtBinary, "ingest", source, "--lake", lake, "--memory", "512MiB", "--jobs", "1", "--json")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run() // judged by its status
	if status := cmd.ProcessState.ExitCode(); status != exitIncomplete {
		t.Fatalf("exit status %d\n%s", status, &stderr)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if peak := usage.Maxrss << 10; peak > memory*13/10 && !underRace() {
		t.Errorf("%d MiB resident, %d given", peak>>20, memory>>20)
	}
	quarantined := 0
	for _, o := range greedyObjects {
		if o.why == "" {
			quarantined++
			continue
		}
		if line := lineWith(stderr.String(), `"`+o.name+`.json.gz"`); !strings.Contains(line, o.why) {
			t.Errorf("of %s stderr says %q, want %q\n%s", o.name, line, o.why, &stderr)
		}
	}
	var rep struct{ Quarantined, Touches int }
	var fields map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &fields); err != nil {
		t.Fatal(err)
	}
	rep.Quarantined, rep.Touches = int(fields["quarantined"].(float64)), int(fields["touches"].(float64))
	if rep.Quarantined != quarantined || rep.Touches != 4 {
		t.Errorf("%d records quarantined, %d touches; want %d and 4\n%s", rep.Quarantined, rep.Touches, quarantined, &stdout)
	}
	t.Logf("%d greedy objects, %d MiB resident of %d given", len(greedyObjects)+1, usage.Maxrss>>10, memory>>20)
}

func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// underRace reports that the race detector, which takes memory of its own, is on.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
