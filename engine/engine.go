package engine

import (
	"context"
	"io"
	"runtime"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// Source is all that a run asks of the store it reads from. Safe for
// concurrent use.
type Source interface {
	// Children lists one level: the names under prefix that have more below,
	// each ending in "/", and the objects directly under it.
	Children(ctx context.Context, prefix string) (dirs []string, objects []object.Info, err error)
	// List calls fn once per object under prefix, in key order, on the caller's
	// goroutine. It stops at fn's first error and returns that error unchanged.
	List(ctx context.Context, prefix string, fn func(object.Info) error) error
	// Open streams the stored, still compressed, bytes. The caller closes it.
	Open(ctx context.Context, obj object.Info) (io.ReadCloser, error)
	// URL names the store, ending in "/".
	URL() string
}

// Input is a part of a source to read: everything under Prefix.
type Input struct {
	Source Source
	Prefix string // "" or ending in "/"
}

// Request says what to ingest.
type Request struct {
	Inputs []Input
	// From and To bound the delivery days read, YYYY-MM-DD, both inclusive;
	// empty for no bound. Objects whose name tells no day are always read.
	From, To string
	// NoConfig leaves files of AWS Config unread.
	NoConfig bool
}

// Engine ingests into one lake. The zero values of the options are the
// defaults.
type Engine struct {
	Lake *lake.Lake
	// Memory is how much a run may use, in bytes; default 1 GiB.
	Memory int64
	// Jobs is how many objects are decoded, and partitions merged, at a time;
	// default one per processor.
	Jobs int
	// MaxObject is the most inflated bytes of an object; default 256 MiB, and
	// never more than a quarter of Memory.
	MaxObject int64
	// MaxFileRows is where a partition is split into several files, each with
	// whole keys; default 16 Mi rows. It decides the lake's bytes: keep it.
	MaxFileRows int64
	// TempDir is where sorted runs are spilled; the system's when empty.
	TempDir string
	// Rewrite says how touches are changed on their way into the lake, one after the other.
	Rewrite []Rewrites
	// Lease says how to keep other runs out.
	Lease lake.LeaseOptions
	// Progress, when not nil, is kept up to date while a run goes on.
	Progress *Progress

	spillAt int64 // bytes of rows at which a worker spills; a share of Memory when 0
}

const (
	defaultMemory      = 1 << 30
	defaultMaxObject   = 256 << 20
	defaultMaxFileRows = 16 << 20
)

// withDefaults returns a copy with every option set.
func (e *Engine) withDefaults() *Engine {
	d := *e
	if d.Memory == 0 {
		d.Memory = defaultMemory
	}
	if d.Jobs == 0 {
		d.Jobs = runtime.GOMAXPROCS(0)
	}
	if d.MaxObject == 0 {
		d.MaxObject = defaultMaxObject
	}
	d.MaxObject = min(d.MaxObject, d.Memory/4)
	if d.MaxFileRows == 0 {
		d.MaxFileRows = defaultMaxFileRows
	}
	d.Lake = d.Lake.WithTempDir(d.TempDir)
	if d.Progress == nil {
		d.Progress = new(Progress)
	}
	return &d
}

// The memory of a run: a half for rows waiting to be merged, then for merging; a
// quarter for inflated objects; a sixteenth for objects fetched and not yet
// inflated. The rest is the runtime's.

// overshoot is how far a worker's rows may pass their share, since an object
// goes in whole: about what those of a full-sized object take.
const overshoot = 32 << 20

// maxBuffer is what a worker holds in rows however much there is for it: rows are read
// in the order of their keys, and the more memory they lie in, the longer each takes.
const maxBuffer = 96 << 20

// bufferBytes is what each worker may hold in rows before it spills.
func (e *Engine) bufferBytes() int64 {
	if e.spillAt > 0 {
		return e.spillAt
	}
	return min(e.bufferShare(), maxBuffer)
}

// restBytes is what each worker may keep of rows in memory when there are no more.
func (e *Engine) restBytes() int64 {
	if e.spillAt > 0 {
		return e.spillAt / 2
	}
	return e.bufferShare() / 2
}

func (e *Engine) bufferShare() int64 {
	jobs := int64(e.Jobs)
	return (e.Memory/2 - min(e.Memory/4, overshoot*jobs)) / jobs
}

// inflateBytes bounds the inflated objects held at a time, all workers together.
func (e *Engine) inflateBytes() int64 { return e.Memory / 4 }

// fetchBytes bounds the stored bytes in flight.
func (e *Engine) fetchBytes() int64 { return e.Memory / 16 }

// A wave is the part of a run that is merged and committed together. It ends
// where its ledger entries would take more than a share of the memory, or where
// so much has been read that losing it to a crash would hurt.
const waveBytes = 64 << 30

// waveObjects is how many objects a wave takes. Each costs some 700 bytes until the
// commit: its ledger row, whose texts are half of that, and its account. That makes
// a sixth of the memory.
func (e *Engine) waveObjects() int64 { return max(e.Memory>>12, 1) }

// quarantineBytes is how much of records that make no sense a wave takes, which are
// kept in memory too. An object goes in whole.
func (e *Engine) quarantineBytes() int64 { return e.Memory / 32 }

// quarantineRow is what a record in quarantine costs beside its bytes.
const quarantineRow = 64
