package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/object/s3"
	"github.com/keytrail/keytrail/engine/object/s3/s3test"
)

// TestS3Scripts runs testdata/s3script/*.txtar against the built binary and a real
// S3 server. Each script has two empty buckets, $LOGS and $LAKES, which lie as
// plain files under $S3DIR.
func TestS3Scripts(t *testing.T) {
	server := s3test.Start(t)
	if server.Dir == "" {
		t.Skip("SKIPPED: the scripts look into the directory of a server of their own, not into $S3TEST_ENDPOINT")
	}
	params := scripts("testdata/s3script", func(env *testscript.Env) {
		env.Setenv("S3DIR", server.Dir)
		env.Setenv("LOGS", server.NewBucket(t))
		env.Setenv("LAKES", server.NewBucket(t))
		env.Setenv("AWS_ENDPOINT_URL", server.Endpoint)
		env.Setenv("AWS_REGION", "us-east-1")
		env.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey)
		env.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey)
	})
	testscript.RunT(serial{t}, params)
}

// serial runs scripts one after another: a test that sets its environment, as
// s3test does, cannot have parallel ones.
type serial struct{ *testing.T }

func (s serial) Parallel()     {}
func (s serial) Verbose() bool { return testing.Verbose() }
func (s serial) Run(name string, f func(testscript.T)) {
	s.T.Run(name, func(t *testing.T) { f(serial{t}) })
}

func cmdS3Put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: s3put BUCKET DIR")
	}
	ctx := context.Background()
	store, err := s3.Open(ctx, "s3://"+args[0]+"/", s3.Options{})
	ts.Check(err)
	for _, path := range treeFiles(ts, args[1]) {
		text, err := os.ReadFile(filepath.Join(ts.MkAbs(args[1]), path))
		ts.Check(err)
		_, err = store.Put(ctx, filepath.ToSlash(path), bytes.NewReader(text), int64(len(text)), object.Condition{})
		ts.Check(err)
	}
}
