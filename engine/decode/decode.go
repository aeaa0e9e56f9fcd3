package decode

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/keytrail/keytrail/schema"
)

// Decoder turns objects into touches. It keeps its buffers from one object to
// the next; it is not for concurrent use.
type Decoder struct {
	limits Limits

	sink   Sink
	object string
	sum    Summary

	sawRecords bool  // a record, or a Records wrapper without any
	sawDigest  bool  // an integrity digest
	refused    error // why the object is no good, though it may be JSON to its end
	insights   int64 // records that are Insights
	others     int64 // records that are not

	tape     tape // the record being read, or what carries it
	arena    arena
	carrier  tape  // a carrier whose records are JSON text inside it
	messages arena // that text, which outlives the record in it

	order   memberOrder
	memos   *memos
	unknown caller // the record's, if it is not remembered
	rec     record
	touch   schema.Touch // what all touches of the record share, then each in turn
	reaches []reach      // the record's touches to be
	texts   []string     // their lists
	over    bool         // more touches than allowed
	wide    bool         // limits.Wide is held

	dropSecrets bool // from canonical text

	mentionsRead bool
	mentioned    []mentioned // tables the record mentions by ARN, once read
	last         tableRef    // the table known by name that was located last

	// Scratch.
	inner   params
	members []member
	frames  []frame
	tables  []tableRef
	found   []tableRef
	parser  parser
}

// New returns a Decoder.
func New(l Limits) *Decoder {
	d := &Decoder{limits: l.withDefaults(), memos: newMemos()}
	d.tape = tape{arena: &d.arena, depthLimit: d.limits.Depth, limit: keptTokens, beforeWide: d.widen}
	d.carrier = tape{arena: &d.messages, depthLimit: d.limits.Depth, limit: keptTokens, beforeWide: d.widen}
	d.parser.arena = &d.arena
	return d
}

// Decode walks one inflated object and hands its touches and quarantined records
// to sink. data must not change meanwhile; it is not kept.
//
// On an error the object counts as not read: whatever sink got of it is to be
// discarded. Errors are those of this package (see [ErrSyntax] and its
// neighbours) or the sink's own.
func (d *Decoder) Decode(objectName string, data []byte, sink Sink) (Summary, error) {
	d.sink, d.object = sink, objectName
	d.sum = Summary{}
	d.sawRecords, d.sawDigest, d.refused, d.insights, d.others = false, false, nil, 0, 0
	err := d.values(data)
	if err == nil {
		err = d.refused
	}
	if err == nil && !d.sawRecords {
		err = ErrNoRecords
	}
	d.sum.Kind = d.kind()
	d.release()
	return d.sum, err
}

// kind judges the object by what was found in it.
func (d *Decoder) kind() string {
	switch {
	case !d.sawRecords && d.sawDigest:
		return KindDigest
	case !d.sawRecords:
		return KindForeign
	case d.insights > 0 && d.others == 0:
		return KindInsight
	}
	return KindCloudTrail
}

// widen waits for its turn to take much memory.
func (d *Decoder) widen() {
	if d.limits.Wide != nil && !d.wide {
		d.limits.Wide.Lock()
		d.wide = true
	}
}

// release forgets the object and the memory that only an unusual one needs.
func (d *Decoder) release() {
	d.sink, d.object = nil, ""
	d.touch = schema.Touch{}
	d.rec = record{}
	d.unknown = caller{}
	d.arena.release()
	d.messages.release()
	d.tape.release()
	d.carrier.release()
	d.parser.release()
	d.reaches = kept(d.reaches)
	d.texts = kept(d.texts)
	d.tables = kept(d.tables)
	d.found = kept(d.found)
	d.mentioned = kept(d.mentioned)
	d.frames = kept(d.frames)
	d.last = tableRef{}
	d.members = kept(d.members)
	if d.wide {
		d.limits.Wide.Unlock()
		d.wide = false
	}
}

// kept is scratch space for the next object, unless it has grown large.
func kept[T any](scratch []T) []T {
	if cap(scratch) > 1<<14 {
		return nil
	}
	return scratch[:0]
}

// values takes the JSON values of an object, one after another; those in an array
// as if they stood alone.
func (d *Decoder) values(data []byte) error {
	if int64(len(data)) >= math.MaxUint32 {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !isASCII(data) && !utf8.Valid(data) {
		data = validUTF8(data)
	}
	d.tape.load(data)
	i := skipSpace(data, 0)
	if i == len(data) {
		return fmt.Errorf("%w: empty", ErrSyntax)
	}
	arrays := 0 // open around the value
	for {
		if i == len(data) {
			if arrays > 0 {
				return unexpected(data, i)
			}
			return nil
		}
		opened := false
		var err error
		switch data[i] {
		case '[':
			if arrays++; arrays > d.limits.Depth {
				return tooDeep(d.limits.Depth, i)
			}
			opened = true
			i++
		case '{':
			i, err = d.topObject(i, arrays)
		default:
			i, err = d.element(i, arrays)
		}
		if err != nil {
			return err
		}
		if i, arrays, err = betweenValues(data, i, arrays, opened); err != nil {
			return err
		}
		if arrays == 0 && errors.Is(d.refused, ErrTooDeep) {
			return d.refused
		}
	}
}

// refuse notes a reason against the object. One that is not JSON either fails for
// that.
func (d *Decoder) refuse(err error) {
	if d.refused == nil {
		d.refused = err
	}
}

// betweenValues moves from the end of a value, or from behind the bracket that
// opened an array, to the beginning of the next value.
func betweenValues(data []byte, i, arrays int, opened bool) (next, open int, err error) {
	for {
		i = skipSpace(data, i)
		switch {
		case i == len(data) || arrays == 0:
			return i, arrays, nil
		case data[i] == ']':
			arrays--
			i++
			opened = false
		case opened:
			return i, arrays, nil
		case data[i] == ',':
			if i = skipSpace(data, i+1); i < len(data) && data[i] == ']' {
				return i, arrays, unexpected(data, i)
			}
			return i, arrays, nil
		default:
			return i, arrays, unexpected(data, i)
		}
	}
}
