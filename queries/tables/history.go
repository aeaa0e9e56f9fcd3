package tables

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// lag is how long AWS Config, and answers to Describe calls, may say what was before a
// change: DynamoDB takes minutes to change some settings, and Config to see it.
const lag = int64(15 * time.Minute / time.Microsecond)

// history makes intervals of a table's facts.
type history struct {
	intervals []Interval
	open      map[string]int             // interval of a setting that has not ended, by its place
	lists     map[string]map[string]bool // what lists have
	conflicts []Conflict
	changedAt map[string]int64 // last change of a setting
	endedAt   int64            // when the table was deleted; 0 while it is there
	bornAt    int64            // when the table was made; 0 where nobody told
}

func newHistory(list []fact) *history {
	h := &history{open: map[string]int{}, lists: map[string]map[string]bool{}, changedAt: map[string]int64{}}
	for _, f := range order(list) {
		h.take(f)
	}
	slices.SortStableFunc(h.intervals, func(a, b Interval) int {
		return cmp.Or(cmp.Compare(a.Setting, b.Setting), cmp.Compare(a.From, b.From))
	})
	return h
}

// take takes the next fact in order of time.
func (h *history) take(f fact) {
	switch {
	case f.setting == Existence && f.value == Deleted:
		h.end(f)
		return
	case f.setting == Existence && f.value == Created:
		h.begin(f)
		return
	case h.endedAt != 0 && f.bearing == found && f.at < h.endedAt+lag && f.born <= h.endedAt:
		return // of the table before its end
	case f.setting == Existence && f.bearing == found:
		h.exists(f)
		return
	case f.setting == allTags:
		h.tags(f)
		return
	}
	if f.list() {
		f = h.listed(f)
	}
	at, known := h.open[f.setting]
	if !known {
		h.start(f)
		return
	}
	now := &h.intervals[at]
	if f.list() && now.From == f.at && now.Source.EventID == f.source.EventID {
		now.Value = f.value // one call that names several
		h.lists[f.setting] = setOf(f.value)
		return
	}
	same := f.value == now.Value && (f.detail == now.Detail || f.bearing == found && !otherKey(&f, now))
	switch {
	case same:
		now.Last = f.at
		if f.bearing == found && now.Detail == "" {
			now.Detail = f.detail
		}
		now.Partial = now.Partial && f.bearing != found
		if f.bearing != found {
			h.changedAt[f.setting] = f.at
		}
		return
	case f.bearing == found && f.at < h.changedAt[f.setting]+lag && h.changedAt[f.setting] != 0:
		return // not yet there
	case f.bearing == found && !now.Partial && !strings.HasPrefix(f.setting, RulePrefix): // rules judge anew by themselves
		h.conflicts = append(h.conflicts, now.against(&f))
	}
	now.To = f.at
	h.start(f)
}

// exists is a table that somebody found. Where that is another one than before, because it
// is younger or the one before was deleted, nobody logged that it was made.
func (h *history) exists(f fact) {
	at, known := h.open[Existence]
	if !known {
		h.bornAt = f.born
		h.start(f)
		return
	}
	now := &h.intervals[at]
	another := h.bornAt != 0 && f.born > h.bornAt+lag
	switch {
	case now.Value != Deleted && !another:
		now.Last = f.at
		h.bornAt = max(h.bornAt, f.born)
		return
	case another || f.born > h.endedAt:
		h.conflicts = append(h.conflicts, now.against(&fact{at: f.at, setting: Existence, value: Anew, source: f.source}))
	default:
		h.conflicts = append(h.conflicts, now.against(&f))
	}
	h.close(f.at)
	h.endedAt, h.bornAt = 0, f.born
	h.start(f)
}

// allTags is a fact about all tags of a table, which are its detail, as a JSON object.
const allTags = "tags"

// tags takes all tags that a table had: what was known of others is over.
func (h *history) tags(f fact) {
	var tags map[string]string
	if json.Unmarshal([]byte(f.detail), &tags) != nil {
		return
	}
	one := func(setting, value, detail string) {
		f.setting, f.value, f.detail = setting, value, detail
		h.take(f)
	}
	for _, setting := range slices.Sorted(maps.Keys(h.open)) {
		name, is := strings.CutPrefix(setting, TagPrefix)
		if _, there := tags[name]; is && !there {
			one(setting, None, removed)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		one(TagPrefix+name, tags[name], "")
	}
}

// start begins an interval.
func (h *history) start(f fact) {
	i := Interval{Setting: f.setting, Value: f.value, Detail: f.detail, From: f.at, Last: f.at, Changed: f.bearing != found, Source: f.source}
	if f.list() {
		before, known := h.open[f.setting]
		i.Partial = !known || h.intervals[before].Partial
	}
	h.open[f.setting] = len(h.intervals)
	h.intervals = append(h.intervals, i)
	if f.bearing != found {
		h.changedAt[f.setting] = f.at
	}
	if f.setting == Kinesis || f.setting == Replicas {
		h.lists[f.setting] = setOf(f.value)
	}
}

// listed is a list after something was added to it or taken away, as a whole.
func (h *history) listed(f fact) fact {
	have := maps.Clone(h.lists[f.setting])
	if have == nil {
		have = map[string]bool{}
	}
	if f.bearing == added {
		have[f.value] = true
	} else {
		delete(have, f.value)
	}
	f.value = listText(slices.Collect(maps.Keys(have)))
	return f
}

// against is what was found, where the interval said otherwise.
func (i *Interval) against(f *fact) Conflict {
	return Conflict{Setting: f.setting, At: f.at, Since: i.Last, Was: keyed(f.setting, i.Value, i.Detail), Found: keyed(f.setting, f.value, f.detail), Before: i.Source, Source: f.source}
}

// keyed is a value with the key, where that is what may be another one.
func keyed(setting, value, detail string) string {
	if setting != Encryption || detail == "" {
		return value
	}
	return value + " " + detail
}

// otherKey reports a key that is another one for certain: names of keys may be those of any.
func otherKey(f *fact, now *Interval) bool {
	was, is := keyID(now.Detail), keyID(f.detail)
	return f.setting == Encryption && was != "" && is != "" && was != is
}

// keyID is the id in a key's ARN, or the id alone; empty for an alias.
func keyID(key string) string {
	if strings.Contains(key, "alias/") {
		return ""
	}
	return key[strings.LastIndexByte(key, '/')+1:]
}

// begin is a table that was made: what was before was another one of its name.
func (h *history) begin(f fact) {
	h.close(f.at)
	h.endedAt, h.bornAt = 0, f.at
	h.start(f)
}

// end is a table's end, and that of all its settings.
func (h *history) end(f fact) {
	if h.endedAt != 0 {
		return // told twice: by the call and by AWS Config
	}
	if at, known := h.open[Existence]; known && f.bearing == found {
		now := &h.intervals[at]
		if now.Value == Created && f.at < now.From+lag {
			return // of the table before, whose name this one has
		}
		h.conflicts = append(h.conflicts, now.against(&f))
	}
	h.close(f.at)
	h.endedAt = f.at
	h.start(f)
}

func (h *history) close(at int64) {
	for _, i := range h.open {
		if h.intervals[i].To == 0 {
			h.intervals[i].To = at
		}
	}
	clear(h.open)
	clear(h.lists)
	clear(h.changedAt)
}

// listText is a list as a value.
func listText(items []string) string {
	items = slices.Compact(slices.Sorted(slices.Values(items)))
	if len(items) == 0 {
		return None
	}
	return strings.Join(items, " ")
}

func setOf(value string) map[string]bool {
	set := map[string]bool{}
	if value != None {
		for item := range strings.FieldsSeq(value) {
			set[item] = true
		}
	}
	return set
}
