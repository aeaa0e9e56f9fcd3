package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/queries/tables"
	"github.com/keytrail/keytrail/schema"
)

// withTags is a policy with what tags tell of tables from one time to another, in
// microseconds and 0 for no bound. A policy without a word on tags costs nothing.
func withTags(ctx context.Context, l *lake.Lake, p *policy.Policy, from, to int64) (*policy.Policy, error) {
	p, err := tables.WithTags(ctx, l, p, from, to)
	if err != nil {
		return nil, fmt.Errorf("read the tags of tables: %w", err)
	}
	return p, nil
}

// withTagsOf is [withTags] of a day, YYYY-MM-DD; empty is the lake's last and the one
// before, of which one is judged.
func withTagsOf(ctx context.Context, l *lake.Lake, p *policy.Policy, day string) (*policy.Policy, error) {
	if !p.ByTag() {
		return p, nil
	}
	days := int64(1)
	if day == "" {
		var err error
		var empty *usageError
		switch day, err = lastDay(ctx, l); {
		case errors.As(err, &empty):
			return p, nil // of a lake without touches nobody judges any
		case err != nil:
			return nil, err
		}
		days = 2
	}
	n, err := schema.ParseDay(day)
	if err != nil {
		return nil, err
	}
	end := (int64(n) + 1) * dayMicros
	return withTags(ctx, l, p, end-days*dayMicros, end)
}

const dayMicros = 24 * 3600 * 1_000_000

// policy is the night's, with the tags of a day. The steps of one day share it.
func (n *night) policy(ctx context.Context, day string) (*policy.Policy, error) {
	if n.tagged.day == day {
		return n.tagged.policy, nil
	}
	p, err := withTagsOf(ctx, n.lake, n.files.policy, day)
	if err == nil {
		n.tagged.day, n.tagged.policy = day, p
	}
	return p, err
}
