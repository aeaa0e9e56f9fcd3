package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdS3Stub starts an S3 server that answers every request with one error, for
// those that a real server cannot be brought to make.
func cmdS3Stub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: s3stub STATUS CODE MESSAGE")
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message><RequestId>R1</RequestId></Error>`, args[1], args[2])
	}))
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_REGION", "us-east-1")
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

// An interrupted run ends at once with status 130, says that nothing is lost, and
// leaves no half-written file and no lease behind: the next run just works.
func TestInterrupt(t *testing.T) {
	asked := make(chan struct{}, 100)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		select { // never answers
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)

	lake := filepath.Join(t.TempDir(), "lake")
	cmd := exec.Command(builtBinary, "ingest", "s3://logs", "--lake", lake)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+server.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-asked:
	case err := <-ended:
		t.Fatalf("ended before it asked for anything: %v\n%s", err, readFile(t, stderr.Name()))
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		t.Fatal("did not ask the server for anything in 30 s")
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		cmd.Process.Kill()
		t.Fatal("did not end within 30 s of an interrupt")
	}
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit status %d, want 130\n%s", code, readFile(t, stderr.Name()))
	}
	source := t.TempDir()
	if err := os.WriteFile(filepath.Join(source, "good.json.gz"), objectKinds["good"](), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := keytrail("ingest", source, "--lake", lake); err != nil {
		t.Errorf("the run after an interrupted one: %v", err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
