package profile

import "strings"

// words numbers texts, in the order in which they come. The empty text is number 0.
type words struct {
	numbers map[string]uint32
	texts   []string
}

// anything stands for every word where it is asked for.
const anything = ^uint32(0)

func newWords() *words {
	return &words{numbers: map[string]uint32{"": 0}, texts: []string{""}}
}

// number is that of a text, which is copied when it is new.
func (w *words) number(text string) uint32 {
	n, ok := w.numbers[text]
	if !ok {
		text = strings.Clone(text)
		n = uint32(len(w.texts))
		w.numbers[text] = n
		w.texts = append(w.texts, text)
	}
	return n
}

// asked is the number that a question means, whose empty text is any; ok is false for a
// text that was never seen.
func (w *words) asked(text string) (n uint32, ok bool) {
	if text == "" {
		return anything, true
	}
	n, ok = w.numbers[text]
	return n, ok
}
