package main

import (
	"context"
	"fmt"
	"io"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/cache"
)

// Sizes of the cache.
const (
	cacheSize    = 2 << 30
	minCacheSize = 16 << 20
)

// cacheFlags say where a command that asks a lake keeps what it read of a bucket.
type cacheFlags struct {
	dir    string
	size   byteSize
	stderr io.Writer
}

type cacheFlagsKey struct{}

// addCacheFlags gives a command the flags that [openLake] heeds.
func addCacheFlags(cmd *cobra.Command) {
	f := &cacheFlags{size: cacheSize}
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "cache", "", "keep what is read of a lake in a bucket in `DIR`, so that the next question asks\n"+
		"for less. It is made for this user alone, because it holds what the lake holds,\n"+
		"personal data too. It may be removed at any time")
	flags.Var(&f.size, "cache-size", "how large --cache may grow; what was used least recently makes room")
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		switch {
		case f.dir == "" && flags.Changed("cache-size"):
			return usagef("--cache-size goes with --cache")
		case f.dir == "" && flags.Changed("cache"):
			return usagef("--cache: name a directory")
		case f.size < minCacheSize:
			return usagef("--cache-size must be at least %s", humanize.IBytes(minCacheSize))
		}
		f.stderr = cmd.ErrOrStderr()
		cmd.SetContext(context.WithValue(cmd.Context(), cacheFlagsKey{}, f))
		return nil
	}
}

// cached puts the cache before a store that is a bucket.
func cached(ctx context.Context, s lake.Store) (lake.Store, error) {
	f, ok := ctx.Value(cacheFlagsKey{}).(*cacheFlags)
	if !ok || f.dir == "" {
		return s, nil
	}
	bucket, ok := s.(cache.Source)
	if !ok {
		return nil, usagef("--cache is for a lake in a bucket: %s is a directory, which needs none", s.URL())
	}
	return cache.Open(f.dir, bucket, cache.Options{Limit: int64(f.size), Warn: func(err error) {
		fmt.Fprintf(f.stderr, "keytrail: %s\n", oneLine(err.Error()))
	}})
}
