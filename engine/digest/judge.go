package digest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

// claim is what a digest says about a log.
type claim struct {
	chain  *chain
	digest *digest
	hash   [32]byte
	more   *claim // of other digests, about the same log
}

// log is one log to judge: it is there, or named by a digest, or both.
type log struct {
	object.Info
	listed bool
	claim  *claim
}

// judge says of every log of an area, below the prefix, what the digests prove.
func (v *verifier) judge(ctx context.Context, a area, chains []*chain) error {
	under, ok := common(a.logs(), v.prefix)
	if !ok {
		return nil // the prefix is among the digests
	}
	claims, err := v.claims(chains)
	if err != nil {
		return err
	}
	var logs []log
	var newest time.Time
	times := newTimeline(chains)
	err = v.window.list(ctx, v.src, a.logs(), under, func(o object.Info) error {
		if object.ParseKey(o.Key).Kind != object.KindCloudTrail {
			return nil
		}
		at := delivered(o)
		if at.After(newest) {
			newest = at
		}
		if c := claims[o.Key]; c != nil {
			logs = append(logs, log{o, true, c})
			delete(claims, o.Key)
			return nil
		}
		reason, planted := times.unnamed(at)
		return v.say(Verdict{Key: o.Key, ETag: o.ETag, Listed: true, Status: Unproven, Reason: reason, Planted: planted}, nil)
	})
	if err != nil {
		return err
	}
	for key, c := range claims {
		logs = append(logs, log{object.Info{Key: key}, false, c})
	}
	slices.SortFunc(logs, func(a, b log) int { return strings.Compare(a.Key, b.Key) })
	times.stopped(newest)
	return v.parallel(ctx, len(logs), func(ctx context.Context, i int) error {
		verdict, err := v.verdict(ctx, logs[i])
		if err != nil || verdict.Status == "" {
			return err
		}
		return v.say(verdict, logs[i].claim.chain)
	})
}

// common is the prefix of what is under both a and b, if anything can be.
func common(a, b string) (prefix string, ok bool) {
	if strings.HasPrefix(b, a) {
		return b, true
	}
	return a, strings.HasPrefix(a, b)
}

// claims collects what the digests say, by the log's key, below the prefix. Of
// several claims about one log the best comes first.
func (v *verifier) claims(chains []*chain) (map[string]*claim, error) {
	claims := map[string]*claim{}
	for _, c := range chains {
		for _, d := range c.digests {
			entries := d.doc.LogFiles
			d.doc.LogFiles = nil // the claims are what is kept
			if d.state == bad && c.present[d.info.Key] != d {
				continue // not the digest of this place at all
			}
			for _, f := range entries {
				origin, name := place(f.Bucket, f.Object)
				key := c.lead + name
				if !v.window.has(object.ParseKey(key).Day) {
					continue // of the days around
				}
				if origin != c.Origin {
					err := v.say(Verdict{Key: key, Status: Unproven, Digest: d.info.Key,
						Reason: "it was written to " + origin + ", which is not looked at"}, c)
					if err != nil {
						return nil, err
					}
					continue
				}
				if !strings.HasPrefix(key, v.prefix) {
					continue
				}
				n := &claim{chain: c, digest: d}
				if sum, err := hex.DecodeString(f.Hash); err == nil && len(sum) == len(n.hash) && f.Algorithm == hashAlgorithm {
					copy(n.hash[:], sum)
				} else if d.state != bad {
					c.unusable(d, f)
					continue
				}
				claims[key] = claims[key].with(n)
			}
		}
	}
	return claims, nil
}

// unusable reports an entry of a digest, all of one digest as one problem.
func (c *chain) unusable(d *digest, f logFile) {
	if n := len(c.Problems); n > 0 && c.Problems[n-1].Kind == BadLogEntry && c.Problems[n-1].Digest == d.info.Key {
		c.Problems[n-1].Count++
		return
	}
	c.Problems = append(c.Problems, Problem{Kind: BadLogEntry, Digest: d.info.Key, Count: 1,
		Detail: fmt.Sprintf("no SHA-256 of %s but %s %q", f.Object, f.Algorithm, f.Hash)})
}

// with adds a claim to others, the better ones first.
func (c *claim) with(n *claim) *claim {
	if c == nil || n.digest.state > c.digest.state {
		n.more = c
		return n
	}
	c.more = c.more.with(n)
	return c
}

// verdict reads a log that digests name. It is empty for one that is not there and
// that no digest worth believing names.
func (v *verifier) verdict(ctx context.Context, l log) (Verdict, error) {
	d := l.claim.digest
	out := Verdict{Key: l.Key, ETag: l.ETag, Listed: l.listed, Status: Unproven, Digest: d.info.Key, claim: l.claim}
	if d.state == sound {
		out.SHA256 = hex.EncodeToString(l.claim.hash[:])
	}
	sum, known := v.know(l)
	if l.StorageClass != "" && !known {
		out.Reason = "its bytes are archived in " + l.StorageClass
		return out, nil
	}
	if d.state == bad && l.listed {
		out.Reason = "the digest that names it is bad: " + d.why
		return out, nil
	}
	if d.state == bad {
		return Verdict{}, nil
	}
	unless := "" // why even that is not proven
	if d.state != sound {
		unless = " (which is not proven: " + d.why + ")"
	}
	var err error
	if !known {
		sum, err = hash(ctx, v.src, l.Info)
	}
	switch {
	case errors.Is(err, object.ErrNotExist):
		out.Status, out.Reason = Missing, "a digest names it"+unless
		out.Listed, out.ETag = false, ""
	case errors.Is(err, errGzip):
		out.Status, out.Reason = Altered, err.Error()
	case err != nil:
		out.Reason = "it could not be read: " + cause(err)
		return out, fatal(ctx, err)
	default:
		out.Status = l.claim.of(sum)
	}
	switch {
	case out.Reason != "":
	case out.Status == Altered:
		out.Reason = "its bytes are not those that its digest names" + unless
	case out.Status == Unproven:
		out.Reason = "the digest that names it is not proven: " + d.why
	default:
		out.SHA256 = hex.EncodeToString(sum[:])
	}
	return out, nil
}

// know asks whether the bytes of a log that is there were read before.
func (v *verifier) know(l log) (sum [32]byte, ok bool) {
	if !l.listed || v.known == nil {
		return sum, false
	}
	return v.known(l.Info)
}

// of says what the claims mean for bytes with that hash.
func (c *claim) of(sum [32]byte) Status {
	switch {
	case c == nil || c.digest.state == bad:
		return Unproven
	case !c.holds(sum):
		return Altered
	case c.digest.state != sound:
		return Unproven
	}
	return Proven
}

// holds reports whether a digest that is as good as the best names the bytes.
func (c *claim) holds(sum [32]byte) bool {
	for n := c; n != nil && n.digest.state == c.digest.state; n = n.more {
		if n.hash == sum {
			return true
		}
	}
	return false
}
