package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// classes are the object sizes and their shares of the raw bytes, in sixteenths.
// One-record objects are few bytes and ten thousand files; the largest are at
// least one.
var classes = []struct {
	name   string
	size   int
	share  int
	copies int // every so manieth object is delivered twice; 0: none
}{
	{"1kB", 1_000, 1, 8},
	{"50kB", 50_000, 4, 8},
	{"6MB", 6_000_000, 4, 6},
	{"50MB", 50_000_000, 7, 0},
}

// writeObjects deals the records of every stream to the classes at random and
// writes each class's objects.
func writeObjects(dir string, streams []*stream, c *Corpus) error {
	rng := rand.New(rand.NewPCG(12, 34))
	hands := make([][]*stream, len(classes))
	for _, s := range streams {
		for i := range classes {
			hands[i] = append(hands[i], &stream{account: s.account, region: s.region})
		}
		for _, r := range s.records {
			n, i := rng.IntN(16), 0
			for n >= classes[i].share {
				n -= classes[i].share
				i++
			}
			hand := hands[i][len(hands[i])-1]
			hand.records = append(hand.records, r)
		}
	}
	for i, cl := range classes {
		w := objectWriter{dir: filepath.Join(dir, cl.name), rng: rng, copies: cl.copies, class: Class{Name: cl.name, ObjectSize: cl.size}, made: map[string]bool{}}
		if err := w.cut(hands[i]); err != nil {
			return err
		}
		c.Classes = append(c.Classes, w.class)
		c.Records += w.class.Records
		c.Foreign += w.class.Foreign
		c.Copies += w.class.Copies
		c.Raw += w.class.Raw
		c.Compressed += w.class.Compressed
	}
	return nil
}

// objectWriter writes the objects of one class.
type objectWriter struct {
	dir    string
	rng    *rand.Rand
	copies int
	class  Class
	made   map[string]bool
	buf    bytes.Buffer
	out    bytes.Buffer
}

// cut cuts the streams into objects of about the class's size, all of a stream
// equally large. An object is of one account and Region, unless no stream is large
// enough for one.
func (w *objectWriter) cut(streams []*stream) error {
	total := 0
	for _, s := range streams {
		total += s.bytes()
	}
	if total < len(streams)*w.class.ObjectSize {
		all := &stream{account: streams[0].account, region: streams[0].region}
		for _, s := range streams {
			all.records = append(all.records, s.records...)
		}
		streams = []*stream{all}
	}
	for _, s := range streams {
		left := s.bytes()
		if left == 0 {
			continue
		}
		n := max((left+w.class.ObjectSize/2)/w.class.ObjectSize, 1)
		rest := s.records
		for ; n > 0 && len(rest) > 0; n-- {
			aim, size, end := left/n, 0, 0
			for end < len(rest) && (end == 0 || size < aim || n == 1) {
				size += len(rest[end].json) + 1
				end++
			}
			if err := w.deliver(s, rest[:end]); err != nil {
				return err
			}
			rest, left = rest[end:], left-size
		}
	}
	return nil
}

func (s *stream) bytes() (n int) {
	for _, r := range s.records {
		n += len(r.json) + 1
	}
	return n
}

// deliver writes an object and, when it is its turn, a second one with the same
// records in another order, as a second trail does.
func (w *objectWriter) deliver(s *stream, records []record) error {
	if err := w.object(s, records); err != nil {
		return err
	}
	if w.copies == 0 || w.class.Objects%int64(w.copies) != 1 {
		return nil
	}
	again := append([]record(nil), records...)
	w.rng.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
	w.class.Copies += int64(len(again))
	return w.object(s, again)
}

func (w *objectWriter) object(s *stream, records []record) error {
	w.buf.Reset()
	w.buf.WriteString(`{"Records":[`)
	last := time.Time{}
	for i, r := range records {
		if i > 0 {
			w.buf.WriteByte(',')
		}
		w.buf.Write(r.json)
		if r.foreign {
			w.class.Foreign++
		}
		if r.at.After(last) {
			last = r.at
		}
	}
	w.buf.WriteString(`]}`)
	w.out.Reset()
	zw := gzip.NewWriter(&w.out)
	if _, err := zw.Write(w.buf.Bytes()); err != nil {
		return err
	}
	if err := zw.Close(); err != nil {
		return err
	}
	w.class.Objects++
	w.class.Records += int64(len(records))
	w.class.Raw += int64(w.buf.Len())
	w.class.Compressed += int64(w.out.Len())

	last = last.Add(5 * time.Minute).UTC()
	dir := filepath.Join(w.dir, "AWSLogs", s.account, "CloudTrail", s.region, last.Format("2006/01/02"))
	if !w.made[dir] {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		w.made[dir] = true
	}
	name := fmt.Sprintf("%s_CloudTrail_%s_%s_%016X.json.gz", s.account, s.region, last.Format("20060102T1504Z"), w.rng.Uint64())
	return os.WriteFile(filepath.Join(dir, name), w.out.Bytes(), 0o666)
}
