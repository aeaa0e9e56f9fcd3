package profile

// count takes a touch that is no copy.
func (b *building) count(r row) {
	b.planes[r.plane]++
	a := act{r.pair, r.op, r.outcome}
	n := b.acts[a]
	if n == 0 {
		b.bytes += countBytes
	}
	b.acts[a] = n + 1
	if s := (showing{r.pair, r.signs}); !has(b.shown, s) {
		if len(b.shown) == maxNoted {
			clear(b.shown)
		}
		b.shown[s] = struct{}{}
		b.show(s)
	}
	if r.hasKey {
		b.bytes += b.set(b.keys, group{r.pair, r.op}).add(r.key)
	}
}

func has[K comparable](set map[K]struct{}, k K) bool {
	_, ok := set[k]
	return ok
}

// show notes signs.
func (b *building) show(s showing) {
	of := b.signs[s.pair]
	if of == nil {
		of = &signs{all: map[sign]struct{}{}}
		b.signs[s.pair] = of
		b.bytes += 4 * countBytes
	}
	for family, value := range s.signs {
		g := sign{int8(family), value}
		if has(of.all, g) || of.values[family] > maxSigns {
			continue
		}
		of.all[g] = struct{}{}
		of.values[family]++
		b.bytes += signBytes
	}
}

// set is the keys of a group, in one of the maps.
func (b *building) set(of map[group]*keySet, g group) *keySet {
	s := of[g]
	if s == nil {
		s = new(keySet)
		of[g] = s
		b.bytes += countBytes
	}
	return s
}

// endTable counts the keys of the table that is done, so that no more than one table's are
// held at a time beside those of any table. A table of which there are rows without a
// table's name too has its keys counted in either place.
func (b *building) endTable() {
	b.bytes -= b.copies.end(b.count)
	wholes := map[group]*keySet{}
	for g, s := range b.keys {
		for _, whole := range [...]group{
			{pair{g.table, g.principal}, anything}, {pair{g.table, anything}, g.op}, {pair{g.table, anything}, anything},
		} {
			b.bytes += b.set(wholes, whole).merge(s)
		}
		for _, across := range [...]group{
			{pair{anything, g.principal}, g.op}, {pair{anything, g.principal}, anything},
			{pair{anything, anything}, g.op}, {pair{anything, anything}, anything},
		} {
			b.bytes += b.set(b.across, across).merge(s)
		}
	}
	for _, done := range []map[group]*keySet{b.keys, wholes} {
		for g, s := range done {
			b.distinct[g] += s.count()
			b.bytes -= s.bytes() // but for the count
		}
	}
	clear(b.keys)
}

// end ends the day.
func (b *building) end() error {
	b.endTable()
	for g, s := range b.across {
		b.distinct[g] = s.count()
	}
	return b.check()
}
