package object

import (
	"errors"
	"fmt"
)

// Causes that callers tell apart. A store wraps them; test with errors.Is.
var (
	ErrNotExist = errors.New("no such object")
	// ErrChanged: the object was replaced while it was being read.
	ErrChanged = errors.New("object changed while being read")
	// ErrCondition: a put's [Condition] did not hold; nothing was written.
	ErrCondition = errors.New("object was written by somebody else")
	ErrDenied    = errors.New("access denied")
	// ErrArchived: the storage class needs a restore before it can be read.
	ErrArchived = errors.New("object is archived")
	// ErrNoStore: the bucket or directory itself is missing, so that no object
	// of it can be reached.
	ErrNoStore = errors.New("no such bucket or directory")
	// ErrCredentials: there are none, or they are expired or unknown. Unlike
	// [ErrDenied] it concerns every object of the store.
	ErrCredentials = errors.New("credentials not accepted")
	// ErrKey: the store cannot hold an object of that name.
	ErrKey = errors.New("not a usable object name")
)

// Error says which object could not be read or written, how far we got, and why.
type Error struct {
	Op      string // "list", "open", "inflate", "decode", "put" …
	Key     string
	Records int64  // records read before the fault
	Hint    string // what the user can do about it; may be empty
	Err     error  // also its Unwrap
}

func (e *Error) Error() string {
	msg := fmt.Sprintf("%s %q: %v", e.Op, e.Key, e.Err)
	if e.Records > 0 {
		msg += fmt.Sprintf(" (after %d records)", e.Records)
	}
	if e.Hint != "" {
		msg += ": " + e.Hint
	}
	return msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
