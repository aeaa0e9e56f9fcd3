package parquetio

import "github.com/apache/arrow/go/v15/arrow"

// appendFixed adds rows of a type that takes the same space for every value. add adds
// values that are none of them null.
func (c *columnWriter) appendFixed(a arrow.Array, from, to int, add func(i, j int)) error {
	for from < to {
		end := min(to, from+maxPageRows-c.rows)
		switch {
		case a.NullN() > 0:
			c.appendSome(a, from, end, add)
		default:
			if c.leaf.maxDef > 0 {
				for range end - from {
					c.defs = append(c.defs, 1)
				}
			}
			add(from, end)
		}
		c.rows += end - from
		from = end
		if c.rows >= maxPageRows {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendSome adds values between nulls.
func (c *columnWriter) appendSome(a arrow.Array, from, to int, add func(i, j int)) {
	for i := from; i < to; i++ {
		if a.IsNull(i) {
			c.defs = append(c.defs, 0)
			c.nulls++
			continue
		}
		c.defs = append(c.defs, 1)
		add(i, i+1)
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
