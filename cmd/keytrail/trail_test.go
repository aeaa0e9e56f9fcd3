package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keytrail/keytrail/engine/digest/digesttest"
)

// cmdMktrail writes six hours of a trail, from 22:00 on 2 March 2026, whose last two
// digests are without logs; a directory keeps no metadata, so the newest digest cannot
// be proven. $LOG1 is the path of the first log, $DIGEST1 of the first digest, for
// scripts to change what lies there.
func cmdMktrail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mktrail DIR KEYS")
	}
	root := ts.MkAbs(args[0])
	r := digesttest.New(func(key string, data []byte, _ map[string]string) { ts.Check(writeFile(root, key, data)) })
	writeTrail(r)
	for i, key := range r.Logs {
		ts.Setenv("LOG"+string(rune('1'+i)), filepath.Join(root, filepath.FromSlash(key)))
	}
	for i, key := range r.Digests {
		ts.Setenv("DIGEST"+string(rune('1'+i)), filepath.Join(root, filepath.FromSlash(key)))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), digesttest.PublicKeys(), 0o600))
}

func writeTrail(r *digesttest.Trail) {
	for _, n := range []int{2, 1, 2, 1, 0, 0} {
		r.Hour(n)
	}
}

func writeFile(root, key string, data []byte) error {
	path := filepath.Join(root, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// isLog reports whether a URL's path is that of a trail's log.
func isLog(path string) bool {
	return strings.Contains(path, "/CloudTrail/") && strings.HasSuffix(path, ".json.gz")
}
