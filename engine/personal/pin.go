package personal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Why a lake's keys cannot be written or asked for. Test with errors.Is.
var (
	ErrNoSecret = errors.New("the keys in this lake are tokens, and their secret was not given")
	ErrWrong    = errors.New("not the secret of this lake")
	ErrPinned   = errors.New("a lake's key modes cannot change")
	ErrDropped  = errors.New("the keys of this table are not kept in this lake")
)

// pinVersion is the form of a pin, and of tokens.
const pinVersion = 1

// Pin is what a lake has settled for good: the modes of its tables, and its epochs. It
// has nothing of a secret but a check value, by which others are told from it.
type Pin struct {
	Version int           `json:"version"`
	Modes   Modes         `json:"modes"`
	Epochs  []PinnedEpoch `json:"epochs,omitempty"` // in the order of their days; the first is number 1
}

// PinnedEpoch is the days from one on whose tokens are made with one secret.
type PinnedEpoch struct {
	From  string `json:"from,omitempty"` // event day, YYYY-MM-DD; empty in the first: since ever
	Check string `json:"check"`
	// Destroyed says that the secret is no more. Rows of these days that come late are
	// kept without their keys.
	Destroyed bool `json:"destroyed,omitempty"`
}

// ParsePin reads what [Pin.Text] writes.
func ParsePin(data []byte) (*Pin, error) {
	var p Pin
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, err
	}
	if p.Version > pinVersion {
		return nil, fmt.Errorf("it has version %d, and this program knows %d: upgrade keytrail", p.Version, pinVersion)
	}
	for i, e := range p.Epochs {
		check, err := hex.DecodeString(e.Check)
		day, dayErr := schema.ParseDay(e.From)
		switch {
		case err != nil || len(check) != checkBytes:
			return nil, fmt.Errorf("epoch %d has no check value", i+1)
		case i == 0 && e.From != "", i > 0 && (dayErr != nil || schema.DayString(day) != e.From), i > 0 && e.From <= p.Epochs[i-1].From:
			return nil, fmt.Errorf("epoch %d begins on %q", i+1, e.From)
		}
	}
	if p.Version < 1 || p.Modes.Uses(HMAC) != (len(p.Epochs) > 0) {
		return nil, fmt.Errorf("it has version %d, and %d epochs", p.Version, len(p.Epochs))
	}
	return &p, nil
}

// Text is the pin as a lake keeps it.
func (p *Pin) Text() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // of names and numbers
	}
	return append(text, '\n')
}

// Change is what a run adds to a lake's pin. Rows already there may stand against it.
type Change struct {
	First   bool   // the lake had no pin: it must have no rows
	NewFrom string // first event day of the new epochs: from then on it must have no rows
}

// Any reports whether the pin has to be written.
func (c Change) Any() bool { return c.First || c.NewFrom != "" }

// Settle is the pin that a lake is to have, given the one it has, nil for none, and what a
// run says: modes, nil when it says nothing of them, and secrets. A nil pin is for a lake
// whose keys stay as logged.
func Settle(pinned *Pin, modes *Modes, secrets []Secret) (*Pin, Change, error) {
	if pinned == nil {
		pin, err := firstPin(modes, secrets)
		return pin, Change{First: pin != nil}, err
	}
	if modes != nil && !slices.Equal(modes.Strings(), pinned.Modes.Strings()) {
		return nil, Change{}, fmt.Errorf("%w: this one keeps keys as %s, and %s was asked for: leave --key-mode out, or ingest into a new lake",
			ErrPinned, said(pinned.Modes), said(*modes))
	}
	return pinned.extend(secrets)
}

func said(m Modes) string { return strings.Join(m.Strings(), ", ") }

func firstPin(modes *Modes, secrets []Secret) (*Pin, error) {
	if modes == nil || modes.Strictest() == Plain {
		if len(secrets) > 0 {
			return nil, errors.New("--key-secret is for lakes with tokens: say which tables have them, with --key-mode hmac or --key-mode GLOB=hmac")
		}
		return nil, nil
	}
	pin := &Pin{Version: pinVersion, Modes: *modes}
	switch {
	case !modes.Uses(HMAC) && len(secrets) > 0:
		return nil, errors.New("--key-secret is for tables in mode hmac, and there is none")
	case modes.Uses(HMAC) && len(secrets) == 0:
		return nil, errors.New("--key-mode hmac needs a secret: name it with --key-secret file:PATH, env:NAME or kms:PATH")
	}
	for _, s := range byDay(secrets) {
		if err := pin.add(s); err != nil {
			return nil, err
		}
	}
	return pin, nil
}

func byDay(secrets []Secret) []Secret {
	return slices.SortedStableFunc(slices.Values(secrets), func(a, b Secret) int { return strings.Compare(a.ref.From, b.ref.From) })
}

// add adds the epoch of a secret, which comes after those there are.
func (p *Pin) add(s Secret) error {
	from := s.ref.From
	switch n := len(p.Epochs); {
	case n == 0 && from != "":
		return fmt.Errorf("secret %s is for the days from %s on, and none is for those before: give the first one without a day", s, from)
	case n > 0 && from == p.Epochs[n-1].From:
		return fmt.Errorf("secret %s: another one is for the same days: give each but the first the day from which on it is used, as 2026-04-01=%s", s, SecretRef{kind: s.ref.kind, at: s.ref.at})
	case slices.ContainsFunc(p.Epochs, func(e PinnedEpoch) bool { return e.Check == s.check }):
		return fmt.Errorf("secret %s is the same as that of another epoch, so it would part nothing", s)
	}
	p.Epochs = append(p.Epochs, PinnedEpoch{From: from, Check: s.check})
	return nil
}

// extend takes the secrets of a run: those of all epochs, and any for days to come.
func (p *Pin) extend(secrets []Secret) (*Pin, Change, error) {
	if len(p.Epochs) == 0 && len(secrets) > 0 {
		return nil, Change{}, fmt.Errorf("%w: this one has no tokens (%s), so leave --key-secret out", ErrPinned, said(p.Modes))
	}
	next := *p
	next.Epochs = slices.Clone(p.Epochs)
	var change Change
	known := map[string]bool{}
	for _, s := range byDay(secrets) {
		known[s.check] = true
		at, err := p.find(s)
		if err != nil {
			return nil, Change{}, err
		}
		if at >= 0 {
			continue
		}
		if err := next.add(s); err != nil {
			return nil, Change{}, err
		}
		if change.NewFrom == "" {
			change.NewFrom = s.ref.From
		}
	}
	for i, e := range p.Epochs {
		if !e.Destroyed && !known[e.Check] {
			return nil, Change{}, fmt.Errorf("%w: give that of epoch %d (%s) with --key-secret", ErrNoSecret, i+1, p.days(i))
		}
	}
	return &next, change, nil
}

// find is the place of a secret's epoch, -1 when it is for days after all that are
// pinned.
func (p *Pin) find(s Secret) (int, error) {
	at := slices.IndexFunc(p.Epochs, func(e PinnedEpoch) bool { return e.Check == s.check })
	last := p.Epochs[len(p.Epochs)-1].From
	switch {
	case at >= 0 && (s.ref.From == "" || s.ref.From == p.Epochs[at].From):
		return at, nil
	case at >= 0:
		return 0, fmt.Errorf("%w: secret %s is that of epoch %d (%s), whose days cannot be others now", ErrPinned, s, at+1, p.days(at))
	case s.ref.From == "" || slices.ContainsFunc(p.Epochs, func(e PinnedEpoch) bool { return e.From == s.ref.From }):
		return 0, fmt.Errorf("%w: %s is none that its tokens were made with: check the file or variable; a new one is given with the day from which on it is to be used", ErrWrong, s)
	case s.ref.From < last:
		return 0, fmt.Errorf("%w: secret %s would be for days from %s on, and the last epoch begins on %s: choose a later day", ErrPinned, s, s.ref.From, last)
	}
	return -1, nil
}

// days says which days an epoch has.
func (p *Pin) days(i int) string {
	from, to := p.Epochs[i].From, ""
	if i+1 < len(p.Epochs) {
		to = p.Epochs[i+1].From
	}
	switch {
	case from == "" && to == "":
		return "all days"
	case from == "":
		return "days before " + to
	case to == "":
		return "days from " + from + " on"
	}
	return "days from " + from + " to before " + to
}
