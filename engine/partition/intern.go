package partition

import "encoding/binary"

// internSlots is the size of a column's cache: enough for the values that a
// quiet hour of one account shows, small enough to stay near the processor.
const internSlots = 256

// interner remembers where recent values of one column lie in the arena, so
// that a value that keeps coming back is stored once. It forgets on collision:
// its memory is fixed whatever the values are.
type interner struct {
	slots [internSlots]ref
}

func (in *interner) put(a *arena, v string) ref {
	if len(v) == 0 {
		return ref{}
	}
	slot := &in.slots[slotOf(v)]
	if int(slot.n) == len(v) && string(a.get(*slot)) == v {
		return *slot
	}
	*slot = a.put(v)
	return *slot
}

func (in *interner) reset() { in.slots = [internSlots]ref{} }

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
