package parquetio

import "github.com/keytrail/keytrail/schema"

func (c *columnWriter) appendLists(r *rowRange, i int) error {
	t := &r.Texts[i]
	if t.AllNull {
		return c.appendNulls(r.To - r.From)
	}
	byNumber := t.Numbers != nil && c.dict != nil
	if byNumber {
		r.known[i] = r.known[i].upTo(len(t.Values))
	}
	for row := r.From; row < r.To; row++ {
		switch list := t.Value(row); {
		case list == "":
			c.addLevels(0, 0)
			c.nulls++
		case byNumber:
			c.addNumbered(list, &r.known[i][t.Numbers[row]])
		default:
			c.addList(list)
		}
		c.rows++
		if c.full() {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// addList adds a row to the page: a list with items.
func (c *columnWriter) addList(list string) {
	for first := true; list != ""; first = false {
		var item string
		item, list = schema.NextItem(list)
		c.addLevels(2, boolByte(!first))
		c.addText(item)
	}
}

// addNumbered adds a list that has a number. seen is what is known of it: the page that
// has it last, and where its items' numbers are among lists; see [known].
func (c *columnWriter) addNumbered(list string, seen *uint64) {
	page := uint64(c.chunk.stamp()+1) << 32
	at := int(uint32(*seen)) - 1
	if at < 0 {
		at = len(c.lists)
		from := len(c.ids)
		c.addList(list)
		c.lists = append(append(c.lists, int32(len(c.ids)-from)), c.ids[from:]...)
		*seen = page | uint64(at+1)
		return
	}
	ids := c.lists[at+1 : at+1+int(c.lists[at])]
	if *seen < page {
		for _, id := range ids {
			c.noteID(uint32(id), c.dict.value(uint32(id)))
		}
		*seen = page | uint64(at+1)
	}
	for n := range ids {
		c.addLevels(2, boolByte(n > 0))
	}
	c.ids = append(c.ids, ids...)
}

func (c *columnWriter) addLevels(def, rep byte) {
	c.defs = append(c.defs, def)
	c.reps = append(c.reps, rep)
}
