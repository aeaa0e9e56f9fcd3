package parquetio

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

// Forget gives up the bytes that [File.Where] kept for those who read the rows that it
// found.
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
