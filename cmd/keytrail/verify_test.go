package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/verify"
)

// runVerifyCmd runs the command as main does.
func runVerifyCmd(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := newVerifyCmd()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	status = exitStatus(&errs, cmd.ExecuteContext(t.Context()))
	return status, out.String(), errs.String()
}

func TestVerify(t *testing.T) {
	work := t.TempDir()
	logs, lake := filepath.Join(work, "logs"), filepath.Join(work, "lake")
	for _, args := range [][]string{{"sample", "--out", logs, "--events", "1500"}, {"ingest", logs, "--lake", lake}} {
		var out bytes.Buffer
		if status := run(args, &out, &out); status != exitDone {
			t.Fatalf("%v: exit status %d\n%s", args, status, out.String())
		}
	}
	status, out, errs := runVerifyCmd(t, "--lake", lake, "--source", logs)
	if status != exitDone || errs != "" || !strings.Contains(out, "\nFindings   none\n") || !strings.Contains(out, "\nSource ") {
		t.Errorf("clean lake: exit status %d\n%s%s", status, out, errs)
	}

	// A file that is none of ours, whose name would move the cursor.
	if err := os.WriteFile(filepath.Join(lake, "touches", "x\x1b[2J\n.parquet"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(logs, "AWSLogs")); err != nil {
		t.Fatal(err)
	}
	status, out, errs = runVerifyCmd(t, "--lake", lake)
	if status != exitFindings || errs != "" {
		t.Errorf("stray file: exit status %d\n%s%s", status, out, errs)
	}
	if first, _, _ := strings.Cut(out, "\n"); !strings.HasPrefix(first, "stray ") || strings.Contains(out, "\x1b") ||
		!strings.Contains(first, "Why it matters: ") || !strings.HasSuffix(out, "\nFindings   1\n") {
		t.Errorf("stray file:\n%s", out)
	}
	status, out, _ = runVerifyCmd(t, "--lake", lake, "--source", logs, "--json")
	var rep verify.Report
	if err := json.Unmarshal([]byte(out), &rep); err != nil || status != exitFindings || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit status %d, %v\n%s", status, err, out)
	}
	if rep.Counts[verify.KindStray] != 1 || rep.Counts[verify.KindGone] != rep.ObjectsDone || rep.ObjectsDone == 0 || len(rep.Findings) == 0 {
		t.Errorf("as JSON: %s", out)
	}
}

func TestVerifyFailsInPlainWords(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no lake named":   {nil, exitUsage, "--lake"},
		"no lake there":   {[]string{"--lake", t.TempDir()}, exitFailed, "no lake here"},
		"no such place":   {[]string{"--lake", "/no/such/place"}, exitFailed, "no such"},
		"no such source":  {[]string{"--lake", t.TempDir(), "--source", "/no/such/place"}, exitFailed, "no such"},
		"something extra": {[]string{"lake"}, exitUsage, "--lake"},
	} {
		t.Run(name, func(t *testing.T) {
			status, out, errs := runVerifyCmd(t, c.args...)
			if status != c.status || out != "" || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit status %d\n%s%s", status, out, errs)
			}
		})
	}
}
