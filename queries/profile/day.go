package profile

import (
	"fmt"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/schema"
)

const (
	// maxBytes bounds what the counts of one day take in memory: some millions of
	// combinations of principals, tables and what they do.
	maxBytes = 512 << 20
	// maxSigns is how many values of a family a principal is known by on a table. One that
	// showed more on a day has no usual ones: then all are known.
	maxSigns = 1024
	// maxNoted bounds what is noted to save time.
	maxNoted = 1 << 16
)

// About what a part of a profile takes in memory.
const (
	wordBytes  = 64
	countBytes = 64
	signBytes  = 40
)

// signFamilies are the families that are kept as signs. The others follow from the counts.
var signFamilies = [...]detect.Family{detect.ByEvent, detect.ByNetwork, detect.ByAgent, detect.ByRegion, detect.BySession}

// row is what a profile takes of a touch, in words.
type row struct {
	pair
	op, outcome uint32
	signs       [len(signFamilies)]uint32
	key         uint64
	hasKey      bool
	plane       uint32
}

// pair is a principal on a table, by their words.
type pair struct{ table, principal uint32 }

type act struct {
	pair
	op, outcome uint32
}

// group is what different keys are counted of; any part may be anything.
type group struct {
	pair
	op uint32
}

// sign is a value that a principal showed on a table.
type sign struct {
	family int8 // place in signFamilies
	value  uint32
}

// signs are those of a principal on a table.
type signs struct {
	all    map[sign]struct{}
	values [len(signFamilies)]int // of each family
}

// showing is the signs of a touch.
type showing struct {
	pair
	signs [len(signFamilies)]uint32
}

// building is a day's profile on its way.
type building struct {
	day      string
	words    *words
	planes   map[uint32]int64
	acts     map[act]int64
	signs    map[pair]*signs
	keys     map[group]*keySet // of the table at hand
	across   map[group]*keySet // of any table
	distinct map[group]int64   // keys of all that is done
	copies   copies
	settings settings

	shown              map[showing]struct{} // noted already
	networks, programs map[string]uint32    // by what they are made of
	room               []byte
	partition          schema.Partition
	bytes, limit       int64
}

func newBuilding(day string) *building {
	return &building{
		day: day, words: newWords(), planes: map[uint32]int64{}, acts: map[act]int64{},
		signs: map[pair]*signs{},
		keys:  map[group]*keySet{}, across: map[group]*keySet{}, distinct: map[group]int64{},
		copies:   copies{held: map[copyKey]held{}, loose: map[copyKey]held{}},
		settings: settings{told: map[described]int{}},
		shown:    map[showing]struct{}{}, networks: map[string]uint32{}, programs: map[string]uint32{},
		limit: maxBytes,
	}
}

// add takes a touch. Those of a partition come one after the other, in the order of its
// files, which are sorted by item.
func (b *building) add(t *schema.Touch, p schema.Partition) error {
	if p != b.partition {
		b.endTable()
		b.partition = p
	}
	b.bytes -= b.copies.next(t.ItemKey, b.count)
	if r := b.row(t); t.SharedEventID != "" && t.Plane != schema.PlaneInsight {
		b.bytes += b.copies.hold(t, r)
	} else {
		b.count(r)
	}
	return b.check()
}

func (b *building) check() error {
	if b.bytes+b.settings.bytes <= b.limit {
		return nil
	}
	return fmt.Errorf("profile of %s: the touches of that day are by so many principals on so many tables that what they do takes more than %d MiB to count; "+
		"keytrail top actors --from %[1]s --to %[1]s --lake LAKE shows whose they are", b.day, b.limit>>20)
}

// row puts a touch in words.
func (b *building) row(t *schema.Touch) row {
	r := row{
		pair: pair{b.word(t.TableARN), b.word(schema.PrincipalKey(t))},
		op:   b.word(t.Op), outcome: b.word(t.Outcome), plane: b.word(t.Plane),
		signs: [...]uint32{b.word(t.EventName), b.network(t), b.program(t.UserAgent), b.word(t.AWSRegion), b.word(schema.SessionShape(t.SessionName))},
	}
	if t.ItemKey != "" {
		r.hasKey = true
		r.key, b.room = hashKey(t.TableARN, t.ItemKey, b.room)
	}
	return r
}

func (b *building) word(text string) uint32 {
	before := len(b.words.texts)
	n := b.words.number(text)
	if len(b.words.texts) > before {
		b.bytes += wordBytes + int64(len(text))
	}
	return n
}

func (b *building) network(t *schema.Touch) uint32 {
	from := t.VPCEndpointID
	if from == "" {
		from = t.SourceIP
	}
	return b.noted(b.networks, from, func() string { return queries.Network(t.VPCEndpointID, t.SourceIP) })
}

func (b *building) program(agent string) uint32 {
	return b.noted(b.programs, agent, func() string { return queries.Program(agent) })
}

// noted is the word of what is made of a text.
func (b *building) noted(notes map[string]uint32, of string, word func() string) uint32 {
	n, ok := notes[of]
	if !ok {
		if len(notes) == maxNoted {
			clear(notes)
		}
		n = b.word(word())
		notes[strings.Clone(of)] = n
	}
	return n
}
