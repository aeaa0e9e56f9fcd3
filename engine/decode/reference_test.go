package decode_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/keytrail/keytrail/engine/decode"
	"github.com/keytrail/keytrail/schema"
)

// The reference decoder: the same rules as [decode.Decoder], written for reading instead
// of speed, on encoding/json and an ordered tree. It shares nothing with the
// decoder but package schema. Where the two differ one of them is wrong.

// outcome is all that decoding an object gives.
type outcome struct {
	touches     []schema.Touch
	quarantined []quarantined
	summary     decode.Summary
	err         error
}

type quarantined struct {
	index  int32
	reason string
	raw    string
}

// reference decodes data with the reference decoder.
func reference(limits decode.Limits, object string, data []byte) outcome {
	r := &refDecoder{limits: limits, object: object}
	err := r.decode(data)
	if err == nil && !r.sawRecords {
		err = decode.ErrNoRecords
	}
	out := r.out
	out.err = err
	out.summary.Kind = r.kind()
	return out
}

type refDecoder struct {
	limits     decode.Limits
	object     string
	out        outcome
	next       int32 // index of the next record
	sawRecords bool  // a record, or a Records wrapper without any
	sawDigest  bool
	insights   int64
	others     int64 // records that are not Insight records
}

func (r *refDecoder) kind() string {
	switch {
	case !r.sawRecords && r.sawDigest:
		return decode.KindDigest
	case !r.sawRecords:
		return decode.KindForeign
	case r.insights > 0 && r.others == 0:
		return decode.KindInsight
	}
	return decode.KindCloudTrail
}

func (r *refDecoder) decode(data []byte) error {
	data = validUTF8(bytes.TrimPrefix(data, []byte("\uFEFF")))
	if len(bytes.Trim(data, " \t\r\n")) == 0 {
		return decode.ErrSyntax
	}
	if err := checkDepth(data, r.limits.Depth); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		if err := r.nextValue(dec, data); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// nextValue takes the next value of the input: an array element by element, so that what
// is wrong with one is seen before what is wrong after it. At the end of the input
// it returns [io.EOF].
func (r *refDecoder) nextValue(dec *json.Decoder, data []byte) error {
	rest := bytes.TrimLeft(data[dec.InputOffset():], ", \t\r\n")
	if !bytes.HasPrefix(rest, []byte("[")) {
		var raw json.RawMessage
		if err := dec.Decode(&raw); errors.Is(err, io.EOF) {
			return err
		} else if err != nil {
			return errors.Join(decode.ErrSyntax, err)
		}
		return r.value(parseNode(raw))
	}
	if _, err := dec.Token(); err != nil {
		return errors.Join(decode.ErrSyntax, err)
	}
	for dec.More() {
		if err := r.nextValue(dec, data); errors.Is(err, io.EOF) {
			return decode.ErrSyntax // cut within the array
		} else if err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return decode.ErrSyntax
	}
	return nil
}

// validUTF8 replaces each byte that is not part of a valid character.
func validUTF8(data []byte) []byte {
	if utf8.Valid(data) {
		return data
	}
	var valid []byte
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		valid = utf8.AppendRune(valid, c)
		data = data[size:]
	}
	return valid
}

// checkDepth fails when a bracket opens too deep, unless the text before it is
// already broken: then decoding will say so.
func checkDepth(data []byte, limit int) error {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			if depth > limit && cutShort(data[:i+1]) {
				return decode.ErrTooDeep
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// cutShort reports whether data is the beginning of valid JSON.
func cutShort(data []byte) bool {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
}

// value takes one top-level value, or one element of a top-level array.
func (r *refDecoder) value(n *node) error {
	switch {
	case !n.is(kindObject):
		return r.notAnObject(n.raw)
	case n.get("Records") != nil:
		return r.wrapper(n)
	case bareRecord(n):
		return r.record(n)
	case n.get("detail-type") != nil && n.get("detail").is(kindObject):
		return r.record(n.get("detail"))
	case n.get("logEvents").is(kindArray):
		if n.get("messageType").str() == "CONTROL_MESSAGE" {
			return nil
		}
		return r.embedded(n.get("logEvents"), "message")
	case n.get("Events").is(kindArray):
		return r.embedded(n.get("Events"), "CloudTrailEvent")
	case n.get("digestS3Object") != nil, n.get("digestEndTime") != nil:
		r.sawDigest = true
	}
	return nil
}

// wrapper takes an object with a member "Records", however spelled. A list of
// records is handed out when it is met, so a member of that name after it cannot
// win as the last of doubled members does elsewhere: such an object is refused.
func (r *refDecoder) wrapper(n *node) error {
	exact, walked := false, false
	for _, m := range n.members {
		if lower(m.name) != "records" {
			continue
		}
		if walked {
			return fmt.Errorf("%w: a second list of records", decode.ErrSyntax)
		}
		if m.value.is(kindArray) && (m.name == "Records" || !exact) {
			walked, r.sawRecords = true, true
			for _, e := range m.value.elems {
				if err := r.record(e); err != nil {
					return err
				}
			}
		}
		exact = exact || m.name == "Records"
	}
	return nil
}

func bareRecord(n *node) bool {
	return n.get("eventName") != nil || n.get("eventSource") != nil || n.get("insightDetails") != nil ||
		n.get("eventVersion") != nil && n.get("userIdentity") != nil
}

// embedded takes records that stand as JSON text in a member of each element.
func (r *refDecoder) embedded(list *node, name string) error {
	for _, e := range list.elems {
		text := e.get(name)
		if !text.is(kindText) {
			if err := r.notAnObject(e.raw); err != nil {
				return err
			}
			continue
		}
		raw := []byte(text.text)
		if err := checkDepth(raw, r.limits.Depth); err != nil {
			return err
		}
		if !json.Valid(raw) {
			if err := r.notAnObject(raw); err != nil {
				return err
			}
			continue
		}
		if err := r.record(parseNode(bytes.Trim(raw, " \t\r\n"))); err != nil {
			return err
		}
	}
	return nil
}

func (r *refDecoder) notAnObject(raw []byte) error {
	return r.quarantine("record is not an object", raw)
}

func (r *refDecoder) quarantine(reason string, raw []byte) error {
	r.out.quarantined = append(r.out.quarantined, quarantined{r.next, reason, string(raw)})
	r.out.summary.Records++
	r.out.summary.Quarantined++
	r.next++
	return nil
}
