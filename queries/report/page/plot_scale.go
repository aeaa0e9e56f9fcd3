package page

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// letter is about how wide a letter is, in the size that drawings are lettered with.
const letter = 7.0

// width is about how many letters a text takes: some scripts have letters twice as wide.
func width(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x1100 {
			n++
		}
	}
	return n
}

// cut shortens a text to n letters. What tells ARNs and names apart stands at both ends,
// so it is cut in the middle.
func cut(s string, n int) string {
	if width(s) <= n {
		return s
	}
	runes := []rune(s)
	tail := n / 3
	head := max(n-tail-1, 1)
	for head > 1 && width(string(runes[:min(head, len(runes))]))+width(string(runes[max(len(runes)-tail, 0):]))+1 > n {
		head--
		tail = min(tail, head)
	}
	if head+tail >= len(runes) {
		return s
	}
	return string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
}

// ticks are round numbers from 0 up to the first that is not below top, at most six.
func ticks(top float64) []float64 {
	if !(top > 1e-9) || math.IsInf(top, 0) {
		top = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(top/4)))
	for _, by := range []float64{1, 2, 5, 10} {
		if top/(step*by) <= 5 {
			step *= by
			break
		}
	}
	list := []float64{0}
	for i := 1; list[len(list)-1] < top; i++ {
		list = append(list, float64(i)*step)
	}
	return list
}

// brief is a number in a few letters: 950, 12k, 1.5M.
func brief(f float64) string {
	if math.Abs(f) >= 1e18 {
		return strconv.FormatFloat(f, 'g', 2, 64)
	}
	for _, unit := range []struct {
		from float64
		sign string
	}{{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e4, "k"}} {
		if math.Abs(f) >= unit.from {
			size := unit.from
			if unit.sign == "k" {
				size = 1e3
			}
			return significant(f/size) + unit.sign
		}
	}
	if f == math.Trunc(f) {
		return figure(f)
	}
	return significant(f)
}

// significant has two or three digits that count.
func significant(f float64) string {
	if math.Abs(f) >= 10 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'g', 2, 64)
}

// shortColumn is the name of a column below an axis: of a day its month and day.
func shortColumn(s string) string {
	if len(s) == len(time.DateOnly) {
		if day, err := time.Parse(time.DateOnly, s); err == nil {
			return day.Format("Jan 2")
		}
	}
	return cut(s, 12)
}

// every is how many columns lie between two names so that names do not touch, when a
// column is so wide.
func every(columns []string, width float64) int {
	longest := 1
	for _, c := range columns {
		longest = max(longest, utf8.RuneCountInString(shortColumn(c)))
	}
	return max(1, int(math.Ceil((float64(longest)*letter+8)/width)))
}

// highest is the largest number there is, 0 if there is none above it.
func highest(values []float64) (top float64) {
	for _, v := range values {
		if v > top && !math.IsInf(v, 0) {
			top = v
		}
	}
	return top
}

// known is a number that can be drawn: one below zero is no amount.
func known(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
