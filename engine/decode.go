package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/engine/inflate"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/partition"
	"github.com/keytrail/keytrail/schema"
)

// decode turns bodies into sorted runs. Every worker fills a buffer of its own,
// so rows go from JSON to where they are sorted without changing hands.
func (w *wave) decode(ctx context.Context, g *errgroup.Group, bodies <-chan body) {
	room := semaphore.NewWeighted(w.inflateBytes())
	// What idle buffers keep comes on top of what is in use: little, or a few large
	// objects would leave twice their share behind.
	pool := &inflaters{objectLimit: w.MaxObject, keep: int(w.inflateBytes() / 4)}
	limits := decode.Limits{Wide: new(sync.Mutex)}
	for range w.Jobs {
		g.Go(func() error {
			d := w.newDecoder(limits)
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case b, ok := <-bodies:
					if !ok {
						return d.finish()
					}
					if err := d.within(ctx, room, pool, &b); err != nil {
						return err
					}
				}
			}
		})
	}
}

// decoder is one worker.
type decoder struct {
	*wave
	limits  decode.Limits
	records *decode.Decoder
	rows    *partition.Buffer
	bad     []lake.Quarantined // of the present object
	rewrite *rewriting         // nil: touches are kept as they are
}

func (w *wave) newDecoder(limits decode.Limits) *decoder {
	return &decoder{
		wave: w, limits: limits, records: decode.New(limits), rows: partition.NewBuffer(),
		rewrite: w.newRewriting(),
	}
}

// within takes the object in when there is room for what it inflates to, as far
// as it says: the last four bytes of a gzip member are its length (RFC 1952).
func (d *decoder) within(ctx context.Context, room *semaphore.Weighted, pool *inflaters, b *body) error {
	defer b.free()
	size := int64(len(b.data))
	if len(b.data) > 18 {
		size = max(size, int64(binary.LittleEndian.Uint32(b.data[len(b.data)-4:])))
	}
	size = min(size, d.inflateBytes())
	if err := room.Acquire(ctx, size); err != nil {
		return err
	}
	defer room.Release(size)
	if err := d.lent(pool, int(size), b); err != nil {
		return err
	}
	// Not before the object's bytes are given up, but while their room is still ours:
	// sorting and packing a record as large as an object takes as much several times.
	if d.rows.Len() > 0 && d.rows.Bytes() >= d.bufferBytes() {
		return d.spill()
	}
	return nil
}

// lent takes the object in with an inflater of the pool.
func (d *decoder) lent(pool *inflaters, size int, b *body) error {
	z := pool.take(size)
	defer pool.give(z)
	if int64(size) > d.inflateBytes()/8 {
		// What the decoder keeps for the next object has views into this one's bytes,
		// which would stay when their buffer is given up.
		defer func() { d.records = decode.New(d.limits) }()
	}
	return d.object(b, z)
}

// object takes one object in, whole or not at all. An error ends the run: what
// is wrong with the object itself goes to the ledger.
func (d *decoder) object(b *body, z *inflate.Inflater) error {
	defer d.progress(b)
	if b.err != nil {
		return d.reject(b, b.err)
	}
	data, err := z.Inflate(b.data)
	if err != nil {
		return d.reject(b, &object.Error{Op: "inflate", Key: b.Key, Hint: hintOf(err), Err: err})
	}
	if b.key.Kind == object.KindConfig {
		return d.config(b, data)
	}
	mark := d.rows.Mark()
	d.bad = nil
	if d.rewrite != nil {
		d.rewrite.withheld = 0
	}
	sum, err := d.records.Decode(b.name, data, d)
	switch {
	case errors.Is(err, errFull):
		d.rows.Rollback(mark)
		return err
	case errors.Is(err, decode.ErrNoRecords):
		d.foreign(&b.planned, sum)
		return nil
	case err != nil:
		d.rows.Rollback(mark)
		return d.reject(b, &object.Error{Op: "decode", Key: b.Key, Records: sum.Records, Err: err})
	}
	d.Progress.Records.Add(sum.Records)
	sha := sha256.Sum256(data)
	d.done(&b.planned, sum, int64(len(data)), hex.EncodeToString(sha[:]), d.bad)
	if d.rewrite != nil {
		d.withhold(d.rewrite.withheld)
	}
	return nil
}

// hintOf is what to do about an object that cannot be inflated.
func hintOf(err error) string {
	if errors.Is(err, inflate.ErrTooLarge) {
		return "if it is no bomb, raise --max-object, of which --memory must be four times as much"
	}
	return ""
}

func (d *decoder) reject(b *body, err error) error {
	d.failed(&b.planned, err)
	return nil
}

func (d *decoder) progress(b *body) {
	d.Progress.Objects.Add(1)
	d.Progress.Bytes.Add(b.Size)
}

// errFull marks an error of ours, not of the object.
var errFull = errors.New("cannot take more rows")

// Touch takes a touch of the present object.
func (d *decoder) Touch(t *schema.Touch) error {
	if d.rewrite != nil {
		if t = d.rewrite.rewrite(t); t == nil {
			return nil
		}
	}
	if err := d.rows.Append(t); err != nil {
		return errors.Join(errFull, err)
	}
	return nil
}

// maxRaw is how much of a record quarantine keeps. CloudTrail's own limit for a
// record is 256 KB.
const maxRaw = 256 << 10

// maxBad is how many records of one object may make no sense: with more it is no
// trail object, and would fill memory with records of a few bytes.
const maxBad = 100_000

var errBad = fmt.Errorf("more than %d records make no sense", maxBad)

// Quarantine takes a record of the present object that makes no sense.
func (d *decoder) Quarantine(index int32, reason string, raw []byte) error {
	if len(d.bad) == maxBad {
		return errBad
	}
	if len(raw) > maxRaw {
		raw = raw[:maxRaw]
	}
	text := strings.ToValidUTF8(string(raw), "\uFFFD")
	if d.rewrite != nil {
		reason, text = d.rewrite.quarantined(reason, text)
	}
	d.bad = append(d.bad, lake.Quarantined{SourceIndex: index, Reason: reason, Raw: text})
	return nil
}

func (d *decoder) spill() error {
	run, err := d.rows.Spill(d.TempDir)
	if err != nil {
		return err
	}
	d.keep(run, true)
	step(stepSpilled)
	return nil
}

// finish makes a sorted run of what has not been spilled: in memory when it is
// little, since the merges will need the memory.
func (d *decoder) finish() error {
	switch {
	case d.rows.Len() == 0:
		return nil
	case d.rows.Bytes() > d.restBytes():
		return d.spill()
	}
	d.keep(d.rows.Run(), false)
	return nil
}
