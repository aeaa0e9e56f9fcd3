package detect

import "strings"

// unseen tells what a principal was not seen with for a month. It remembers what it has
// asked the history, since the touches of a day ask the same over and over.
type unseen struct {
	run   *Run
	asked map[question]bool
}

type question struct {
	family                  Family
	table, principal, value string
	learnt                  string // the table that must be known for long enough
}

// unseenRoom is how many answers are remembered.
const unseenRoom = 100_000

func newUnseen(r *Run) *unseen {
	return &unseen{run: r, asked: map[question]bool{}}
}

// is reports whether the event's principal was not seen with a value of a family in the
// month before, on a table or, if that is empty, anywhere. Where the lake, or the
// event's table in it, is too young to tell, that is counted and nothing is new.
func (u *unseen) is(e *Event, f Family, table, value string) bool {
	q := question{f, table, e.Principal, value, e.TableARN}
	if isNew, ok := u.asked[q]; ok {
		return isNew
	}
	if len(u.asked) >= unseenRoom {
		clear(u.asked)
	}
	seen := u.run.sawLately(f, table, e.Principal, value)
	if f == ByTable && table != "" {
		seen = seen && u.run.succeeded(table, e.Principal, "")
	}
	isNew := !seen && u.run.learnt(e.TableARN, newNeeds)
	for _, text := range []*string{&q.table, &q.principal, &q.value, &q.learnt} {
		*text = strings.Clone(*text)
	}
	u.asked[q] = isNew
	return isNew
}

// sawLately reports whether a principal was seen with a value within the month before.
func (r *Run) sawLately(f Family, table, principal, value string) bool {
	day, ok := r.History.LastSeen(f, table, principal, value)
	return ok && day >= r.Day-forgotten
}

// memo remembers what texts were worked out from texts: addresses and user agents come
// over and over.
type memo struct {
	of    func(string) string
	known map[string]string
}

func newMemo(of func(string) string) *memo { return &memo{of: of, known: map[string]string{}} }

func (m *memo) get(text string) string {
	if known, ok := m.known[text]; ok {
		return known
	}
	if len(m.known) >= unseenRoom {
		clear(m.known)
	}
	text = strings.Clone(text)
	m.known[text] = m.of(text)
	return m.known[text]
}
