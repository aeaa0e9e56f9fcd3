package object

import (
	"path/filepath"
	"strings"
)

// logsFolder is the folder that every CloudTrail layout has above the account.
const logsFolder = "AWSLogs"

// SplitSource cuts what a person names as a source into the root that a store
// is opened at and the prefix to list. The root ends above the last "AWSLogs"
// folder, so that the same object has the same key whichever part of a bucket
// was named:
//
//	s3://b/p/AWSLogs/1/CloudTrail  →  s3://b/p/, AWSLogs/1/CloudTrail/
//
// A source without that folder is all root. Directories are made absolute and
// may be written as file:// URLs; their root is a path.
func SplitSource(url string) (root, prefix string) {
	scheme, rest := "", url
	if s, r, ok := strings.Cut(url, "://"); ok {
		scheme, rest = strings.ToLower(s), r
	}
	bucket := ""
	switch scheme {
	case "s3":
		name, key, _ := strings.Cut(rest, "/")
		bucket, rest = "s3://"+name+"/", key
	case "", "file":
		if abs, err := filepath.Abs(filepath.FromSlash(rest)); err == nil {
			rest = filepath.ToSlash(abs)
		}
	default: // not ours: the store that is asked to open it says so
		return url, ""
	}
	if rest != "" && !strings.HasSuffix(rest, "/") {
		rest += "/"
	}
	at := lastLogs(rest)
	if at < 0 {
		at = len(rest)
	}
	return bucket + rest[:at], rest[at:]
}

// Canonical is where an object stands, independent of how its source was named:
// name starts at the key's last "AWSLogs" folder if it has one, and source is
// everything above it.
func Canonical(root, key string) (source, name string) {
	at := lastLogs(key)
	if at < 0 {
		return root, key
	}
	return root + key[:at], key[at:]
}

// lastLogs is the position of the last "AWSLogs/" in s that is a whole folder
// name, or -1.
func lastLogs(s string) int {
	const folder = logsFolder + "/"
	for end := len(s); ; {
		at := strings.LastIndex(s[:end], folder)
		if at <= 0 || s[at-1] == '/' {
			return at
		}
		end = at
	}
}
