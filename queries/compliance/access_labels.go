package compliance

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// maxLabels bounds the labels that are told apart, maxRaw the texts whose labels are
// remembered, labelsShown those that are shown.
const (
	maxLabels   = 128
	maxRaw      = 256
	labelsShown = 8
)

// labels counts texts by a label, such as addresses by network. Making a label costs more
// than finding one, and the texts of one principal repeat. Where there are more than
// maxLabels it says no more than that: which ones are the busiest is not known then.
type labels struct {
	raw   map[rawText]*labelled
	named map[string]*int64
	last  *labelled
	many  bool // more than are told apart
}

// rawText is what a label is made of.
type rawText struct{ a, b string }

type labelled struct {
	rawText
	count *int64 // of its label
}

func (l *labels) add(a, b string, label func(a, b string) string) {
	key := rawText{a, b}
	switch {
	case l.many:
		return
	case l.last != nil && l.last.rawText == key:
		*l.last.count++
		return
	}
	known := l.raw[key]
	if known == nil {
		if known = l.learn(key, label(a, b)); known == nil {
			return
		}
	}
	l.last = known
	*known.count++
}

// learn remembers the label of a text. It is nil where that is empty, or one too many.
func (l *labels) learn(key rawText, label string) *labelled {
	if label == "" {
		return nil
	}
	count := l.named[label]
	if count == nil {
		if len(l.named) >= maxLabels {
			*l = labels{many: true}
			return nil
		}
		if l.named == nil {
			l.named, l.raw = map[string]*int64{}, map[rawText]*labelled{}
		}
		count = new(int64)
		l.named[strings.Clone(label)] = count
	}
	known := &labelled{rawText{strings.Clone(key.a), strings.Clone(key.b)}, count}
	if len(l.raw) < maxRaw {
		l.raw[known.rawText] = known
	}
	return known
}

// busiest are the labels, the most frequent first, and how many more there are.
func (l *labels) busiest() []string {
	if l.many {
		return []string{"more than " + counted(maxLabels, "different ones")}
	}
	return shortened(slices.SortedFunc(maps.Keys(l.named), func(a, b string) int {
		return cmp.Or(cmp.Compare(*l.named[b], *l.named[a]), cmp.Compare(a, b))
	}))
}

// shortened is the head of a list, and how many more there are.
func shortened(all []string) []string {
	if len(all) > labelsShown {
		return append(slices.Clone(all[:labelsShown]), "and "+counted(int64(len(all)-labelsShown), "more"))
	}
	return all
}
