package decode

import (
	"errors"
	"sync"
)

// Limits bound what one object may ask of a [Decoder]. The zero value of a field
// means its default.
type Limits struct {
	Depth   int // nested arrays and objects, counted from the top of a JSON text; default 512
	Touches int // touches of one record; a record with more is quarantined; default 10,000

	// Wide is held while an object is decoded that has a record of more values than
	// CloudTrail ever wrote, from when it is met: such a record takes up to 64 MiB.
	// Decoders that share it take that once. Nil for none.
	Wide sync.Locker
}

// Defaults of [Limits].
const (
	DefaultDepth   = 512
	DefaultTouches = 10_000
)

// maxTokens bounds the tape of one record: 4 Mi tokens of 16 bytes. CloudTrail
// limits a record to 256 KB (1 MB in event data stores), a fraction of this.
const maxTokens = 1 << 22

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = DefaultDepth
	}
	if l.Touches <= 0 {
		l.Touches = DefaultTouches
	}
	return l
}

// Why an object could not be decoded. Test with errors.Is.
var (
	// ErrSyntax: not JSON, or cut off. The error names the byte.
	ErrSyntax = errors.New("not valid JSON")
	// ErrTooDeep: arrays and objects nested deeper than [Limits.Depth].
	ErrTooDeep = errors.New("JSON nested too deep")
	// ErrTooLarge: one record of more JSON values than fit in memory's budget, or
	// an object of 4 GiB or more.
	ErrTooLarge = errors.New("JSON value too large")
	// ErrNoRecords: valid JSON, but no CloudTrail records in it.
	ErrNoRecords = errors.New("no CloudTrail records")
)
