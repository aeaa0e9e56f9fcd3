package partition

import "encoding/binary"

// internSlots is the size of a column's cache: enough for the values that a
// quiet hour of one account shows, small enough to stay near the processor.
const internSlots = 256

// interner numbers the values of one column, from 1, and stores them in the arena.
// It knows a value again as long as no other has taken its slot: then the value gets
// another number and is stored once more, so that its memory is bounded by the
// rows' whatever the values are.
type interner struct {
	values []ref // of number 1 and up
	slots  [internSlots]uint32
}

// number returns the number of v, 0 for no value.
func (in *interner) number(a *arena, v string) uint32 {
	if len(v) == 0 {
		return 0
	}
	slot := &in.slots[slotOf(v)]
	if n := *slot; n > 0 {
		if r := in.values[n-1]; int(r.n) == len(v) && string(a.get(r)) == v {
			return n
		}
	}
	in.values = append(in.values, a.put(v))
	*slot = uint32(len(in.values))
	return *slot
}

// forget drops the values with numbers above n.
func (in *interner) forget(n int) {
	in.values = in.values[:n]
	in.slots = [internSlots]uint32{}
}

// slotOf mixes the length with both ends of the value: ARNs begin alike, user
// agents begin alike, and names end in what tells them apart.
func slotOf(v string) uint8 {
	h := uint64(len(v)) * 0x9E3779B97F4A7C15
	if len(v) >= 8 {
		h ^= load64(v[len(v)-8:]) * 0xC2B2AE3D27D4EB4F
		h ^= load64(v[len(v)/2-4:]) * 0x165667B19E3779F9
	} else {
		for i := 0; i < len(v); i++ {
			h = (h ^ uint64(v[i])) * 0x100000001B3
		}
	}
	return uint8(h >> 56)
}

func load64(v string) uint64 {
	var b [8]byte
	copy(b[:], v)
	return binary.LittleEndian.Uint64(b[:])
}
