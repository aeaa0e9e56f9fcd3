package queries

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

const gap = "  "

// plain has no borders: space is dear, and the text is to be copied.
var plain = func() table.Style {
	s := table.StyleDefault
	s.Name = "plain"
	s.Options = table.OptionsNoBordersAndSeparators
	s.Format.Header = text.FormatDefault
	s.Box.PaddingLeft, s.Box.PaddingRight = "", gap
	return s
}()

func cellWidth(s string) int { return text.StringWidthWithoutEscSequences(s) }

// longestWord is how narrow a column can be and not break the words of s. Very
// long words may be broken.
func longestWord(s string) int {
	const unbroken = 24
	n := 0
	for _, word := range strings.Fields(s) {
		n = max(n, cellWidth(word))
	}
	return min(n, unbroken)
}

// fit narrows the widest columns until the table fits, but none below its least
// width. ok is false when that is too wide still.
func fit(natural, least []int, width int) (fitted []int, ok bool) {
	fitted = append(fitted, natural...)
	if width <= 0 {
		return fitted, true
	}
	room := width - len(gap)*len(natural)
	for {
		sum, widest := 0, -1
		for i, n := range fitted {
			sum += n
			if n > least[i] && (widest < 0 || n > fitted[widest]) {
				widest = i
			}
		}
		if sum <= room || widest < 0 {
			return fitted, sum <= room
		}
		fitted[widest]--
	}
}

// wrap breaks text into lines of at most width cells, between words where it can;
// 0 is any width.
func wrap(s string, width int) string {
	if width <= 0 || text.StringWidthWithoutEscSequences(s) <= width {
		return s
	}
	return trimLines(strings.TrimRight(text.WrapSoft(s, width), "\n"))
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// short cuts text that would push everything else out of sight: one endless user
// agent would make every line of a table as long. The other formats have it whole.
func short(s string) string {
	const most = 400
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s (%d bytes)", cutAt(s, most), len(s))
}

// cutAt cuts text to at most n bytes.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

func count(n int64, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "ch"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
