package partition

import "github.com/keytrail/keytrail/schema"

// who is what a row has in the columns that say who acted, for the latest touches
// with that number. A third of a row's values are there, most of them long, and in an
// object they come from few callers. The access key is not among them.
type who struct {
	number uint64
	words  []uint32
	size   uint32 // bytes of text
}

const whoSlots = 256

var colAccessKey = schema.ColumnIndex("access_key_id")

// setWho sets the columns that say who acted.
func (b *Buffer) setWho(row []uint32, t *schema.Touch) error {
	words := row[rowLayout.at[schema.WhoFrom]:rowLayout.at[schema.WhoTo]]
	known := &b.who[t.WhoNumber%whoSlots]
	if t.WhoNumber != 0 && known.number == t.WhoNumber {
		copy(words, known.words)
		row[rowLayout.size] += known.size + uint32(len(t.AccessKeyID))
		return b.setText(row, rowLayout.at[colAccessKey], colAccessKey, t.AccessKeyID)
	}
	before := row[rowLayout.size]
	if err := b.set(row, t, schema.WhoFrom, schema.WhoTo); err != nil {
		return err
	}
	if t.WhoNumber != 0 {
		*known = who{t.WhoNumber, append(known.words[:0], words...), row[rowLayout.size] - before - uint32(len(t.AccessKeyID))}
	}
	return nil
}
