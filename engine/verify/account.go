package verify

import (
	"context"
	"errors"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
)

// account is what is known of one object: 32 bytes with its key, as a lake has many
// millions.
type account struct {
	touches int64 // that its versions gave which are done; noneDone when none is
	live    int64 // rows in the touches; guarded by Report.mu while files are read
}

const noneDone = -1

// combine makes the accounts of an object one, of which each delivery day that has it
// gave one. It leaves them sorted.
func combine(accounts *index[account]) {
	accounts.sort()
	for i, part := range accounts {
		one := part[:0]
		for _, a := range part {
			if n := len(one); n == 0 || one[n-1].key != a.key {
				one = append(one, a)
			} else if sum := &one[n-1].value; a.value.touches != noneDone {
				sum.touches = max(sum.touches, 0) + a.value.touches
			}
		}
		accounts[i] = one
	}
}

// strangers are objects with rows that the ledger does not have. The names of some
// are kept, as many as there may be findings; the others count.
type strangers struct {
	rows  map[digest]int64
	names map[digest]string
}

func newStrangers() strangers { return strangers{map[digest]int64{}, map[digest]string{}} }

func (s *strangers) add(key digest, name string, rows int64) {
	s.rows[key] += rows
	if _, ok := s.names[key]; !ok && name != "" && len(s.names) < maxFindings {
		s.names[key] = strings.Clone(name)
	}
}

// addLive adds a live file's rows to their objects' accounts.
func (c *check) addLive(f *fileRows) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Rows += f.rows
	for a, n := range f.objects {
		a.live += n
	}
	for key, n := range f.strangers.rows {
		c.strangers.add(key, f.strangers.names[key], n)
	}
}

// balance holds the rows in the lake against what the ledger says objects gave.
func (c *check) balance(ctx context.Context, found *listing) error {
	over := map[digest]account{}
	for of := range c.accounts.all() {
		if a := of.value; a.live > max(a.touches, 0) && (a.touches == noneDone || !c.blind) {
			over[of.key] = a
		}
	}
	if err := c.nameThose(ctx, found, over); err != nil {
		return err
	}
	if !c.blind {
		c.addStrangers()
	}
	c.Duplicates = max(0, c.Touches-c.Rows-c.RowsErased-c.RowsPruned)
	if c.Touches < c.Rows && !c.blind {
		c.add(KindAccounts, "touches/", "%d rows, and all objects together gave %d touches", c.Rows, c.Touches)
	}
	return nil
}

// nameThose reports objects with more rows than they account for, whose names are in
// the ledger alone.
func (c *check) nameThose(ctx context.Context, found *listing, over map[digest]account) error {
	report := func(name string, a account) {
		if a.touches == noneDone {
			c.addUnaccounted(name, a.live)
		} else {
			c.add(KindAccounts, name, "%d rows of an object that gave %d touches", a.live, a.touches)
		}
	}
	if len(over) == 0 {
		return nil
	}
	err := c.readAgain(ctx, found, func(e *lake.Entry) {
		key := digestOf(e.SourceObject)
		if a, ok := over[key]; ok {
			report(e.SourceObject, a)
			delete(over, key)
		}
	})
	if err != nil {
		return err
	}
	for _, a := range over {
		report("ledger/", a) // which has changed meanwhile, and names it no more
	}
	return nil
}

func (c *check) addStrangers() {
	for key, name := range c.strangers.names {
		c.addUnaccounted(name, c.strangers.rows[key])
	}
	for range len(c.strangers.rows) - len(c.strangers.names) {
		c.addUnaccounted("", 0) // one finding too many to be kept
	}
}

func (c *check) addUnaccounted(name string, rows int64) {
	c.add(KindAccounts, name, "%d rows of an object that the ledger does not have as done", rows)
}

// readAgain reads the ledger once more, for what it says and is not kept in memory.
// Where it cannot be understood was found when it was read first.
func (c *check) readAgain(ctx context.Context, found *listing, fn func(*lake.Entry)) error {
	for _, day := range found.ledger {
		err := c.lake.EachLedgerEntry(ctx, day, func(e lake.Entry) error {
			fn(&e)
			return ctx.Err()
		})
		if err != nil && !errors.Is(err, lake.ErrCorrupt) {
			return err
		}
	}
	return nil
}
