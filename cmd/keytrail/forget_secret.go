package main

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/keytrail/keytrail/engine"
	"github.com/keytrail/keytrail/engine/erasure"
	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/schema"
)

// destroySecret marks the secret of an epoch as destroyed in the lake's pin, and takes its
// tokens out of the rows.
func (f *forgetFlags) destroySecret(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 || f.value != "" || f.valueFile != "" || f.remove || f.part {
		return usagef("--destroy-secret goes without a subject: it is about all keys of an epoch")
	}
	req := erasure.Request{ID: f.request, Operator: f.operator}
	if err := req.CheckNames(); err != nil {
		return usagef("--request: %v", err)
	}
	store, err := lakeStore(ctx, f.lake, dir.Open)
	if err != nil {
		return err
	}
	l, err := lake.Open(ctx, store)
	if err != nil {
		return err
	}
	if !f.yes {
		days, err := f.markDestroyed(ctx, l, true)
		if err == nil {
			_, err = fmt.Fprintf(stdout, "%-10s epoch %d (%s): its rows would lose their keys, as do those of its days that come late\n%-10s was changed yet: --yes does it, and it cannot be undone\n",
				"Secret", f.destroy, days, "Nothing")
		}
		return err
	}
	eng := engine.Engine{Lake: l, Jobs: runtime.GOMAXPROCS(0), Lease: lake.LeaseOptions{Break: f.breakLease}}
	days := ""
	var done engine.Restated
	err = eng.Alone(ctx, func(ctx context.Context, in *engine.Restating) (err error) {
		if days, err = f.markDestroyed(ctx, l, false); err == nil {
			done, err = f.unkey(ctx, l, in)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%-10s epoch %d (%s) is marked as destroyed\n%-10s %s in %s, which have no keys from now on\n%-10s the secret itself: delete its file, variable or KMS ciphertext, and every backup of it\n",
		"Secret", f.destroy, days, "Rows", count(done.Rows, "row"), count(done.Files, "file"), "Yours")
	return err
}

// markDestroyed marks the epoch in the pin, unless it is only to be looked at, and
// returns its days.
func (f *forgetFlags) markDestroyed(ctx context.Context, l *lake.Lake, look bool) (days string, err error) {
	pin, etag, err := keyPin(ctx, l)
	if err != nil {
		return "", err
	}
	if pin == nil || f.destroy < 1 || f.destroy > len(pin.Epochs) {
		epochs := 0
		if pin != nil {
			epochs = len(pin.Epochs)
		}
		return "", fmt.Errorf("there is no epoch %d: the keys in this lake have %s", f.destroy, count(int64(epochs), "epoch"))
	}
	e := &pin.Epochs[f.destroy-1]
	days = "from the first day on"
	if e.From != "" {
		days = "from " + e.From + " on"
	}
	if f.destroy < len(pin.Epochs) {
		days += ", before " + pin.Epochs[f.destroy].From
	}
	if look || e.Destroyed {
		return days, nil
	}
	e.Destroyed = true
	return days, l.PutKeyPin(ctx, pin.Text(), etag)
}

// unkey takes the tokens of the epoch out of the lake's rows, as out of those that come
// late: a record that is read again gives the same row then, and not one more. A run that
// was killed is made good by the next.
func (f *forgetFlags) unkey(ctx context.Context, l *lake.Lake, in *engine.Restating) (engine.Restated, error) {
	pin, _, err := keyPin(ctx, l)
	if err != nil {
		return engine.Restated{}, err
	}
	workers, err := pin.WithoutKeys()
	if err != nil {
		return engine.Restated{}, err
	}
	from, before := pin.Epochs[f.destroy-1].From, ""
	if f.destroy < len(pin.Epochs) {
		before = pin.Epochs[f.destroy].From
	}
	var parts []schema.Partition
	err = l.TouchFiles(ctx, "", from, before, func(file lake.TouchFile) error {
		if n := len(parts); file.Partition.DayString() != before && (n == 0 || parts[n-1] != file.Partition) {
			parts = append(parts, file.Partition)
		}
		return nil
	})
	if err != nil {
		return engine.Restated{}, err
	}
	cause := lake.Cause{Kind: lake.Erasure, Request: fmt.Sprintf("%s: secret of epoch %d destroyed", f.request, f.destroy), Operator: f.operator}
	done, err := in.Rewrite(ctx, parts, func() engine.Rewriter { return workers() }, cause)
	if err != nil {
		return done, err
	}
	l.Sweep()
	days := map[string]bool{}
	for _, p := range parts {
		days[p.DayString()] = true
	}
	for day := range days {
		if err := l.RemoveProfile(ctx, day); err != nil {
			return done, err
		}
	}
	return done, nil
}
