package main

import (
	"bytes"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"time"
)

// template is a record of the corpus and where in it another record of the same
// form would differ. Everything is replaced by something equally long.
type template struct {
	json  []byte
	days  []int // where days are: of the event and of its session's beginning
	clock int   // where the time of day is
	spots []spot
	key   int    // where the random part of the access key is; 0: there is none
	who   uint64 // hash of the access key, the same in all records of a session
}

// spot is a character to be drawn from an alphabet.
type spot struct {
	at       int32
	alphabet uint8
}

const (
	digits = iota
	hexes
	letters
	base36
)

var alphabets = [...]string{digits: "0123456789", hexes: "0123456789abcdef", letters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", base36: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}

var (
	eventTime = regexp.MustCompile(`"eventTime":"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z"`)
	eventID   = regexp.MustCompile(`"eventID":"([0-9a-f-]{36})"`)
	began     = regexp.MustCompile(`"creationDate":"(\d{4}-\d\d-\d\d)T`)
	requestID = regexp.MustCompile(`"requestID":"([^"]+)"`)
	accessKey = regexp.MustCompile(`"accessKeyId":"ASIA([A-Z0-9]{16})"`)
	itemKey   = regexp.MustCompile(`"key":\{[^{}]*\}`)
	keyValue  = regexp.MustCompile(`:"((?:[^"\\]|\\.)*)"`)
)

// newTemplate returns nil for a record without an id or a time of the usual form.
func newTemplate(text []byte) *template {
	t := &template{json: text}
	at, id := eventTime.FindSubmatchIndex(text), eventID.FindSubmatchIndex(text)
	if at == nil || id == nil {
		return nil
	}
	t.days, t.clock = []int{at[2]}, at[4]
	t.draw(id[2], id[3], hexes)
	if m := began.FindSubmatchIndex(text); m != nil {
		t.days = append(t.days, m[2])
	}
	if m := requestID.FindSubmatchIndex(text); m != nil {
		alphabet := uint8(base36)
		if bytes.IndexByte(text[m[2]:m[3]], '-') >= 0 {
			alphabet = hexes
		}
		t.draw(m[2], m[3], alphabet)
	}
	if m := accessKey.FindSubmatchIndex(text); m != nil {
		t.key = m[2]
		h := fnv.New64a()
		h.Write(text[m[2]:m[3]])
		t.who = h.Sum64()
	}
	for _, m := range itemKey.FindAllIndex(text, -1) {
		for _, v := range keyValue.FindAllSubmatchIndex(text[m[0]:m[1]], -1) {
			t.drawKey(m[0]+v[2], m[0]+v[3])
		}
	}
	return t
}

// draw has all characters but the dashes drawn anew.
func (t *template) draw(from, to int, alphabet uint8) {
	for i := from; i < to; i++ {
		if t.json[i] != '-' {
			t.spots = append(t.spots, spot{int32(i), alphabet})
		}
	}
}

// drawKey has the last four digits and, after the last #, the capitals of a key's
// value drawn anew. So order#2026-03#D7CUTW5N is an order that no other record
// has, while customer#3 stays one of ten that everybody asks for.
func (t *template) drawKey(from, to int) {
	tail := from + bytes.LastIndexByte(t.json[from:to], '#')
	for i, left := to-1, 4; i >= from; i-- {
		switch c := t.json[i]; {
		case '0' <= c && c <= '9' && left > 0:
			t.spots = append(t.spots, spot{int32(i), digits})
			left--
		case 'A' <= c && c <= 'Z' && i > tail && tail >= from:
			t.spots = append(t.spots, spot{int32(i), letters})
		}
	}
}

// write appends the record as it would be at another time.
func (t *template) write(to []byte, at time.Time, rng *rand.Rand) []byte {
	start := len(to)
	to = append(to, t.json...)
	text := to[start:]
	var stamp [20]byte
	at.AppendFormat(stamp[:0], "2006-01-02 15:04:05Z")
	for _, i := range t.days {
		copy(text[i:], stamp[:10])
	}
	copy(text[t.clock:], stamp[11:19])
	for _, s := range t.spots {
		alphabet := alphabets[s.alphabet]
		text[s.at] = alphabet[rng.Uint64N(uint64(len(alphabet)))]
	}
	if t.key > 0 {
		day := rand.New(rand.NewPCG(t.who, uint64(at.Unix()/86400)))
		for i := range 16 {
			text[t.key+i] = alphabets[base36][day.IntN(36)]
		}
	}
	return to
}
