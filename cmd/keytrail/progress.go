package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/keytrail/keytrail/engine"
)

// showProgress draws how far a run is, if w is a terminal, until stop is called.
func showProgress(w io.Writer, p *engine.Progress) (stop func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	bars := mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithRefreshRate(150*time.Millisecond), mpb.WithAutoRefresh())
	started := time.Now()
	reading := bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("reading ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return readingLine(p, time.Since(started)) })))
	merging := bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("merging ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			return fmt.Sprintf(" %s of %s partitions", humanize.Comma(p.Partitions.Load()), humanize.Comma(p.PartitionsPlanned()))
		})))
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(150 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_, bytes, _ := p.ObjectsPlanned()
				reading.SetTotal(max(bytes, 1), false)
				reading.SetCurrent(p.Bytes.Load())
				merging.SetTotal(max(p.PartitionsPlanned(), 1), false)
				merging.SetCurrent(p.Partitions.Load())
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(done)
		reading.Abort(true)
		merging.Abort(true)
		bars.Wait()
	})
}

// readingLine is what stands beside the bar: objects, bytes, records per second,
// and how long it will take, once that is known.
func readingLine(p *engine.Progress, elapsed time.Duration) string {
	objects, bytes, final := p.ObjectsPlanned()
	line := fmt.Sprintf(" %s of %s objects, %s of %s, %s records/s", humanize.Comma(p.Objects.Load()), humanize.Comma(objects),
		humanize.Bytes(uint64(p.Bytes.Load())), humanize.Bytes(uint64(bytes)),
		humanize.Comma(int64(float64(p.Records.Load())/elapsed.Seconds())))
	switch read := p.Bytes.Load(); {
	case !final:
		return line + ", still listing"
	case read > 0 && read < bytes:
		left := time.Duration(float64(elapsed) * float64(bytes-read) / float64(read))
		return line + ", " + left.Round(time.Second).String() + " left"
	}
	return line
}
