package parquetio

import (
	"cmp"
	"slices"
)

// maxKept is how many bytes of pages are kept that will be wanted again.
const maxKept = 1 << 20

// keptBytes are some of the file's, from an offset.
type keptBytes struct {
	at   int64
	data []byte
}

// keep has later reads served from bytes that were read, if there is room for them.
func (f *File) keep(at int64, data []byte) {
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	if len(data) <= f.room {
		f.kept = append(f.kept, keptBytes{at, data})
		f.room -= len(data)
	}
}

// part returns n bytes at off, nil when they are not all there.
func (k keptBytes) part(off, n int64) []byte {
	if from := off - k.at; from >= 0 && n >= 0 && n <= int64(len(k.data))-from {
		return k.data[from:][:n:n]
	}
	return nil
}

// keptAt returns n bytes at off, nil when they have not been kept.
func (f *File) keptAt(off, n int64) []byte {
	if b := f.tail.part(off, n); b != nil {
		return b
	}
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	for _, k := range f.kept {
		if b := k.part(off, n); b != nil {
			return b
		}
	}
	return nil
}

// maxHole is as much as is read along rather than left out: to read it takes no longer
// than another call to the system.
const maxHole = 4 << 10

// ReadTogether reads pages, whose spans are read one by one else, with those that lie
// close to each other in one read, if there is room to keep them all. It is worth it
// where a few rows are wanted of many columns.
func (f *File) ReadTogether(pages []Span) error {
	asked := int64(0)
	for _, s := range f.missing(pages) {
		asked += s.Len
	}
	n, err := f.readTogether(pages)
	if n > 0 {
		f.pageBytes.Add(asked)
	}
	return err
}

// ReadIndexesTogether is [File.ReadTogether] for indexes and filters.
func (f *File) ReadIndexesTogether(spans []Span) error {
	_, err := f.readTogether(spans)
	return err
}

// readTogether returns how many reads it took.
func (f *File) readTogether(spans []Span) (n int, err error) {
	reads := f.together(spans)
	total := int64(0)
	for _, s := range reads {
		if s.Off < 0 || s.Off > f.size-s.Len {
			return 0, corrupt("%d bytes at %d in a file of %d", s.Len, s.Off, f.size)
		}
		total += s.Len
	}
	room := f.takeKeptRoom(int(total))
	for n, s := range reads {
		b := room[:s.Len:s.Len]
		if err := readFull(f.r, b, s.Off); err != nil {
			return n, err
		}
		f.keep(s.Off, b)
		room = room[s.Len:]
	}
	return len(reads), nil
}

// takeKeptRoom returns room for bytes to keep.
func (f *File) takeKeptRoom(n int) []byte {
	b := takeRoom(n)
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	f.keptRooms = append(f.keptRooms, b)
	return b
}

// together are the reads that have those of the spans that are not kept yet; none when
// they are too much.
func (f *File) together(spans []Span) []Span {
	reads := join(f.missing(spans), maxHole)
	total := int64(0)
	for _, s := range reads {
		total += s.Len
	}
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	if total > int64(f.room) {
		return nil
	}
	return reads
}

// missing are the spans that are not kept yet, in order and apart from each other.
func (f *File) missing(spans []Span) []Span {
	var missing []Span
	for _, s := range spans {
		if s.Len > 0 && s.Len <= maxKept && f.keptAt(s.Off, s.Len) == nil {
			missing = append(missing, s)
		}
	}
	slices.SortFunc(missing, func(a, b Span) int { return cmp.Compare(a.Off, b.Off) })
	return join(missing, 0)
}

// join makes one of spans, which are in order, that overlap or have no more than a hole
// between them.
func join(spans []Span, hole int64) (joined []Span) {
	for _, s := range spans {
		if n := len(joined) - 1; n >= 0 && s.Off <= joined[n].end()+hole {
			joined[n].Len = max(joined[n].end(), s.end()) - joined[n].Off
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// Forget gives up the bytes that [File.Where] and [File.ReadTogether] kept for those who
// read the rows. Nobody must be reading rows of the file.
func (f *File) Forget() {
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	for _, b := range f.keptRooms {
		giveRoom(b)
	}
	f.kept, f.keptRooms, f.room = nil, nil, maxKept
}

// readPages is like readAt, for pages.
func (f *File) readPages(off, n int64) ([]byte, error) {
	if b := f.keptAt(off, n); b != nil {
		return b, nil
	}
	b, err := f.readAt(off, n)
	if err == nil {
		f.indexBytes.Add(-n)
		f.pageBytes.Add(n)
	}
	return b, err
}
