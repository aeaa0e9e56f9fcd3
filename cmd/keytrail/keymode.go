package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/awsclient"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/personal"
	"github.com/keytrail/keytrail/engine/personal/awskms"
	"github.com/keytrail/keytrail/queries"
)

// secretFlags say where the secrets are that a lake's tokens were made with.
type secretFlags struct{ secrets []string }

func (f *secretFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.secrets, "key-secret", nil, "where a secret is that keys in this lake are tokens of: file:PATH, env:NAME or kms:PATH (may be repeated)")
}

// refs parses the flags.
func (f *secretFlags) refs() (refs []personal.SecretRef, err error) {
	for _, text := range f.secrets {
		ref, err := personal.ParseSecretRef(text)
		if err != nil {
			return nil, usagef("--key-secret: %v", err)
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

// read fetches the secrets.
func (f *secretFlags) read(ctx context.Context) (secrets []personal.Secret, err error) {
	refs, err := f.refs()
	if err != nil {
		return nil, err
	}
	o := s3Options(ctx)
	kms := awskms.New(awsclient.Options{Profile: o.Profile, Region: o.Region, RoleARN: o.RoleARN, ExternalID: o.ExternalID})
	for _, ref := range refs {
		secret, err := ref.Read(ctx, kms)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, secret)
	}
	return secrets, nil
}

// keyring opens what a lake has pinned of its keys with the secrets given, some of which
// may be missing. It is nil for a lake whose keys are as logged.
func (f *secretFlags) keyring(ctx context.Context, l *lake.Lake) (*personal.Keyring, error) {
	secrets, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	pin, _, err := keyPin(ctx, l)
	switch {
	case err != nil:
		return nil, err
	case pin == nil && len(secrets) > 0:
		return nil, errors.New("the keys in this lake are as they were logged: leave --key-secret out")
	case pin == nil:
		return nil, nil
	}
	return pin.Keyring(secrets)
}

// keyPin is what a lake has pinned of its keys, nil when it has not.
func keyPin(ctx context.Context, l *lake.Lake) (pin *personal.Pin, etag string, err error) {
	text, etag, err := l.KeyPin(ctx)
	if err != nil || text == nil {
		return nil, "", err
	}
	if pin, err = personal.ParsePin(text); err != nil {
		return nil, "", lake.CorruptKeyPin(err)
	}
	return pin, etag, nil
}

// keyFlags say what becomes of the values of keys at ingest.
type keyFlags struct {
	secretFlags
	modes []string
}

func (f *keyFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.modes, "key-mode", nil, "what becomes of keys' values: plain, hmac (tokens) or drop; GLOB=MODE for some tables (may be repeated)")
	f.secretFlags.register(flags)
	flags.Lookup("key-secret").Usage = "a secret for tokens: file:PATH, env:NAME or kms:PATH; DAY=file:PATH for event days from that one on (may be repeated)"
}

// check refuses what is no mode and no place of a secret.
func (f *keyFlags) check() error {
	if _, err := personal.ParseModes(f.modes); err != nil {
		return usagef("--key-mode: %v", err)
	}
	_, err := f.refs()
	return err
}

// keyModes are the modes and secrets of a run.
type keyModes struct {
	modes   *personal.Modes // nil: nothing is said of them
	secrets []personal.Secret
}

// modes reads the flags and the secrets.
func (f *keyFlags) keyModes(ctx context.Context) (*keyModes, error) {
	k := &keyModes{}
	if len(f.modes) > 0 {
		modes, err := personal.ParseModes(f.modes)
		if err != nil {
			return nil, usagef("--key-mode: %v", err)
		}
		k.modes = &modes
	}
	var err error
	k.secrets, err = f.read(ctx)
	return k, err
}

// checkLake refuses modes and secrets that are not those of the lake at a place, if there
// is one, before anything is written.
func (k *keyModes) checkLake(ctx context.Context, url string) error {
	var pinned *personal.Pin
	l, err := openLake(ctx, url)
	switch {
	case err == nil:
		if pinned, _, err = keyPin(ctx, l); err != nil {
			return err
		}
	case errors.Is(err, lake.ErrNoLake), errors.Is(err, object.ErrNoStore):
	default:
		return err
	}
	_, change, err := personal.Settle(pinned, k.modes, k.secrets)
	if err != nil || l == nil {
		return err
	}
	return room(ctx, l, change)
}

// rewrites settles with the lake, under the lease, what becomes of keys.
func (k *keyModes) rewrites(l *lake.Lake) engine.Rewrites {
	return func(ctx context.Context) (engine.RewriterMaker, error) {
		pinned, etag, err := keyPin(ctx, l)
		if err != nil {
			return nil, err
		}
		pin, change, err := personal.Settle(pinned, k.modes, k.secrets)
		if err != nil || pin == nil {
			return nil, err
		}
		if err := room(ctx, l, change); err != nil {
			return nil, err
		}
		ring, err := pin.Keyring(k.secrets)
		if err != nil {
			return nil, err
		}
		workers, err := ring.Rewriters()
		if err != nil {
			return nil, err
		}
		if change.Any() {
			if err := l.PutKeyPin(ctx, pin.Text(), etag); err != nil {
				return nil, err
			}
		}
		return func() engine.Rewriter { return workers() }, nil
	}
}

// room refuses a change that rows stand against which the lake has.
func room(ctx context.Context, l *lake.Lake, change personal.Change) error {
	if !change.Any() {
		return nil
	}
	has, err := l.HasRowsFrom(ctx, change.NewFrom)
	switch {
	case err != nil || !has:
		return err
	case change.First:
		return fmt.Errorf("%w: this one has rows with keys as they were logged, which stay that way: ingest into a new lake, and delete this one when that is done", personal.ErrPinned)
	}
	return fmt.Errorf("%w: a new secret from %s on comes too late, there are rows of that day or later ones: choose a day after all that the lake has", personal.ErrPinned, change.NewFrom)
}

// tokenNote says which tokens stand for what was asked, and which tables keep none.
func tokenNote(w *queries.Who, a *queries.Answer) string {
	var notes []string
	for _, t := range a.Tokens() {
		note := fmt.Sprintf("%q is %s", t.Value, t.Token)
		if t.FromDay != "" {
			note += " from " + t.FromDay
		}
		if t.ToDay != "" {
			note += " to " + t.ToDay
		}
		notes = append(notes, note)
	}
	if globs := w.Keyring.Dropped(); len(globs) > 0 && len(w.Key)+len(w.Values) > 0 && w.Table == "" {
		notes = append(notes, "nobody is found by a key in tables "+strings.Join(globs, ", ")+", whose keys are not kept")
	}
	return oneLine(strings.Join(notes, "; "))
}
