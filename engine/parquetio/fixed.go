package parquetio

// appendFixed adds rows of a type that takes the same space for every value. add adds
// values that are none of them null.
func (c *columnWriter) appendFixed(ranges []rowRange, i int, add func(r *rowRange, from, to int)) error {
	for at := range ranges {
		r := &ranges[at]
		nulls := r.Record.Column(i).NullN() > 0
		for from := r.From; from < r.To; {
			end := min(r.To, from+maxPageRows-c.rows)
			if nulls {
				c.appendSome(r, i, from, end, add)
			} else {
				if c.leaf.maxDef > 0 {
					for range end - from {
						c.defs = append(c.defs, 1)
					}
				}
				add(r, from, end)
			}
			c.rows += end - from
			from = end
			if c.rows >= maxPageRows {
				if err := c.cutPage(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// appendSome adds values between nulls.
func (c *columnWriter) appendSome(r *rowRange, i, from, to int, add func(r *rowRange, from, to int)) {
	col := r.Record.Column(i)
	for ; from < to; from++ {
		if col.IsNull(from) {
			c.defs = append(c.defs, 0)
			c.nulls++
			continue
		}
		c.defs = append(c.defs, 1)
		add(r, from, from+1)
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
