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

// keptAt returns n bytes at off, nil when they have not been kept.
func (f *File) keptAt(off, n int64) []byte {
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	for _, k := range f.kept {
		if from := off - k.at; from >= 0 && n >= 0 && n <= int64(len(k.data))-from {
			return k.data[from:][:n:n]
		}
	}
	return nil
}

// ReadTogether reads spans, which are read one by one else, with those that lie
// side by side in one read, if there is room to keep them all. It is worth it where a
// few rows are wanted of many columns.
func (f *File) ReadTogether(spans []Span) error {
	for _, s := range f.together(spans) {
		b, err := f.readPages(s.Off, s.Len)
		if err != nil {
			return err
		}
		f.keep(s.Off, b)
	}
	return nil
}

// together are the reads that have those of the spans that are not kept yet; none when
// they are too much.
func (f *File) together(spans []Span) (reads []Span) {
	spans = slices.SortedFunc(slices.Values(spans), func(a, b Span) int { return cmp.Compare(a.Off, b.Off) })
	total := int64(0)
	for _, s := range spans {
		if s.Len <= 0 || s.Len > maxKept || f.keptAt(s.Off, s.Len) != nil {
			continue
		}
		if n := len(reads) - 1; n >= 0 && s.Off <= reads[n].Off+reads[n].Len {
			before := reads[n].Len
			reads[n].Len = max(before, s.Off+s.Len-reads[n].Off)
			total += reads[n].Len - before
		} else {
			reads = append(reads, s)
			total += s.Len
		}
	}
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	if total > int64(f.room) {
		return nil
	}
	return reads
}

// Forget gives up the bytes that [File.Where] and [File.ReadTogether] kept for those who
// read the rows.
func (f *File) Forget() {
	f.keptMu.Lock()
	defer f.keptMu.Unlock()
	f.kept, f.room = nil, maxKept
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
