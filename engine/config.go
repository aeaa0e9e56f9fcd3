package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/keytrail/keytrail/engine/awsconfig"
	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// configRow is about what a row of AWS Config's takes in memory beside its tags.
const configRow = 600

// configBytes bounds the rows that one file of AWS Config's may give.
func (e *Engine) configBytes() int64 { return e.Memory / 8 }

// configSink takes what one file holds.
type configSink struct {
	*decoder
	rows  []schema.ConfigItem
	bytes int64
}

// Item takes a row of the present file.
func (s *configSink) Item(i schema.ConfigItem) error {
	if s.bytes += configRow + int64(len(i.Tags)); s.bytes > s.configBytes() {
		return fmt.Errorf("its %d tables and verdicts take more than an eighth of the memory: raise --memory", len(s.rows))
	}
	s.rows = append(s.rows, i)
	return nil
}

// config takes a file of AWS Config's in, whole or not at all. They are few and may be
// large: one at a time.
func (d *decoder) config(b *body, data []byte) error {
	d.configTurn.Lock()
	defer d.configTurn.Unlock()
	d.bad = nil
	s := &configSink{decoder: d}
	sum, err := awsconfig.Read(data, s)
	if err != nil {
		hint := ""
		if errors.Is(err, awsconfig.ErrNoItems) {
			hint = "its name is that of a file of AWS Config; --no-config leaves those out"
		}
		return d.reject(b, &object.Error{Op: "decode", Key: b.Key, Records: sum.Items, Hint: hint, Err: err})
	}
	sha := sha256.Sum256(data)
	d.done(&b.planned, decode.Summary{
		Records: sum.Items, InScope: sum.InScope, OutOfScope: sum.OutOfScope, Quarantined: sum.Quarantined, First: sum.First, Last: sum.Last,
	}, int64(len(data)), hex.EncodeToString(sha[:]), d.bad)
	d.keepConfig(b.name, s)
	return nil
}

// keepConfig adds a file's rows to what is to be committed.
func (w *wave) keepConfig(name string, s *configSink) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kept += s.bytes
	for i := range s.rows {
		s.rows[i].SourceObject = name
		day := schema.DayString(schema.DayOf(s.rows[i].CapturedAt))
		w.config[day] = append(w.config[day], s.rows[i])
	}
}

// commitConfig merges what AWS Config recorded, before the ledger says that it is there.
func (w *wave) commitConfig(ctx context.Context, g *errgroup.Group) {
	for day, rows := range w.config {
		g.Go(func() error {
			step(stepConfig)
			return w.Lake.MergeConfig(ctx, day, rows)
		})
	}
}
