package sample

// rhythm is how the calls of a day are spread over its hours.
type rhythm struct {
	weight [24]int
	before [25]int // the sum of the weights of earlier hours
}

func rhythmOf(weight [24]int) *rhythm {
	r := &rhythm{weight: weight}
	for h, w := range weight {
		r.before[h+1] = r.before[h] + w
	}
	return r
}

// upTo is how many of the day's calls are made before a second of it. What does not
// divide evenly falls where the phase says.
func (r *rhythm) upTo(calls int, phase uint64, second int) int {
	passed, total := r.before[second/hour]*hour, r.before[24]*hour
	if second < 24*hour {
		passed += r.weight[second/hour] * (second % hour)
	}
	return (calls*passed + int(phase%uint64(total))) / total
}

var (
	allDay   = rhythmOf([24]int{14, 11, 9, 8, 9, 13, 22, 38, 56, 70, 78, 82, 84, 86, 88, 86, 80, 74, 68, 62, 52, 40, 28, 19})
	evenly   = rhythmOf([24]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
	officeTo = rhythmOf([24]int{8: 3, 9: 5, 10: 5, 11: 4, 12: 2, 13: 5, 14: 5, 15: 4})
	atNight  = rhythmOf([24]int{1: 3, 2: 4, 3: 2})
)

// What chance adds to or takes from a day and from a stream's calls of a day, in
// thousandths: together less than three tenths.
var (
	dayChance    = [...]int{930, 940, 955, 965, 975, 985, 990, 1000, 1005, 1010, 1020, 1030, 1040, 1050, 1065, 1080}
	streamChance = [...]int{835, 875, 900, 920, 940, 958, 975, 990, 1005, 1022, 1040, 1060, 1082, 1108, 1145, 1190}
)

// share is the part of a weekday's calls that a stream has on a day, in percent.
func (m *month) share(s *stream, day int) int {
	if workday(m.start + int64(day)*24*hour) {
		return 100
	}
	return s.rest
}

// count fills in how many calls each stream has on each day. All together are n: what
// the others leave is for the calls of other services.
func (m *month) count(n, days int) {
	left, others := n, 0
	m.counts = make([][]int, days)
	for day := range m.counts {
		m.counts[day] = make([]int, len(m.streams))
		r := newRNG(m.seed, 5, uint64(day))
		today := pick(r, dayChance[:])
		for i := range m.streams {
			s := &m.streams[i]
			if s.kind == nil {
				others++
				continue
			}
			calls := s.milli * m.share(s, day) / 100 * today / 1000 * pick(r, streamChance[:]) / 1000
			m.counts[day][i] = (calls + r.intn(1000)) / 1000
			left -= m.counts[day][i]
		}
	}
	given := 0
	for day := range m.counts {
		for i := range m.streams {
			if m.streams[i].kind == nil {
				part := left / others
				if given < left%others {
					part++
				}
				m.counts[day][i] = part
				given++
			}
		}
	}
}
