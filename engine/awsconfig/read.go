package awsconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Types of items that are read.
const (
	typeTable      = "AWS::DynamoDB::Table"
	typeCompliance = "AWS::Config::ResourceCompliance"
)

// MaxItem bounds the JSON of an item of ours: tables have some kilobytes, resources of
// other kinds may have megabytes.
const MaxItem = 1 << 20

// Sink takes what a file holds.
type Sink interface {
	// Item takes a row. It shares no memory with the file.
	Item(schema.ConfigItem) error
	// Quarantine takes an item that makes no sense. raw is a view into the file.
	Quarantine(index int32, reason string, raw []byte) error
}

// Summary counts a file's items: Items = InScope + OutOfScope + Quarantined. An item in
// scope gives one row, one for each rule where it is about rules, or none where these say
// nothing of a table.
type Summary struct {
	Items, InScope, OutOfScope, Quarantined int64
	// First and Last are the times of those in scope, microseconds since 1970.
	First, Last int64
}

// ErrNoItems is a file without a list of configuration items.
var ErrNoItems = errors.New("no configurationItems: this is no file of AWS Config")

// Read reads a file. Its error is about the file as a whole, or the sink's own; then what
// the sink was given is to be dropped.
func Read(data []byte, sink Sink) (Summary, error) {
	r := reader{sink: sink, json: json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))}
	err := r.file()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return r.sum, err
}

type reader struct {
	sink  Sink
	json  *json.Decoder
	sum   Summary
	found bool // the list
}

// file reads the one object that a file is.
func (r *reader) file() error {
	if err := r.open('{'); err != nil {
		return err
	}
	for r.json.More() {
		name, err := r.json.Token()
		if err != nil {
			return err
		}
		if text, _ := name.(string); strings.EqualFold(text, "configurationItems") {
			err = r.items()
		} else {
			var other json.RawMessage
			err = r.json.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.json.Token(); err != nil {
		return err
	}
	if _, err := r.json.Token(); err != io.EOF {
		return errors.New("more follows after the JSON")
	}
	if !r.found {
		return ErrNoItems
	}
	return nil
}

func (r *reader) open(want json.Delim) error {
	t, err := r.json.Token()
	if err != nil {
		return err
	}
	if t != want {
		return ErrNoItems
	}
	return nil
}

// items reads the list.
func (r *reader) items() error {
	if err := r.open('['); err != nil {
		return err
	}
	r.found = true
	for r.json.More() {
		var raw json.RawMessage
		if err := r.json.Decode(&raw); err != nil {
			return err
		}
		if err := r.one(raw); err != nil {
			return err
		}
	}
	_, err := r.json.Token()
	return err
}

// one takes an item in, or says why not.
func (r *reader) one(raw []byte) error {
	index := r.sum.Items
	r.sum.Items++
	var kind struct{ ResourceType any }
	if err := json.Unmarshal(raw, &kind); err != nil {
		return r.quarantine(index, "the item is no JSON object", raw)
	}
	is, ok := kind.ResourceType.(string)
	switch {
	case !ok || is == "":
		return r.quarantine(index, "the item names no resourceType", raw)
	case is != typeTable && is != typeCompliance:
		r.sum.OutOfScope++
		return nil
	case len(raw) > MaxItem:
		return r.quarantine(index, fmt.Sprintf("the item has %d bytes; at most %d are read", len(raw), MaxItem), raw)
	}
	rows, ours, err := rowsOf(is, raw)
	switch {
	case err != nil:
		return r.quarantine(index, err.Error(), raw)
	case !ours:
		r.sum.OutOfScope++
		return nil
	}
	r.sum.InScope++
	for i := range rows {
		rows[i].SourceIndex = int32(index)
		if r.sum.First == 0 || rows[i].CapturedAt < r.sum.First {
			r.sum.First = rows[i].CapturedAt
		}
		r.sum.Last = max(r.sum.Last, rows[i].CapturedAt)
		if err := r.sink.Item(rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) quarantine(index int64, reason string, raw []byte) error {
	r.sum.Quarantined++
	return r.sink.Quarantine(int32(index), reason, raw)
}
