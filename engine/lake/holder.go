package lake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Holder is who holds a lease: the content of _keytrail/lease.json.
type Holder struct {
	ID       string    `json:"id"` // random, of this one lease
	Host     string    `json:"host"`
	PID      int       `json:"pid"`
	Machine  string    `json:"machine,omitempty"` // the booted system and process namespace in which PID means something
	Started  string    `json:"started,omitempty"` // when the process began, in the machine's own counting: PIDs are used again
	Command  string    `json:"command"`
	Acquired time.Time `json:"acquired"`
	Expires  time.Time `json:"expires"`
}

// LeasedError says that somebody else holds a lake's lease. It is [ErrLeased].
type LeasedError struct {
	Lake   string
	Holder Holder
}

func (e *LeasedError) Error() string {
	h := e.Holder
	return fmt.Sprintf("%s: %v: process %d on %s (%s), since %s: wait for it to end; "+
		"if it is dead, its lease runs out at %s, and --break-lease takes it over at once",
		e.Lake, ErrLeased, h.PID, h.Host, h.Command,
		h.Acquired.Format(time.RFC3339), h.Expires.Format(time.RFC3339))
}

// Unwrap makes errors.Is(err, ErrLeased) true.
func (e *LeasedError) Unwrap() error { return ErrLeased }

// maxCommand bounds the command line told to others.
const maxCommand = 300

// self is this process as a holder, with a new ID.
func self(command string) Holder {
	if command == "" {
		command = strings.Join(os.Args, " ")
	}
	if len(command) > maxCommand {
		command = strings.ToValidUTF8(command[:maxCommand], "") + "…"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	pid := os.Getpid()
	started, _ := processStart(pid)
	return Holder{ID: rand.Text(), Host: host, PID: pid, Machine: machine(), Started: started, Command: command}
}

// expired reports that h's time is over.
func (h Holder) expired(now time.Time) bool { return !now.Before(h.Expires) }

// gone reports that h's process has certainly ended. That can only be known where
// its PID means the same thing as here: a host's name is not enough, containers
// share names and PIDs.
func (h Holder) gone() bool {
	if h.Machine == "" || h.Machine != machine() || h.PID <= 0 {
		return false
	}
	started, alive := processStart(h.PID)
	return !alive || started != "" && h.Started != "" && started != h.Started
}

// file is h as stored.
func (h Holder) file() ([]byte, error) {
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode lease: %w", err)
	}
	return append(data, '\n'), nil
}

// leaseHolder reads who holds the lease of a key; [object.ErrNotExist] when nobody does. The
// ETag is set whenever there is a file, even one that makes no sense.
func (l *Lake) leaseHolder(ctx context.Context, key string) (Holder, string, error) {
	const hint = "if no other run is writing to this lake, delete the file, or pass --break-lease"
	data, info, err := l.readAll(ctx, key, maxJSON, hint)
	if err != nil {
		return Holder{}, info.ETag, err
	}
	var h Holder
	err = json.Unmarshal(data, &h)
	if err == nil && (h.ID == "" || h.Expires.IsZero()) {
		err = errors.New("it names no holder")
	}
	if err != nil {
		return Holder{}, info.ETag, corrupt(key, hint, err)
	}
	return h, info.ETag, nil
}

// stamp is a time as leases show it.
func stamp(t time.Time) time.Time { return t.UTC().Round(time.Millisecond) }
