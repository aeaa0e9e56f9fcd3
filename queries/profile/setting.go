package profile

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/keytrail/keytrail/schema"
)

// appendTouch writes a touch with all its columns.
func appendTouch(b []byte, t *schema.Touch) []byte {
	for i := range schema.Columns {
		switch c := &schema.Columns[i]; {
		case c.Text != nil:
			b = appendText(b, *c.Text(t))
		case c.Int != nil:
			b = binary.AppendVarint(b, int64(*c.Int(t)))
		case c.Time != nil:
			b = binary.AppendVarint(b, *c.Time(t))
		case c.Flag != nil:
			b = binary.AppendUvarint(b, uint64(schema.TriOf(*c.Flag(t))))
		case c.Tri != nil:
			b = binary.AppendUvarint(b, uint64(*c.Tri(t)))
		default:
			b = appendTexts(b, *c.List(t))
		}
	}
	return appendText(b, t.TableName)
}

// appendTexts writes a list; one that is nil is another than an empty one.
func appendTexts(b []byte, list []string) []byte {
	if list == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(list))+1)
	for _, s := range list {
		b = appendText(b, s)
	}
	return b
}

// readTouch is the inverse of [appendTouch]. The texts are parts of the body.
func readTouch(text string) (t schema.Touch, err error) {
	b := body{rest: text}
	for i := range schema.Columns {
		switch c := &schema.Columns[i]; {
		case c.Text != nil:
			*c.Text(&t) = b.text()
		case c.Int != nil:
			*c.Int(&t) = int32(b.signed())
		case c.Time != nil:
			*c.Time(&t) = b.signed()
		case c.Flag != nil:
			*c.Flag(&t) = schema.Tri(b.number()) == schema.True
		case c.Tri != nil:
			*c.Tri(&t) = schema.Tri(b.number())
		default:
			*c.List(&t) = b.texts()
		}
	}
	t.TableName = b.text()
	return t, b.end()
}

func (b *body) texts() []string {
	n := b.number()
	if n == 0 || n-1 > uint64(len(b.rest)) {
		b.bad = b.bad || n != 0
		return nil
	}
	list := make([]string, n-1)
	for i := range list {
		list[i] = b.text()
	}
	return list
}

// settings gathers the touches of a day that a history keeps whole.
type settings struct {
	all   []schema.Touch
	told  map[described]int // the last description of a table, by its place in all
	bytes int64
}

// described is what a call that only looks tells of: of such calls the last that got an
// answer says all that those before it do.
type described struct{ event, table string }

func (s *settings) add(t *schema.Touch) {
	if t.Mutates || t.Plane == schema.PlaneTrail {
		s.keep(t)
		return
	}
	if t.Outcome != schema.OutcomeOK {
		return
	}
	k := described{t.EventName, t.TableARN}
	at, known := s.told[k]
	switch {
	case !known:
		at = s.keep(t)
		kept := &s.all[at]
		s.told[described{kept.EventName, kept.TableARN}] = at
	case compareSettings(&s.all[at], t) < 0:
		s.bytes += touchBytes(t) - touchBytes(&s.all[at])
		s.all[at] = *t.Clone()
	}
}

// keep copies a touch and returns its place.
func (s *settings) keep(t *schema.Touch) int {
	s.all = append(s.all, *t.Clone())
	s.bytes += touchBytes(t)
	return len(s.all) - 1
}

// touchBytes is about what a touch takes in memory.
func touchBytes(t *schema.Touch) int64 {
	return 1200 + int64(len(t.RequestParameters)+len(t.ResponseElements)+len(t.AdditionalEventData)+len(t.Resources))
}

// compareSettings orders touches by time.
func compareSettings(a, b *schema.Touch) int {
	return cmp.Or(cmp.Compare(a.EventTime, b.EventTime), cmp.Compare(a.EventID, b.EventID),
		cmp.Compare(a.RecipientAccountID, b.RecipientAccountID), cmp.Compare(a.TouchIndex, b.TouchIndex), cmp.Compare(a.TableARN, b.TableARN))
}

// sorted are the touches in order of time.
func (s *settings) sorted() []schema.Touch {
	slices.SortStableFunc(s.all, func(a, b schema.Touch) int { return compareSettings(&a, &b) })
	return s.all
}
