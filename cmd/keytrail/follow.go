package main

import (
	"context"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/queries"
)

// followRole finds who is behind the sessions of an answer, if that was asked for. It
// says so when the lake cannot tell of anybody.
func followRole(ctx context.Context, l *lake.Lake, a *queries.Answer, stderr io.Writer) error {
	if !a.Question.FollowRole || a.Empty() {
		return nil
	}
	if err := queries.Follow(ctx, l, a); err != nil {
		return fmt.Errorf("follow roles: %w", err)
	}
	if proven, open := a.Followed(); proven > 0 || open == 0 {
		return nil
	}
	if has, err := queries.HasSessions(ctx, l); has || err != nil {
		return err
	}
	fmt.Fprintln(stderr, "keytrail: --follow-role: the lake has no event that gave anybody a session. It has them if the trail logs management events "+
		"and a keytrail made it that reads those of STS and sign-in: an older lake has to be made anew.")
	return nil
}
