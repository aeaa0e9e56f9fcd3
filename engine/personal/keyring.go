package personal

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Keyring is a lake's pin with the secrets that are at hand. It is safe for concurrent
// use. A nil one is that of a lake whose keys are as logged.
type Keyring struct {
	pin    Pin
	epochs []epoch
}

// epoch is an epoch with the key of its tokens; nil when its secret is not there.
type epoch struct {
	first    int32  // day since 1970
	from, to string // both included; empty is open
	key      *epochKey
}

// Keyring opens the epochs whose secrets are given. They are told apart by themselves,
// whatever day they were given with: one that is of no epoch is an [ErrWrong].
func (p *Pin) Keyring(secrets []Secret) (*Keyring, error) {
	k := &Keyring{pin: *p}
	for i, e := range p.Epochs {
		one := epoch{from: e.From}
		if e.From != "" {
			one.first, _ = schema.ParseDay(e.From) // as ParsePin and ParseSecretRef saw to
			k.epochs[i-1].to = schema.DayString(one.first - 1)
		}
		for _, s := range secrets {
			if s.check != e.Check || e.Destroyed {
				continue
			}
			key, err := newEpochKey(i+1, s.bytes)
			if err != nil {
				return nil, err
			}
			one.key = &key
		}
		k.epochs = append(k.epochs, one)
	}
	for _, s := range secrets {
		if !k.pin.has(s) {
			return nil, fmt.Errorf("%w: no token in it was made with %s", ErrWrong, s)
		}
	}
	return k, nil
}

func (p *Pin) has(s Secret) bool {
	for _, e := range p.Epochs {
		if e.Check == s.check {
			return true
		}
	}
	return false
}

// Mode is what became of the keys of a table, either of whose names may be empty.
func (k *Keyring) Mode(name, arn string) Mode {
	if k == nil {
		return Plain
	}
	return k.pin.Modes.Of(name, arn)
}

// Dropped are the globs of the tables whose keys are not kept; "*" for those that have no
// other mode.
func (k *Keyring) Dropped() (globs []string) {
	if k == nil {
		return nil
	}
	if k.pin.Modes.Default == Drop {
		globs = append(globs, "*")
	}
	for _, t := range k.pin.Modes.Tables {
		if t.Mode == Drop {
			globs = append(globs, t.Tables)
		}
	}
	return globs
}

// of is the epoch of a day.
func (k *Keyring) of(day int32) int {
	at := 0
	for i := range k.epochs {
		if i > 0 && day >= k.epochs[i].first {
			at = i
		}
	}
	return at
}

// Spelling is how values of keys stand in the rows of some days.
type Spelling struct {
	FromDay, ToDay string // YYYY-MM-DD, both included; empty is open
	Epoch          int    // 0: as logged
	Values         []string
}

// Spellings are the ways in which the rows of a table, its name or ARN, may have some
// values of keys, on days from one to another, both included; each may be empty, for all.
// A row has all the values in one of the ways that its day is in.
//
// The error is [ErrNoSecret] when a secret is missing, and [ErrDropped] for a table whose
// keys are not kept. Of all tables those are left out: see [Keyring.Dropped].
func (k *Keyring) Spellings(table, fromDay, toDay string, values []string) (all []Spelling, err error) {
	if k == nil {
		return []Spelling{{Values: values}}, nil
	}
	possible := k.pin.Modes.possible(table)
	if possible[Plain] {
		all = append(all, Spelling{Values: values})
	}
	for i := range k.epochs {
		e := &k.epochs[i]
		if !possible[HMAC] || toDay != "" && e.from > toDay || e.to != "" && e.to < fromDay || k.pin.Epochs[i].Destroyed {
			continue
		}
		if e.key == nil {
			return nil, fmt.Errorf("%w: give that of epoch %d (%s) with --key-secret file:PATH, env:NAME or kms:PATH", ErrNoSecret, i+1, k.pin.days(i))
		}
		s := Spelling{FromDay: e.from, ToDay: e.to, Epoch: i + 1}
		h := e.key.hasher()
		for _, v := range values {
			s.Values = append(s.Values, h.token(v))
		}
		all = append(all, s)
	}
	switch {
	case len(all) > 0:
		return all, nil
	case possible[Drop]:
		return nil, fmt.Errorf("%w, so nobody can be found by them: ask for the table, an actor or a time", ErrDropped)
	}
	return nil, fmt.Errorf("%w: it was destroyed for %s, so nobody can be found by a key there", ErrNoSecret, k.Destroyed())
}

// Destroyed says which days' secrets are no more, so that nobody is found by a key there;
// empty when there are none.
func (k *Keyring) Destroyed() string {
	if k == nil {
		return ""
	}
	var days []string
	for i, e := range k.pin.Epochs {
		if e.Destroyed {
			days = append(days, k.pin.days(i))
		}
	}
	return strings.Join(days, ", ")
}
