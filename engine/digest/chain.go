package digest

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// digest is one digest that was read.
type digest struct {
	info          object.Info
	doc           document
	prevSignature *string
	sum           [32]byte // of the inflated bytes
	start, end    time.Time
	prevKey       string // of the digest before, if that is in the same place
	state         state
	why           string // not sound
}

// state is how far a digest may be trusted.
type state int

const (
	bad      state = iota // not what CloudTrail put there
	unsigned              // nothing tells
	sound
)

// chain is the digests of one chain, oldest first.
type chain struct {
	Chain
	window  window // of days whose digests were looked for
	lead    string // before the canonical part of every key
	digests []*digest
	present map[string]*digest // by key, of those that were read and lie in their place
}

func (c *chain) problem(kind string, d *digest, detail string) {
	d.state, d.why = bad, detail
	c.Problems = append(c.Problems, Problem{Kind: kind, Digest: d.info.Key, Detail: detail, Count: 1})
}

// chains reads and checks every digest of an area.
func (v *verifier) chains(ctx context.Context, a area) ([]*chain, error) {
	found := map[chainName]*chain{}
	var all []*chain
	window := v.window.around()
	err := window.list(ctx, v.src, a.digests(), a.digests(), func(o object.Info) error {
		name, _, ok := parseName(o.Key)
		if !ok {
			return nil // claims nothing
		}
		c := found[name]
		if c == nil {
			k := object.ParseKey(o.Key)
			c = &chain{window: window, lead: a.lead(), present: map[string]*digest{}, Chain: Chain{
				Org: k.Org, Account: k.Account, Region: a.region, Trail: name.trail, HomeRegion: name.home, Backfill: name.backfill}}
			found[name] = c
			all = append(all, c)
		}
		c.digests = append(c.digests, &digest{info: o})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if err := v.check(ctx, c); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// check reads the digests of a chain and decides how far each may be trusted.
func (v *verifier) check(ctx context.Context, c *chain) error {
	slices.SortFunc(c.digests, func(a, b *digest) int {
		_, endA, _ := parseName(a.info.Key)
		_, endB, _ := parseName(b.info.Key)
		return cmp.Or(endA.Compare(endB), cmp.Compare(a.info.Key, b.info.Key))
	})
	if err := v.read(ctx, c); err != nil {
		return err
	}
	c.locate()
	successors := c.successors()
	keys := map[string]int{}
	signatures := make([]proof, len(c.digests))
	err := v.parallel(ctx, len(c.digests), func(ctx context.Context, i int) (err error) {
		if d := c.digests[i]; c.present[d.info.Key] == d {
			signatures[i], err = v.prove(ctx, c, d, successors[d.info.Key])
		}
		return err
	})
	if err != nil {
		return err
	}
	for i, d := range c.digests {
		if c.present[d.info.Key] == d {
			c.settle(d, signatures[i], keys)
		}
	}
	c.compare(successors)
	c.cover()
	return nil
}

// read reads the digests; c.present has those that are digests.
func (v *verifier) read(ctx context.Context, c *chain) error {
	errs := make([]error, len(c.digests))
	err := v.parallel(ctx, len(c.digests), func(ctx context.Context, i int) error {
		info := c.digests[i].info
		d, err := readDigest(ctx, v.src, info)
		if err != nil {
			errs[i] = err
			return fatal(ctx, err)
		}
		d.info = info
		c.digests[i] = d
		return nil
	})
	if err != nil {
		return err
	}
	for i, d := range c.digests {
		if errs[i] != nil {
			c.problem(BadUnreadable, d, cause(errs[i]))
		} else {
			c.present[d.info.Key] = d
		}
	}
	return nil
}

// cause is an error's text without the key, which stands beside it.
func cause(err error) string {
	var e *object.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	return err.Error()
}

// locate takes the digests that lie elsewhere than they say out of c.present. All
// of a chain may have been copied to another bucket or prefix; one may not.
func (c *chain) locate() {
	votes := map[string]int{}
	for _, d := range c.present {
		origin, name := place(d.doc.Bucket, d.doc.Object)
		if c.lead+name != d.info.Key {
			continue
		}
		votes[origin]++
		if n, most := votes[origin], votes[c.Origin]; n > most || n == most && origin < c.Origin {
			c.Origin = origin
		}
	}
	for _, d := range c.digests {
		if c.present[d.info.Key] != d {
			continue
		}
		origin, name := place(d.doc.Bucket, d.doc.Object)
		if c.lead+name != d.info.Key || origin != c.Origin {
			c.problem(BadPlace, d, fmt.Sprintf("it is the digest that was written to s3://%s/%s", d.doc.Bucket, d.doc.Object))
			delete(c.present, d.info.Key)
		}
	}
}

// successors maps keys to the digests that name them as the one before.
func (c *chain) successors() map[string][]*digest {
	m := map[string][]*digest{}
	for _, d := range c.digests {
		if c.present[d.info.Key] != d || d.prevSignature == nil {
			continue
		}
		if origin, name := place(d.doc.PrevBucket, d.doc.PrevObject); origin == c.Origin {
			d.prevKey = c.lead + name
			m[d.prevKey] = append(m[d.prevKey], d)
		}
	}
	return m
}

// compare holds each digest against the hash that its successor has, newest first,
// so that a digest which is not the right one judges no other.
func (c *chain) compare(successors map[string][]*digest) {
	for _, d := range slices.Backward(c.digests) {
		for _, next := range successors[d.info.Key] {
			if d.state == sound && next.state == sound && !strings.EqualFold(next.doc.PrevHash, hex.EncodeToString(d.sum[:])) {
				c.problem(BadSignature, d, "it is signed, but not the digest that "+next.info.Key+" names")
			}
		}
	}
}
