package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table is a Markdown table that can be read as it is.
type table struct{ rows [][]string }

func newTable(heads ...string) *table { return &table{rows: [][]string{heads}} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) print() {
	width := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range t.rows {
		fmt.Print("|")
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				fmt.Print(" ", cell, pad, " |")
			} else {
				fmt.Print(" ", pad, cell, " |")
			}
		}
		fmt.Println()
		if n == 0 {
			fmt.Print("|")
			for i, w := range width {
				line := strings.Repeat("-", w+1)
				if i == 0 {
					fmt.Print(line, "-|")
				} else {
					fmt.Print(line, ":|")
				}
			}
			fmt.Println()
		}
	}
}

func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func f1(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }
func f2(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }

func percent(n, of int64) string { return f1(100*float64(n)/float64(max(of, 1))) + " %" }
