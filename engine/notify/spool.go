package notify

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Spool is a directory with the messages that could not be sent, one file each, named
// by route, run and content. What no channel takes stays there for a person to see: a message that
// was refused, or is too old to be news, ends in ".dead" and is never sent by itself.
type Spool struct {
	Dir  string
	Keep time.Duration    // how long a message is tried; 0: a week
	Now  func() time.Time // nil: time.Now
}

type spooled struct {
	path    string
	message *Message
}

const spoolKeep = 7 * 24 * time.Hour

// add puts a message into the spool, for the next run to send.
func (s *Spool) add(route string, m *Message) error { return s.put(route, m, "") }

// addDead puts a message where a person finds it and nobody sends it.
func (s *Spool) addDead(route string, m *Message) error { return s.put(route, m, dead) }

const dead = ".dead"

func (s *Spool) put(route string, m *Message, ending string) error {
	if s == nil || s.Dir == "" {
		return errors.New("there is no spool")
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data) // a run that is repeated may have more to say
	name := fmt.Sprintf("%s.%s.%x.json%s", fileName(route), fileName(m.RunID), sum[:4], ending)
	part, err := os.CreateTemp(s.Dir, ".part-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	_, err = part.Write(data)
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), filepath.Join(s.Dir, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("spool: %w", err), os.Remove(part.Name()))
	}
	return nil
}

// waiting are the messages of a route, in order of their runs. With an error, they are
// those that could be read: another's fault is no reason to hold them back.
func (s *Spool) waiting(route string) (all []spooled, err error) {
	if s == nil || s.Dir == "" {
		return nil, nil
	}
	files, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), fileName(route)+".") || !strings.HasSuffix(f.Name(), ".json") {
			continue
		}
		one := spooled{path: filepath.Join(s.Dir, f.Name()), message: new(Message)}
		data, rerr := os.ReadFile(one.path)
		if errors.Is(rerr, fs.ErrNotExist) {
			continue // another run has just sent it
		}
		if rerr != nil {
			err = errors.Join(err, fmt.Errorf("spool: %w", rerr))
			continue
		}
		if json.Unmarshal(data, one.message) != nil || s.now().Sub(one.message.At) > s.keep() {
			err = errors.Join(err, s.bury(one))
			continue
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b spooled) int { return a.message.At.Compare(b.message.At) })
	return all, err
}

// bury leaves a message for a person.
func (s *Spool) bury(one spooled) error {
	if err := os.Rename(one.path, one.path+dead); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// Dead is how many messages nobody will send any more.
func (s *Spool) Dead() int {
	if s == nil || s.Dir == "" {
		return 0
	}
	files, err := os.ReadDir(s.Dir)
	if err != nil {
		return 0
	}
	return len(slices.DeleteFunc(files, func(f fs.DirEntry) bool { return !strings.HasSuffix(f.Name(), dead) }))
}

// Check reports whether messages can be put into the spool, which it makes if need be.
func (s *Spool) Check() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	part, err := os.CreateTemp(s.Dir, ".part-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return errors.Join(part.Close(), os.Remove(part.Name()))
}

func (s *Spool) remove(one spooled) error {
	if err := os.Remove(one.path); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

func (s *Spool) keep() time.Duration {
	if s.Keep > 0 {
		return s.Keep
	}
	return spoolKeep
}

func (s *Spool) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// fileName is text as part of a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, s)
}
