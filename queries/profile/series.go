package profile

// series are numbers of the n days before, of which those that the lake has are 0 and
// the others -1. from is the history's day of the first of them, which may lie before
// the history begins.
func (h *History) series(n int) (all []int64, from int) {
	all = make([]int64, n)
	from = len(h.known) - n
	for i := range all {
		if day := from + i; day < 0 || !h.known[day] {
			all[i] = -1
		}
	}
	return all, from
}

// Touched implements [detect.History].
func (h *History) Touched(n int, table, principal, op, outcome string) []int64 {
	all, from := h.series(n)
	t, ok1 := h.words.asked(table)
	p, ok2 := h.words.asked(principal)
	o, ok3 := h.words.asked(op)
	c, ok4 := h.words.asked(outcome)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return all
	}
	h.each(t, p, func(e *entry) {
		for i := range e.acts {
			a := &e.acts[i]
			if int(a.day) < from {
				return // as are those that follow
			}
			if (o == anything || a.op == o) && (c == anything || a.outcome == c) {
				all[int(a.day)-from] += a.touches
			}
		}
	})
	return all
}

// each calls fn with the pairs of a table and a principal, either of which may be
// anything.
func (h *History) each(table, principal uint32, fn func(*entry)) {
	var places []int32
	switch {
	case table != anything && principal != anything:
		if at, ok := h.entries[pair{table, principal}]; ok {
			fn(&h.all[at])
		}
		return
	case table != anything:
		places = h.ofTable[table]
	case principal != anything:
		places = h.ofActor[principal]
	default:
		for i := range h.all {
			fn(&h.all[i]) // of others than pairs there are no acts
		}
		return
	}
	for _, at := range places {
		fn(&h.all[at])
	}
}

// Distinct implements [detect.History]. Up to 1,024 keys are counted exactly, more with a
// standard error of 0.8 %.
func (h *History) Distinct(n int, table, principal, op string) []int64 {
	all, from := h.series(n)
	t, ok1 := h.words.asked(table)
	p, ok2 := h.words.asked(principal)
	o, ok3 := h.words.asked(op)
	at, ok4 := h.entries[pair{t, p}]
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return all
	}
	for _, k := range h.all[at].keys {
		if day := int(k.day) - from; day >= 0 && k.op == o {
			all[day] = k.keys
		}
	}
	return all
}
