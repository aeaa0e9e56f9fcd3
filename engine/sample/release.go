package sample

import (
	"fmt"
	"strings"
)

// Every Tuesday of a month what runs in functions, tasks and pods is deployed anew: other
// machines with other names, keys and addresses, and every other time a newer minor
// version of the SDK.
const (
	releaseHour = 10*hour + 6*60
	week        = 7 * 24 * hour
)

// firstRelease is when the first Tuesday's deployment is done.
func (m *month) firstRelease() int64 {
	const monday = 4 * 24 * hour // of 1970
	sinceTuesday := (m.start - monday - 24*hour) % week
	return m.start + (week-sinceTuesday)%week + releaseHour
}

// release is how often a program has been deployed by then since the month began.
func (m *month) release(at int64) int {
	if first := m.firstRelease(); at >= first {
		return 1 + int((at-first)/week)
	}
	return 0
}

// session is the n-th session that an actor has open at a time.
func (g *gen) session(who *actor, n int, at int64) session {
	s := sessionAt(g.acct, who, n, at)
	if g.month == nil {
		return s
	}
	switch who.form {
	case lambda, task, pod:
		if s.release = g.month.release(at); s.release > 0 {
			s.id = scramble(s.id ^ uint64(s.release)<<40)
		}
	}
	return s
}

// program is the user agent of a session.
func (g *gen) program(s *session) string {
	if s.release == 0 {
		return s.agent()
	}
	return g.month.programs[s.release].Replace(s.agent())
}

// programs raises the minor versions of the SDKs in a user agent by so many.
func programs(by int) *strings.Replacer {
	var pairs []string
	for _, sdk := range []struct {
		major string
		minor int
	}{{"3", 971}, {"2", 41}, {"1", 53}, {"1", 42}, {"1", 41}} {
		for _, before := range []string{"/", "#"} { // what a version follows
			pairs = append(pairs, fmt.Sprintf("%s%s.%d.", before, sdk.major, sdk.minor), fmt.Sprintf("%s%s.%d.", before, sdk.major, sdk.minor+by))
		}
	}
	return strings.NewReplacer(pairs...)
}

// expectedMishap lets some of a month's calls fail: conditions that do not hold,
// throttling, and now and then a developer without the permission.
func (g *gen) expectedMishap() {
	c := &g.call
	switch n := g.intn(1000); {
	case n < 25 && (c.name == "PutItem" || c.name == "UpdateItem"):
		g.fail("ConditionalCheckFailedException", "The conditional request failed")
	case n < 20 && g.acct == &accounts[2] && c.session.who.form == person:
		g.deny(true)
	case n >= 997 && c.data && c.session.who.form != person:
		g.fail("ProvisionedThroughputExceededException", throttled)
	}
}
