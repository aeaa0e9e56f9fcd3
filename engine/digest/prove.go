package digest

import (
	"context"
	"fmt"
	"time"
)

// How long after its end a digest may have been signed, and how exact the time is
// at which a backfill digest says it was made (CloudTrail User Guide, "Custom
// implementations of CloudTrail log file integrity validation").
const (
	signDelay     = 2 * time.Hour
	backfillSlack = time.Hour
)

// proof is what the signatures at hand say about a digest.
type proof struct {
	key       bool   // the key is at hand
	keyInTime bool   // and was valid when the digest was made
	tried     int    // signatures at hand
	good      bool   // one of them is the digest's
	metaErr   string // why the metadata could not be read
}

// prove looks for a signature of d with the key that d names: in the digests that
// name it as the one before, then in its own metadata.
func (v *verifier) prove(ctx context.Context, c *chain, d *digest, successors []*digest) (p proof, err error) {
	key, ok := v.keys.find(d.doc.Fingerprint)
	if !ok {
		return p, nil
	}
	p.key = true
	try := func(signature string) {
		p.tried++
		p.good = p.good || d.signedWith(key.PublicKey, signature)
	}
	for _, next := range successors {
		try(*next.prevSignature)
	}
	from, to, known := d.start, d.end.Add(signDelay), false
	if v.meta != nil && (!p.good || c.Backfill) {
		meta, err := v.meta.Metadata(ctx, d.info.Key)
		if err != nil {
			p.metaErr = cause(err)
			if err := fatal(ctx, err); err != nil {
				return p, err
			}
		}
		if signature := meta[metaSignature]; signature != "" {
			try(signature)
		}
		if made, err := time.Parse(time.RFC3339, meta[metaBackfill]); err == nil {
			from, to = made.Add(-backfillSlack), made.Add(backfillSlack)
			known = true
		}
	}
	if c.Backfill && !known {
		to = d.start.AddDate(100, 0, 0) // made at some time after
	}
	p.keyInTime = key.validIn(from, to)
	return p, nil
}

// settle says how far d may be trusted. Digests with the same unknown key are one
// problem.
func (c *chain) settle(d *digest, p proof, unknown map[string]int) {
	d.state = unsigned
	switch {
	case !p.key:
		d.why = "it is signed with key " + d.doc.Fingerprint + ", which is not among the public keys"
		if at, ok := unknown[d.doc.Fingerprint]; ok {
			c.Problems[at].Count++
			return
		}
		unknown[d.doc.Fingerprint] = len(c.Problems)
		c.Problems = append(c.Problems, Problem{Kind: BadKey, Digest: d.info.Key, Detail: d.why, Count: 1})
	case p.tried == 0 && p.metaErr != "":
		d.why = "its signature is not here: no later digest holds it, and its metadata could not be read: " + p.metaErr
	case p.tried == 0:
		d.why = "its signature is not here: no later digest holds it, and neither does its metadata"
	case !p.good:
		c.problem(BadSignature, d, "its signature does not match")
	case !p.keyInTime:
		c.problem(BadKeyTime, d, fmt.Sprintf("key %s was not valid at its time", d.doc.Fingerprint))
	default:
		d.state = sound
	}
}
