package erasure

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// mark is how the list knows a text without having it: its length, 32 bits of a hash of
// its end, by which it is found in longer texts, and 128 bits of an HMAC, by which it is
// told from others that look like it. Both are keyed with the list's salt.
type mark struct {
	Length int    `json:"length"`
	Print  uint32 `json:"print"`
	HMAC   string `json:"hmac"`
}

// maxWindow is how much of a text's end its print is of.
const maxWindow = 8

// searcher finds marked texts. Not for concurrent use.
type searcher struct {
	base    uint64
	mac     hash.Hash
	sum     []byte
	windows [maxWindow + 1]*window // by length; nil where no text has one
}

// window is the marked texts whose prints are of so many bytes: all but short ones are
// in the last, so that looking for many takes no longer than looking for one.
type window struct {
	seen  [1 << 10]uint64     // a bit for each of the upper 16 bits of their prints
	marks map[uint32][]sought // by print
}

// sought is a marked text, by number.
type sought struct {
	mark
	number int
}

// span is where a marked text stands.
type span struct{ number, from, to int }

func newSearcher(salt []byte) *searcher {
	s := &searcher{mac: hmac.New(sha256.New, salt)}
	s.mac.Write([]byte("print"))
	for _, b := range s.mac.Sum(nil)[:8] {
		s.base = s.base<<8 | uint64(b)
	}
	s.base |= 1
	return s
}

// mark is the mark of a text.
func (s *searcher) mark(text string) mark {
	w, end := min(len(text), maxWindow), uint64(0)
	for i := len(text) - w; i < len(text); i++ {
		end = end>>8 | uint64(text[i])<<(8*w-8)
	}
	return mark{len(text), s.print(end), s.hmac(text)}
}

func (s *searcher) print(end uint64) uint32 { return uint32(end * s.base >> 32) }

func (s *searcher) hmac(text string) string {
	s.mac.Reset()
	s.mac.Write([]byte("text\x00"))
	s.mac.Write([]byte(text))
	s.sum = s.mac.Sum(s.sum[:0])
	return hex.EncodeToString(s.sum[:16])
}

// add makes a marked text one to be found.
func (s *searcher) add(m mark, number int) {
	at := &s.windows[max(1, min(m.Length, maxWindow))]
	if *at == nil {
		*at = &window{marks: map[uint32][]sought{}}
	}
	(*at).seen[m.Print>>22] |= 1 << (m.Print >> 16 & 63)
	(*at).marks[m.Print] = append((*at).marks[m.Print], sought{m, number})
}

// within adds to found where marked texts stand in text, delimited.
func (s *searcher) within(text string, found []span) []span {
	for length, w := range s.windows {
		if w == nil {
			continue
		}
		end, top := uint64(0), 8*length-8
		for i := range len(text) {
			end = end>>8 | uint64(text[i])<<top
			print := s.print(end)
			if i >= length-1 && w.seen[print>>22]>>(print>>16&63)&1 != 0 {
				found = s.confirm(w.marks[print], text, i+1, found)
			}
		}
	}
	return found
}

// confirm adds those marked texts that end at a place.
func (s *searcher) confirm(marks []sought, text string, to int, found []span) []span {
	length, sum := -1, ""
	for i := range marks {
		m := &marks[i]
		from := to - m.Length
		if from < 0 || !delimited(text, from, to) {
			continue
		}
		if m.Length != length {
			length, sum = m.Length, s.hmac(text[from:to])
		}
		if sum == m.HMAC {
			found = append(found, span{m.number, from, to})
		}
	}
	return found
}

// delimited reports whether text[from:to] stands by itself: 1042 does in customer#1042
// and in "1042", and does not in 10421.
func delimited(text string, from, to int) bool {
	before := from == 0 || !inWord(text[from-1]) || !inWord(text[from]) || escaped(text, from)
	return before && (to == len(text) || !inWord(text[to-1]) || !inWord(text[to]))
}

// inWord reports whether a byte is of a letter or a digit; what is not ASCII is.
func inWord(b byte) bool {
	return b >= 0x80 || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9'
}

// escaped reports whether what stands before a place is the end of a JSON escape such as
// \n or \u0022, or of a URL's such as %22.
func escaped(text string, at int) bool {
	if at >= 2 && text[at-2] == '\\' || at >= 3 && text[at-3] == '%' {
		return true
	}
	return at >= 6 && text[at-6] == '\\' && text[at-5] == 'u'
}
