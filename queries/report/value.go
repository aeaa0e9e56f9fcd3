package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Kind is what a [Value] is, and how it is written.
type Kind uint8

// The kinds. A value that is not known, or that does not apply, is Null whatever its
// column's kind.
const (
	Null  Kind = iota
	Text       // words
	Code       // ids, ARNs, hashes, addresses, keys: text that people compare and copy
	Word       // a state, with a [Level]
	Count      // a whole number of things
	Real       // another number
	Share      // a part of a whole, from 0 to 1
	Money      // US dollars
	Time       // a moment, UTC, to the microsecond
	Day        // a UTC day
	Flag       // yes or no
	List       // texts
)

// Value is a cell of a table, a tile's number, a fact. The zero value is [Null].
type Value struct {
	kind  Kind
	level Level
	text  string
	n     int64
	real  float64
	list  []string
}

// Values of each kind. Texts are kept as they are given; empty ones, nil lists and what is
// no number are Null.
func TextOf(s string) Value { return textual(Text, s) }
func CodeOf(s string) Value { return textual(Code, s) }

// WordOf is a state, said in a word or two.
func WordOf(s string, l Level) Value {
	v := textual(Word, s)
	v.level = l
	return v
}

func CountOf(n int64) Value   { return Value{kind: Count, n: n} }
func RealOf(f float64) Value  { return fractional(Real, f) }
func MoneyOf(f float64) Value { return fractional(Money, f) }

// ShareOf is part of whole; Null when the whole is nothing.
func ShareOf(part, whole int64) Value {
	if whole == 0 {
		return Value{}
	}
	return Value{kind: Share, real: float64(part) / float64(whole)}
}

// TimeOf is a moment in microseconds since 1970; 0 is Null.
func TimeOf(micros int64) Value {
	if micros == 0 {
		return Value{}
	}
	return Value{kind: Time, n: micros}
}

// DayOf is a day, YYYY-MM-DD; empty is Null.
func DayOf(day string) Value { return textual(Day, day) }

func FlagOf(b bool) Value {
	if b {
		return Value{kind: Flag, n: 1}
	}
	return Value{kind: Flag}
}

// ListOf keeps the list.
func ListOf(texts []string) Value {
	if len(texts) == 0 {
		return Value{}
	}
	return Value{kind: List, list: texts}
}

// fractional is Null of what is no number: JSON has none for it, and nobody can read it.
func fractional(k Kind, f float64) Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Value{}
	}
	return Value{kind: k, real: f}
}

func textual(k Kind, s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{kind: k, text: s}
}

// Marked is the value with a level.
func (v Value) Marked(l Level) Value {
	v.level = l
	return v
}

func (v Value) Kind() Kind      { return v.kind }
func (v Value) Level() Level    { return v.level }
func (v Value) IsNull() bool    { return v.kind == Null }
func (v Value) Texts() []string { return v.list }

// Int is the number of a Count or of a Time's microseconds, and 1 of a Flag that is set.
func (v Value) Int() int64 { return v.n }

// Float is the number of a Count, Real, Share or Money.
func (v Value) Float() float64 {
	if v.kind == Count {
		return float64(v.n)
	}
	return v.real
}

// String is the value in words, as a page and a terminal show it, UTC. Texts in it are as
// they were given: they may be hostile.
func (v Value) String() string {
	switch v.kind {
	case Text, Code, Word, Day:
		return v.text
	case Count:
		return grouped(strconv.FormatInt(v.n, 10))
	case Real:
		return decimal(v.real)
	case Share:
		return percent(v.real)
	case Money:
		return dollars(v.real)
	case Time:
		return v.moment().Format("2006-01-02 15:04:05")
	case Flag:
		if v.n != 0 {
			return "yes"
		}
		return "no"
	case List:
		return strings.Join(v.list, ", ")
	}
	return ""
}

// Plain is the value for programs: no grouping, shares as numbers, times in RFC 3339.
func (v Value) Plain() string {
	switch v.kind {
	case Count:
		return strconv.FormatInt(v.n, 10)
	case Real, Share, Money:
		return number(v.real)
	case Time:
		return v.moment().Format(time.RFC3339Nano)
	case Flag:
		return strconv.FormatBool(v.n != 0)
	}
	return v.String()
}

func (v Value) moment() time.Time { return time.UnixMicro(v.n).UTC() }

// number has so many digits that nobody can tell two machines' sums apart.
func number(f float64) string { return strconv.FormatFloat(f, 'g', 12, 64) }

// decimal has four digits that count, and all those before the point.
func decimal(f float64) string {
	if a := math.Abs(f); a >= 1000 && a < 1e15 {
		return grouped(strconv.FormatFloat(f, 'f', 0, 64))
	}
	return strconv.FormatFloat(f, 'g', 4, 64)
}

// percent never says 100 % of what is not all, nor 0 % of what is something.
func percent(share float64) string {
	p := share * 100
	switch {
	case share > 0 && p < 0.1:
		return "< 0.1 %"
	case share < 1 && p > 99.9:
		return "> 99.9 %"
	case p == float64(int64(p)):
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

func dollars(f float64) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	if f > 0 && f < 0.01 {
		return sign + "< $0.01"
	}
	whole, cents, _ := strings.Cut(strconv.FormatFloat(f, 'f', 2, 64), ".")
	return sign + "$" + grouped(whole) + "." + cents
}

// grouped puts commas between thousands.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return sign + digits
}
