package parquetio

import "github.com/keytrail/keytrail/schema"

// appendFixed adds rows of a type without nulls. add adds the values of some of them.
func (c *columnWriter) appendFixed(r *rowRange, add func(from, to int)) error {
	for from := r.From; from < r.To; {
		end := min(r.To, from+maxPageRows-c.rows)
		add(from, end)
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

func (c *columnWriter) appendFlags(r *rowRange, i int) error {
	nullable := c.leaf.maxDef > 0
	for _, v := range r.Flags[i][r.From:r.To] {
		switch {
		case nullable && v == schema.Null:
			c.defs = append(c.defs, 0)
			c.nulls++
		case nullable:
			c.defs = append(c.defs, 1)
			fallthrough
		default:
			c.bools = append(c.bools, boolByte(v == schema.True))
		}
		c.rows++
		if c.rows >= maxPageRows {
			if err := c.cutPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
