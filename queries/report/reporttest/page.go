package reporttest

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
)

// Numbers is an expression for a browser: what stands on the page of a report, with what
// it is. [SamePage] reads the answer.
const Numbers = `[...document.querySelectorAll('[data-fact], table[data-table] > tbody > tr > td, td[data-at]')].map(e => {
	const table = e.closest('table'), shown = e.cloneNode(true)
	shown.querySelectorAll('.vh, .null').forEach(hidden => hidden.remove())
	const text = e.className === 'number' ? shown.textContent.replaceAll(',', '') : shown.textContent
	return {
		Key: !table ? 'fact ' + e.dataset.section + ' ' + e.dataset.fact
			: table.dataset.table ? 'table ' + table.dataset.table + ' ' + e.parentNode.sectionRowIndex + ' ' + table.tHead.rows[0].cells[e.cellIndex].dataset.column
			: 'plot ' + table.dataset.plot + ' ' + e.dataset.at,
		Value: e.dataset.value ?? shown.querySelector('time')?.dateTime ?? text, Text: e.textContent.trim()}
})`

// Misplaced is an expression for a browser: how many cells do not stand below the heads of
// their columns, in a window that is wide enough for tables.
const Misplaced = `[...document.querySelectorAll('table[data-table]')].map(t => [...t.tBodies[0].rows].map(r => [...r.cells].filter((c, i) =>
	Math.abs(c.getBoundingClientRect().left - t.tHead.rows[0].cells[i].getBoundingClientRect().left) > 1).length)).flat().reduce((a, b) => a + b, 0)`

// OnPage is a value on a page: what programs read of it, and people.
type OnPage struct{ Key, Value, Text string }

// pageRows is how many rows of a table a page shows at most, and fewRows how many of one
// that is too long for it at least, whatever the table asks for.
const (
	pageRows = 500
	fewRows  = 20
)

type factJSON struct {
	ID    string
	Value any
}

type reportJSON struct {
	Cover    []factJSON
	Sections []struct {
		ID     string
		Tiles  []factJSON
		Tables []struct {
			ID      string
			Columns []struct{ Name, Kind string }
			Rows    []map[string]any
		}
		Plots []struct {
			ID, Kind string
			Rows     []struct{ Values []any }
			States   []struct{ Name string }
		}
	}
}

// SamePage fails the test unless the page shows what the JSON of the report has, in its
// facts, tiles, plots and the first rows of its tables, and nothing else.
func SamePage(t testing.TB, text []byte, page []OnPage) {
	t.Helper()
	var doc reportJSON
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	c := comparison{t: t, page: map[string]OnPage{}}
	for _, p := range page {
		c.page[p.Key] = p
	}
	c.facts("cover", doc.Cover)
	for _, s := range doc.Sections {
		c.facts(s.ID, s.Tiles)
		for _, table := range s.Tables {
			for i, row := range table.Rows[:c.shown(table.ID, len(table.Rows))] {
				for _, column := range table.Columns {
					c.same(fmt.Sprintf("table %s %d %s", table.ID, i, column.Name), row[column.Name], column.Kind)
				}
			}
		}
		for _, plot := range s.Plots {
			for i, row := range plot.Rows {
				for j, value := range row.Values {
					if n, ok := value.(json.Number); ok && plot.Kind == "matrix" {
						state, _ := n.Int64()
						value = plot.States[state].Name
					}
					c.same(fmt.Sprintf("plot %s %d,%d", plot.ID, i, j), value, "")
				}
			}
			if plot.Kind == "timeline" {
				c.forget("plot " + plot.ID + " ") // its cells are words
			}
		}
	}
	for key, p := range c.page {
		t.Errorf("the page has %s = %q, the JSON does not", key, p.Value)
	}
	if c.compared == 0 && len(page) > 0 {
		t.Error("nothing was compared")
	}
}

type comparison struct {
	t        testing.TB
	page     map[string]OnPage
	compared int
}

// shown is how many of a table's rows are on the page. A few must be.
func (c *comparison) shown(id string, rows int) (n int) {
	c.t.Helper()
	for key := range c.page {
		if rest, of := strings.CutPrefix(key, "table "+id+" "); of {
			at, _, _ := strings.Cut(rest, " ")
			row, err := strconv.Atoi(at)
			if err != nil {
				c.t.Errorf("%s is in no row", key)
			}
			n = max(n, row+1)
		}
	}
	if n < min(rows, fewRows) || n > min(rows, pageRows) {
		c.t.Errorf("the page has %d rows of table %s, the JSON %d", n, id, rows)
	}
	return min(n, rows)
}

func (c *comparison) facts(section string, facts []factJSON) {
	for _, f := range facts {
		c.same("fact "+section+" "+f.ID, f.Value, "")
	}
}

func (c *comparison) forget(prefix string) {
	for key := range c.page {
		if strings.HasPrefix(key, prefix) {
			delete(c.page, key)
		}
	}
}

// same compares a value of the JSON with the page's. A column without any value need not
// be on the page.
func (c *comparison) same(key string, want any, kind string) {
	c.t.Helper()
	got, there := c.page[key]
	delete(c.page, key)
	switch {
	case want == nil && (!there || got.Value == ""):
		return
	case !there:
		c.t.Errorf("the page lacks %s = %v", key, want)
		return
	}
	c.compared++
	switch want := want.(type) {
	case json.Number:
		if !near(want.String(), got.Value) {
			c.t.Errorf("%s: the page has %q, the JSON %s", key, got.Value, want)
		}
		if kind == "count" && !strings.HasSuffix(" "+strings.ReplaceAll(got.Text, ",", ""), " "+want.String()) { // behind a level's word
			c.t.Errorf("%s: the page shows %q, the JSON has %s", key, got.Text, want)
		}
	case bool:
		if got.Value != fmt.Sprint(want) {
			c.t.Errorf("%s: the page has %q, the JSON %v", key, got.Value, want)
		}
	case string:
		if plain(want) && got.Value != want {
			c.t.Errorf("%s: the page has %q, the JSON %q", key, got.Value, want)
		}
	}
}

// near reports whether two numbers are one but for how they are written.
func near(a, b string) bool {
	var x, y float64
	if _, err := fmt.Sscan(a, &x); err != nil {
		return false
	}
	if _, err := fmt.Sscan(b, &y); err != nil {
		return false
	}
	return math.Abs(x-y) <= 1e-11*math.Abs(x)
}

// plain reports whether a text stands on the page as it is: short, and nothing in it had
// to be made safe.
func plain(s string) bool {
	if len(s) > 160 {
		return false
	}
	for _, r := range s {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return true
}
