package sample

import "io"

// page holds the records of one object, cut into their top-level members, so that
// a second trail's copy can be written with the members in another order.
type page struct {
	w       text
	members []member
	records []record
}

// member is one top-level member: its value is w.b[from:to].
type member struct {
	name     string
	from, to int
}

// record is members[first:last] of a page.
type record struct {
	at          int64
	first, last int
}

func (p *page) reset() {
	p.w.reset()
	p.members = p.members[:0]
	p.records = p.records[:0]
}

// begin starts a record; end finishes it.
func (p *page) begin(at int64) {
	p.records = append(p.records, record{at: at, first: len(p.members)})
}

// field starts the next top-level member of the record and returns the text to
// write its value to.
func (p *page) field(name string) *text {
	p.end()
	p.w.b = append(p.w.b, ':')
	p.members = append(p.members, member{name: name, from: len(p.w.b)})
	return &p.w
}

func (p *page) end() {
	r := &p.records[len(p.records)-1]
	if n := len(p.members); n > r.first {
		p.members[n-1].to = len(p.w.b)
	}
	r.last = len(p.members)
}

// object writes the page as a trail object. order lists the records to write;
// turn rotates the members of each, 0 leaves them as CloudTrail writes them.
func (p *page) object(w io.Writer, order []int, turn int, scratch []byte) ([]byte, error) {
	b := append(scratch[:0], `{"Records":[`...)
	for i, n := range order {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.appendRecord(b, p.records[n], turn)
		if len(b) >= 64<<10 {
			if _, err := w.Write(b); err != nil {
				return b, err
			}
			b = b[:0]
		}
	}
	b = append(b, `]}`...)
	_, err := w.Write(b)
	return b, err
}

func (p *page) appendRecord(b []byte, r record, turn int) []byte {
	n := r.last - r.first
	b = append(b, '{')
	for i := range n {
		m := p.members[r.first+(i+turn)%n]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), m.name...), '"', ':')
		b = append(b, p.w.b[m.from:m.to]...)
	}
	return append(b, '}')
}
