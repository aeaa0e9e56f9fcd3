package notify

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Channel takes messages. Its errors are [Refused] where another try is of no use, and
// [Later] where the service said when to try again; any other may be tried again.
type Channel interface {
	Name() string
	Send(ctx context.Context, m *Message) error
}

// Route is a channel with what it is to be told.
type Route struct {
	// ID tells routes apart in the spool, and in what is said of them.
	ID      string
	Channel Channel
	// Quiet routes hear nothing on runs without a finding, or failure, for them: what is
	// over is told along with those.
	Quiet  bool
	Filter func(*Message) *Message // nil: all
}

// tries is how often a message is sent before it is spooled.
const tries = 4

// maxWait is the longest to wait between two tries, whatever a service asks for: then
// the spool is the better place.
const maxWait = 30 * time.Second

// Delivery is what became of a message on one route.
type Delivery struct {
	Route   string `json:"route"`
	Sent    int    `json:"sent"` // messages, those from the spool among them
	Spooled int    `json:"spooled,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Courier delivers messages.
type Courier struct {
	Routes []Route
	Spool  *Spool
	// Wait waits; nil: by the clock. Tests have their own.
	Wait func(context.Context, time.Duration) error
}

// ErrLost is in the error of a delivery that left a message neither sent nor in the
// spool: whoever wanted it told has to try again.
var ErrLost = errors.New("a message is neither sent nor in the spool")

// Deliver sends what the spool has of each route, in order, and then the message. What
// cannot be sent is spooled, so that the next run tries again; a route's failure is no
// other's. The error says which routes failed, and is [ErrLost] when one has kept nothing.
func (c *Courier) Deliver(ctx context.Context, m *Message) (all []Delivery, err error) {
	var failed []error
	for i := range c.Routes {
		r := &c.Routes[i]
		d, err := c.route(ctx, r, m)
		if err != nil {
			d.Error = err.Error()
			failed = append(failed, fmt.Errorf("%s: %w", r.ID, err))
		}
		all = append(all, d)
	}
	return all, errors.Join(failed...)
}

func (c *Courier) route(ctx context.Context, r *Route, m *Message) (d Delivery, err error) {
	d.Route = r.ID
	if r.Filter != nil {
		m = r.Filter(m)
	}
	silent := r.Quiet && len(m.Findings)+len(m.Failed) == 0
	down, err := c.drain(ctx, r, &d)
	if silent {
		return d, err
	}
	if !down {
		serr := c.settle(ctx, r, m, &d)
		if serr == nil {
			return d, err
		}
		err = errors.Join(err, serr)
		if isRefused(serr) {
			return d, errors.Join(err, lost(c.Spool.addDead(r.ID, m)))
		}
	}
	if serr := c.Spool.add(r.ID, m); serr != nil { // after those before it
		return d, errors.Join(err, lost(serr))
	}
	d.Spooled++
	return d, err
}

// drain sends what waits for a route. One that is refused is put aside, and no reason not
// to send those after it. down reports that the service takes nothing now.
func (c *Courier) drain(ctx context.Context, r *Route, d *Delivery) (down bool, err error) {
	waiting, err := c.Spool.waiting(r.ID)
	for n, old := range waiting {
		serr := c.settle(ctx, r, old.message, d)
		switch {
		case serr == nil:
			err = errors.Join(err, c.Spool.remove(old))
		case isRefused(serr):
			err = errors.Join(err, serr, c.Spool.bury(old))
		default:
			d.Spooled = len(waiting) - n
			return true, errors.Join(err, serr)
		}
	}
	return false, err
}

// lost marks the error of a spool that did not take a message.
func lost(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

func (c *Courier) settle(ctx context.Context, r *Route, m *Message, d *Delivery) error {
	err := c.try(ctx, r.Channel, m)
	if err == nil {
		d.Sent++
	}
	return err
}

func isRefused(err error) bool {
	var refused *Refused
	return errors.As(err, &refused)
}

// try sends a message, several times if need be.
func (c *Courier) try(ctx context.Context, ch Channel, m *Message) error {
	for n := 1; ; n++ {
		err := ch.Send(ctx, m)
		var later *Later
		if err == nil || isRefused(err) || n == tries || ctx.Err() != nil {
			return err
		}
		wait := time.Second << n
		if errors.As(err, &later) && later.After > 0 {
			wait = later.After
		}
		if wait > maxWait {
			return err
		}
		if werr := c.wait(ctx, wait+rand.N(wait/4+1)); werr != nil {
			return err
		}
	}
}

func (c *Courier) wait(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
