package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/inflate"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// Source is where logs lie. Safe for concurrent use.
type Source interface {
	// List calls fn once per object under prefix, on the caller's goroutine. It stops at
	// fn's first error and returns it unchanged.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// Open streams the stored bytes. The caller closes it.
	Open(ctx context.Context, obj object.Info) (io.ReadCloser, error)
	// URL names the store, ending in "/".
	URL() string
}

// Input is a part of a source: everything under Prefix.
type Input struct {
	Source Source
	Prefix string // "" or ending in "/"
}

// maxLog bounds the inflated bytes of a log, and readers how many are held at a time.
const (
	maxLog  = 1 << 30
	readers = 4
)

// logs counts what the digests say of the logs, and reads those that are at hand: each
// must have the bytes that were ingested.
func (c *checker) logs(ctx context.Context) error {
	hashes := map[string][]string{} // by name: of the versions that were read
	days, err := c.extract.LedgerDays(ctx)
	if err != nil {
		return err
	}
	err = eachObject(ctx, c.extract, days, c.objects, func(e *lake.Entry) error {
		hashes[e.SourceObject] = append(hashes[e.SourceObject], e.SHA256)
		c.Verdicts[e.DigestVerdict]++
		return nil
	})
	if err != nil {
		return err
	}
	for name := range c.objects {
		if hashes[name] == nil {
			c.problem(name, "rows came from it, and the ledger in the pack does not have it")
		}
	}
	if len(c.Inputs) == 0 {
		c.Notes = append(c.Notes, "no source was named: that the logs are those that were ingested was not checked (--source)")
		return nil
	}
	return c.readLogs(ctx, hashes)
}

func (c *checker) readLogs(ctx context.Context, hashes map[string][]string) error {
	r := logReader{checker: c, found: map[string]bool{}}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for _, in := range c.Inputs {
		err := in.Source.List(ctx, in.Prefix, func(o object.Info) error {
			_, name := object.Canonical(in.Source.URL(), o.Key)
			if want, ok := hashes[name]; ok {
				g.Go(func() error { return r.read(ctx, in.Source, o, name, want, len(hashes)) })
			}
			return ctx.Err()
		})
		if err != nil {
			_ = g.Wait() // a reader's error has ended the listing, or the listing's is the first
			return err
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var gone []string
	for name := range hashes {
		if !r.found[name] {
			gone = append(gone, name)
		}
	}
	if slices.Sort(gone); len(gone) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%d of %d logs are not in the sources named, and were not checked: %s", len(gone), len(hashes), names(gone)))
	}
	return nil
}

// logReader reads logs, several at a time.
type logReader struct {
	*checker
	mu    sync.Mutex
	found map[string]bool
}

func (r *logReader) read(ctx context.Context, s Source, o object.Info, name string, want []string, all int) error {
	got, err := logHash(ctx, s, o)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found[name] = true
	r.Objects++
	if r.Progress != nil {
		r.Progress(r.Objects, all)
	}
	switch {
	case err != nil:
		r.problem(s.URL()+o.Key, "it cannot be read: %v", err)
	case !slices.Contains(want, got):
		r.problem(s.URL()+o.Key, "its content has the SHA-256 %s; what was ingested had %s", got, names(want))
	}
	return nil
}

// logHash is the hash of a log's inflated bytes.
func logHash(ctx context.Context, s Source, o object.Info) (string, error) {
	body, err := s.Open(ctx, o)
	if err != nil {
		return "", err
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	plain, err := inflate.New(maxLog).Inflate(data)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:]), nil
}
