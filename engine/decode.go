package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

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
	for range w.Jobs {
		g.Go(func() error {
			d := w.newDecoder()
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case b, ok := <-bodies:
					if !ok {
						return d.finish()
					}
					err := d.object(&b)
					b.free()
					if err != nil {
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
	inflater *inflate.Inflater
	records  *decode.Decoder
	rows     *partition.Buffer
	bad      []lake.Quarantined // of the present object
}

func (w *wave) newDecoder() *decoder {
	return &decoder{
		wave: w, inflater: inflate.New(w.MaxObject),
		records: decode.New(decode.Limits{}), rows: partition.NewBuffer(),
	}
}

// object takes one object in, whole or not at all. An error ends the run: what
// is wrong with the object itself goes to the ledger.
func (d *decoder) object(b *body) error {
	defer d.progress(b)
	if b.err != nil {
		return d.reject(b, b.err)
	}
	data, err := d.inflater.Inflate(b.data)
	if err != nil {
		return d.reject(b, &object.Error{Op: "inflate", Key: b.Key, Err: err})
	}
	mark := d.rows.Mark()
	d.bad = nil
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
	d.inflater.Shrink(int(d.Memory / 16))
	if d.rows.Bytes() >= d.bufferBytes() {
		return d.spill()
	}
	return nil
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
	if err := d.rows.Append(t); err != nil {
		return errors.Join(errFull, err)
	}
	return nil
}

// maxRaw is how much of a record quarantine keeps. CloudTrail's own limit for a
// record is 256 KB.
const maxRaw = 256 << 10

// Quarantine takes a record of the present object that makes no sense.
func (d *decoder) Quarantine(index int32, reason string, raw []byte) error {
	if len(raw) > maxRaw {
		raw = raw[:maxRaw]
	}
	d.bad = append(d.bad, lake.Quarantined{SourceIndex: index, Reason: reason, Raw: strings.ToValidUTF8(string(raw), "\uFFFD")})
	return nil
}

func (d *decoder) spill() error {
	run, err := d.rows.Spill(d.TempDir)
	if err != nil {
		return err
	}
	d.keep(run, true)
	return nil
}

// finish makes a sorted run of what has not been spilled: in memory when it is
// little, since the merges will need the memory.
func (d *decoder) finish() error {
	switch {
	case d.rows.Len() == 0:
		return nil
	case d.rows.Bytes() > d.bufferBytes()/2:
		return d.spill()
	}
	d.keep(d.rows.Run(), false)
	return nil
}
