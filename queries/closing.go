package queries

import "fmt"

// told is one line under a table.
type told struct{ text, colour string }

// closing sums up the touches in lines, the first questions of a bad night last:
// who wrote it, who deleted it.
func (a *Answer) closing(look Look) []told {
	if a.Count == 0 {
		return []told{{text: "no touch matches all the conditions"}}
	}
	s := fmt.Sprintf("%s by %s", count(a.Count, "touch"), count(int64(a.Actors), "actor"))
	if a.Unsuccessful > 0 {
		s += fmt.Sprintf(", %d of them denied or failed", a.Unsuccessful)
	}
	lines := []told{{text: s}}
	say := func(colour, what string, r *Row) {
		lines = append(lines, told{a.sentence(look, what, r), colour})
	}
	if a.Count > 1 {
		say(noColour, "first touch", a.First)
		say(noColour, "last touch", a.Last)
	}
	if a.LastWrite == nil {
		return append(lines, told{text: "no successful write"})
	}
	say(noColour, "last successful write", a.LastWrite)
	if earlier := a.DeleteCount - int64(len(a.Deletes)); earlier > 0 {
		lines = append(lines, told{fmt.Sprintf("%s, the last %d of them:", count(a.DeleteCount, "deletion"), len(a.Deletes)), alarm})
	}
	for i := range a.Deletes {
		say(alarm, "deleted", &a.Deletes[i])
	}
	if a.DeleteCount == 0 {
		lines = append(lines, told{text: "no successful deletion"})
	}
	return lines
}

// sentence is "last touch by NAME at TIME: WHAT", with the item where there are
// several.
func (a *Answer) sentence(look Look, thing string, r *Row) string {
	s := fmt.Sprintf("%s by %s at %s: %s", thing, short(who(r)), look.time(r.EventTime), short(what(r)))
	if of := item(r); of != "" && len(a.items) > 1 {
		s += " " + short(of)
	}
	return s
}

// couldHaveLines stand over the calls that named no item: how many they are, and how
// certain.
func (a *Answer) couldHaveLines() []told {
	var all int64
	var kinds []told
	for _, c := range Likelihoods {
		if n := a.calls.count(c); n > 0 {
			all += n
			kinds = append(kinds, told{text: fmt.Sprintf("%d %s: %s", n, c.words(), a.calls.told(c))})
		}
	}
	s := fmt.Sprintf("COULD HAVE SHOWN IT, or copied or changed it: %s that named no item. What they returned is not in the log.", count(all, "call"))
	if n := all - a.CouldHaveCount; n > 0 {
		s += fmt.Sprintf(" %d less certain than asked for are not listed.", n)
	}
	return append([]told{{s, heading}}, kinds...)
}
