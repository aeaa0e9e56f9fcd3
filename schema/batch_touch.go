package schema

// Touch sets t to row i of the batch, but for its table, which is the partition's. Its
// texts are views, good until the batch is released.
func (b *Batch) Touch(i int, t *Touch) {
	*t = Touch{}
	for n := range Columns {
		switch c := &Columns[n]; {
		case c.Text != nil:
			*c.Text(t) = b.Texts[n].Value(i)
		case c.List != nil:
			var items []string
			for packed := b.Texts[n].Value(i); packed != ""; {
				var item string
				item, packed = NextItem(packed)
				items = append(items, item)
			}
			*c.List(t) = items
		case c.Int != nil:
			*c.Int(t) = b.Ints[n][i]
		case c.Time != nil:
			*c.Time(t) = b.Times[n][i]
		case c.Flag != nil:
			*c.Flag(t) = b.Flags[n][i] == True
		default:
			*c.Tri(t) = b.Flags[n][i]
		}
	}
}
