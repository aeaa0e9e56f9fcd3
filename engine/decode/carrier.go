package decode

import (
	"errors"
	"fmt"
	"unsafe"
)

// Members that tell what a top-level object is.
const (
	topDetailType = iota
	topDetail
	topLogEvents
	topMessageType
	topEvents
	topEventName
	topEventSource
	topEventVersion
	topUserIdentity
	topInsightDetails
	topDigestObject
	topDigestEnd
	topCount
)

var topNames = newDictionary([]string{
	topDetailType:     "detail-type",
	topDetail:         "detail",
	topLogEvents:      "logEvents",
	topMessageType:    "messageType",
	topEvents:         "Events",
	topEventName:      "eventName",
	topEventSource:    "eventSource",
	topEventVersion:   "eventVersion",
	topUserIdentity:   "userIdentity",
	topInsightDetails: "insightDetails",
	topDigestObject:   "digestS3Object",
	topDigestEnd:      "digestEndTime",
})

// topObject takes the object at i, which stands alone or in an array, and returns
// where it ends. Its members are laid out one by one, so that an array of records
// among them can be walked without laying out all of it.
func (d *Decoder) topObject(i, depth int) (int, error) {
	t := &d.tape
	if depth++; depth > d.limits.Depth {
		return i, tooDeep(d.limits.Depth, i)
	}
	t.clear()
	t.toks = append(t.toks, token{start: uint32(i), kind: kindObject})
	var (
		walked bool // an array of records has been handed out
		exact  bool // the object has a member spelled "Records"
		folded bool // or one like it
		err    error
	)
	i = skipSpace(t.data, i+1)
	if i < len(t.data) && t.data[i] == '}' {
		t.close(1, i+1)
		return i + 1, nil
	}
	for {
		name := len(t.toks)
		if i, err = t.scanName(i, depth); err != nil {
			return i, err
		}
		isRecords := false
		switch s := t.str(name); {
		case !equalFold(s, "Records"):
		case walked:
			// Too late to prefer this one, and unclear which is meant.
			d.refuse(fmt.Errorf("%w: a second list of records at byte %d", ErrSyntax, i))
		default:
			isArray := i < len(t.data) && t.data[i] == '['
			isRecords = isArray && (s == "Records" || !exact)
			exact = exact || s == "Records"
			folded = true
		}
		if isRecords {
			walked = true
			i, err = d.records(i, depth)
		} else {
			i, err = t.scan(i, depth)
		}
		if err != nil {
			return i, err
		}
		if walked {
			t.clear() // the other members say nothing more
		}
		i = skipSpace(t.data, i)
		if i < len(t.data) && t.data[i] == '}' {
			break
		}
		if i == len(t.data) || t.data[i] != ',' {
			return i, unexpected(t.data, i)
		}
		i = skipSpace(t.data, i+1)
	}
	if folded {
		return i + 1, nil
	}
	t.close(1, i+1)
	return i + 1, d.carried()
}

// records takes the array of records at i and returns where it ends.
func (d *Decoder) records(i, depth int) (int, error) {
	data := d.tape.data
	d.sawRecords = true
	if depth++; depth > d.limits.Depth {
		return i, tooDeep(d.limits.Depth, i)
	}
	if i = skipSpace(data, i+1); i < len(data) && data[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = d.element(i, depth); err != nil {
			return i, err
		}
		i = skipSpace(data, i)
		switch {
		case i < len(data) && data[i] == ',':
			i++
		case i < len(data) && data[i] == ']':
			return i + 1, nil
		default:
			return i, unexpected(data, i)
		}
	}
}

// element takes one record at i, within depth arrays and objects.
func (d *Decoder) element(i, depth int) (int, error) {
	d.arena.reset()
	t := &d.tape
	t.clear()
	if i = skipSpace(t.data, i); i < len(t.data) && t.data[i] == '{' {
		end, err := d.layout(i, depth)
		if err != nil {
			return end, err
		}
		return end, d.taken()
	}
	end, err := t.scan(i, depth)
	if err != nil {
		return end, err
	}
	return end, d.notAnObject(t.raw(1))
}

// carried takes the object on the tape, which has no list of records: a bare
// record, an envelope around one, or something else.
func (d *Decoder) carried() error {
	var top [topCount]place
	t := &d.tape
	d.arena.reset()
	t.fill(1, topNames, top[:])
	switch {
	case top[topEventName] != 0, top[topEventSource] != 0, top[topInsightDetails] != 0,
		top[topEventVersion] != 0 && top[topUserIdentity] != 0:
		return d.record(t, 1)
	case top[topDetailType] != 0 && t.isObject(top[topDetail].at()):
		return d.record(t, top[topDetail].at()) // EventBridge
	case t.isArray(top[topLogEvents].at()):
		if t.text(top[topMessageType].at()) == "CONTROL_MESSAGE" {
			return nil
		}
		return d.embedded(top[topLogEvents].at(), "message") // CloudWatch Logs
	case t.isArray(top[topEvents].at()):
		return d.embedded(top[topEvents].at(), "CloudTrailEvent") // LookupEvents
	case top[topDigestObject] != 0, top[topDigestEnd] != 0:
		d.sawDigest = true
	}
	return nil
}

// embedded takes records that stand as JSON text in the named member of each
// element of an array.
func (d *Decoder) embedded(list int, name string) error {
	t, c := &d.tape, &d.carrier
	c.data, c.src = t.data, t.src
	c.toks, t.toks = t.toks, c.toks
	defer func() { t.data, t.src = c.data, c.src }()

	for i, end := list+1, c.next(list); i < end; i = c.next(i) {
		d.messages.reset()
		var err error
		if text := c.member(i, name); c.kind(text) == kindString {
			err = d.message(c.str(text))
		} else {
			err = d.notAnObject(c.raw(i))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// message takes a text that should be one record.
func (d *Decoder) message(text string) error {
	t := &d.tape
	t.load(unsafe.Slice(unsafe.StringData(text), len(text))) // only read
	end, err := t.scan(0, 0)
	switch {
	case errors.Is(err, ErrTooDeep), errors.Is(err, ErrTooLarge):
		d.refuse(err)
		return nil
	case err != nil, skipSpace(t.data, end) < len(t.data):
		return d.notAnObject(t.data)
	}
	return d.record(t, 1)
}
