// Package s3test starts an S3 server for tests: a real implementation, on this
// machine, that keeps objects as plain files.
//
// The server is a module of its own (testdata/s3server), so that what it needs
// is no dependency of keytrail. It is built once and kept in the user's cache;
// the first build takes a minute or two. Where it cannot be built, tests are
// skipped with a line that says so, and fail when CI is set.
package s3test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Server is a running S3 server.
type Server struct {
	Endpoint  string
	AccessKey string
	SecretKey string
	Dir       string // objects are files at Dir/bucket/key; "" for a server that is not ours
}

// Start runs a server until the test ends and points the AWS environment of this
// process, and so of commands it runs, at it. It sets environment variables: the
// test must not be parallel. S3TEST_ENDPOINT names a server to use instead, with
// the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{Endpoint: os.Getenv("S3TEST_ENDPOINT")}
	if s.Endpoint != "" {
		s.AccessKey, s.SecretKey = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	} else {
		binary, err := build()
		if err != nil {
			skip(t, err)
		}
		s.AccessKey, s.SecretKey = "KEYTRAILTEST", "not-a-secret"
		s.Dir = filepath.Join(t.TempDir(), "buckets")
		s.run(t, binary)
	}
	none := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID":           s.AccessKey,
		"AWS_SECRET_ACCESS_KEY":       s.SecretKey,
		"AWS_SESSION_TOKEN":           "",
		"AWS_REGION":                  "us-east-1",
		"AWS_ENDPOINT_URL":            s.Endpoint,
		"AWS_ENDPOINT_URL_S3":         "",
		"AWS_PROFILE":                 "",
		"AWS_CONFIG_FILE":             none,
		"AWS_SHARED_CREDENTIALS_FILE": none,
		"AWS_EC2_METADATA_DISABLED":   "true",
	} {
		t.Setenv(name, value)
	}
	return s
}

// skip ends a test for which there is no server.
func skip(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("S3 server: %v", err)
	}
	t.Skipf("SKIPPED: S3 server: %v", err)
}

// run starts the server and waits until it answers. The server ends when its
// standard input does, so also when this process is killed.
func (s *Server) run(t testing.TB, binary string) {
	t.Helper()
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--root", s.Dir, "--access", s.AccessKey, "--secret", s.SecretKey, "--port", "0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("S3 server: %v", err)
	}
	t.Cleanup(func() {
		stdin.Close()
		deadline := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
		defer deadline.Stop()
		io.Copy(io.Discard, stdout) // until it has ended; Wait must not come before
		cmd.Wait()
	})
	late := time.AfterFunc(30*time.Second, func() { cmd.Process.Kill() })
	defer late.Stop()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		t.Fatalf("S3 server did not start: %v\n%s", err, &stderr)
	}
	s.Endpoint = strings.TrimSpace(line)
}

var buckets atomic.Int64

// NewBucket makes an empty bucket and returns its name.
func (s *Server) NewBucket(t testing.TB) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := fmt.Sprintf("keytrail-%d-%d-%d", os.Getpid(), time.Now().UnixMilli(), buckets.Add(1))
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatalf("make bucket %s: %v", bucket, err)
	}
	return bucket
}
