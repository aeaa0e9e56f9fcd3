package main

import (
	"crypto/md5"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// askBucket asks keytrail once more, of the same files behind an S3 server and
// its latency, without a cache, and with one that has been asked before.
func (l *library) askBucket(server string, questions []question) error {
	l.buckets = filepath.Join(l.scratch, "buckets")
	if err := os.RemoveAll(l.buckets); err != nil {
		return err
	}
	defer os.RemoveAll(l.buckets)
	if err := uploaded(l.lake(), filepath.Join(l.buckets, "audit", "lake")); err != nil {
		return err
	}
	endpoint, stop, err := startServer(server, l.buckets)
	if err != nil {
		return err
	}
	defer stop()
	if l.proxy, endpoint, err = startProxy(endpoint); err != nil {
		return err
	}
	if err := useServer(endpoint, l.scratch); err != nil {
		return err
	}
	// A run with nothing to read brings the ledger's summary up to date with the ETags.
	nothing := filepath.Join(l.scratch, "nothing")
	if err := os.MkdirAll(nothing, 0o777); err != nil {
		return err
	}
	if _, _, err := l.pinned([]string{l.keytrail, "ingest", nothing, "--lake", "s3://audit/lake"}, ""); err != nil {
		return err
	}
	const latency = 20 * time.Millisecond
	fmt.Printf("\nThe same from a bucket, every request %v away\n\n", latency)
	t := newTable("item", "rows", "on days", "ms", "lists", "gets", "gets per table and 30 days", "most at a time", "with a cache: ms", "lists", "gets")
	for _, q := range questions {
		want, err := l.errand(q, latency)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		cache := filepath.Join(l.scratch, "cache")
		if err := os.RemoveAll(cache); err != nil {
			return err
		}
		if _, err := l.errand(q, latency, "--cache", cache); err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		again, err := l.errand(q, latency, "--cache", cache)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		if !slices.Equal(want.ids, again.ids) {
			return fmt.Errorf("%s: another answer from the cache", q.name)
		}
		tables := 1
		if q.table == "" {
			tables = l.Tables
		}
		t.row(q.name, count(int64(len(want.ids))), count(q.days), f1(want.wall.Seconds()*1e3), count(int64(want.lists.requests)), count(int64(want.gets.requests)),
			f1(float64(want.gets.requests)/float64(tables)/float64(l.Days)*30), count(int64(want.gets.most)),
			f1(again.wall.Seconds()*1e3), count(int64(again.lists.requests)), count(int64(again.gets.requests)))
	}
	t.print()
	return nil
}

// errand is one question asked of a bucket.
type errand struct {
	trip
	ids []string
}

func (l *library) errand(q question, latency time.Duration, flags ...string) (errand, error) {
	l.proxy.reset(latency)
	u, ids, err := l.who(q, "s3://audit/lake", flags...)
	e := errand{trip: trip{usage: u}, ids: ids}
	e.connections, e.lists, e.gets = l.proxy.counted()
	return e, err
}

// uploaded makes a bucket's folder of a directory, as the server keeps one: plain files
// with their ETags beside them.
func uploaded(from, to string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return syscall.Setxattr(path, "user.etag", fmt.Appendf(nil, "%x", md5.Sum([]byte(path))), 0)
	})
}
