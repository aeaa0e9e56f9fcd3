package page

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// themes are the colours of the style sheet by name: light, dark and on paper. The last
// two give only what differs.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	blocks := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(style), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of colours, want light, dark and print", len(blocks))
	}
	all := map[string]map[string]string{}
	for i, theme := range []string{"light", "dark", "print"} {
		all[theme] = map[string]string{}
		for _, from := range []string{blocks[0][1], blocks[i][1]} {
			for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(from, -1) {
				all[theme][m[1]] = m[2]
			}
		}
	}
	return all
}

// contrast is that of WCAG 2: from 1 for equal colours to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(colour string) (sum float64) {
		n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
		if err != nil || len(colour) != 7 {
			t.Fatalf("no colour: %q", colour)
		}
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&255) / 255
			if c <= 0.04045 {
				sum += weight * c / 12.92
			} else {
				sum += weight * math.Pow((c+0.055)/1.055, 2.4)
			}
		}
		return sum
	}
	x, y := light(a)+0.05, light(b)+0.05
	return max(x/y, y/x)
}

// Words in drawings can be read, and marks be told from what they lie on, in light, dark
// and on paper. Checkers of pages do not look into drawings.
func TestContrastInDrawings(t *testing.T) {
	// The classes of words in heat maps and the colours of their shades.
	on := map[string]string{}
	for _, m := range regexp.MustCompile(`\.drawing ((?:text\.on\d(?:, \.drawing )?)+) \{ fill: (?:var\(--([a-z-]+)\)|(#[0-9a-f]{6}))`).FindAllStringSubmatch(string(style), -1) {
		for _, class := range regexp.MustCompile(`on(\d)`).FindAllStringSubmatch(m[1], -1) {
			on[class[1]] = m[2] + m[3]
		}
	}
	if len(on) != 6 {
		t.Fatalf("words of %d shades, want 6: %v", len(on), on)
	}
	for theme, colours := range themes(t) {
		hold := func(word, ground string, least float64) {
			fore := colours[word]
			if strings.HasPrefix(word, "#") {
				fore = word
			}
			if got := contrast(t, fore, colours[ground]); got < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", theme, word, ground, got, least)
			}
		}
		for _, ground := range []string{"paper", "zebra"} {
			hold("ink", ground, 4.5)
			hold("soft", ground, 4.5)
			for i := range 8 {
				hold(fmt.Sprintf("c%d", i), ground, 3)
			}
		}
		for _, level := range []string{"ok", "attention", "alarm", "unknown"} {
			hold(level, level+"-wash", 4.5) // the sign of a state
			hold(level, "paper", 4.5)
			hold(level, "zebra", 3) // a mark in a lane
		}
		hold("unknown", "zebra", 4.5) // the sign of a state without level
		hold(on["0"], "zebra", 4.5)
		for i := 1; i < 6; i++ {
			hold(on[strconv.Itoa(i)], fmt.Sprintf("q%d", i), 4.5)
		}
	}
}
