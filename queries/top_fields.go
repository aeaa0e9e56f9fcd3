package queries

import (
	"bufio"
	"encoding/csv"
	"io"
	"math"
	"strconv"
)

// datum is a named value of an answer that has no columns of the lake's.
type datum struct {
	name   string
	text   string
	quoted bool // text, else a number, a boolean or a list, as JSON has it
}

// The kinds of datum; what is not known is null.

func textDatum(name, s string) datum { return datum{name, s, true} }

// countDatum is null below 0.
func countDatum(name string, n int64) datum {
	if n < 0 {
		return datum{name: name}
	}
	return datum{name: name, text: strconv.FormatInt(n, 10)}
}

// ratioDatum is null when f is no number; else it has six places.
func ratioDatum(name string, f float64) datum {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return datum{name: name}
	}
	return datum{name: name, text: strconv.FormatFloat(math.Round(f*1e6)/1e6, 'f', -1, 64)}
}

func boolDatum(name string, v bool) datum { return datum{name: name, text: strconv.FormatBool(v)} }

// timeDatum is null where nothing was seen.
func timeDatum(name string, at int64, seen bool) datum {
	if !seen {
		return datum{name: name, quoted: true}
	}
	return datum{name, string(appendTime(nil, at)), true}
}

func listDatum(name string, values []string) datum {
	return datum{name: name, text: string(appendList(nil, append([]string{}, values...)))}
}

// appendData appends an object.
func appendData(b []byte, data []datum) []byte {
	b = append(b, '{')
	for i, d := range data {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, d.name), ':')
		switch {
		case d.text == "":
			b = append(b, "null"...)
		case d.quoted:
			b = appendQuoted(b, d.text)
		default:
			b = append(b, d.text...)
		}
	}
	return append(b, '}')
}

// writeData writes rows as one JSON object that has them as its member "rows" after
// those of summary, as JSON lines, or as CSV below the names of columns.
func writeData(w io.Writer, f Format, summary, columns []datum, rows [][]datum) error {
	if f == CSV {
		return writeCSV(w, columns, rows)
	}
	out := bufio.NewWriter(w)
	var b []byte
	if f == JSON {
		b = appendData(b, summary)
		out.Write(b[:len(b)-1])
		out.WriteString(`,"rows":[`)
	}
	for i, row := range rows {
		switch {
		case f == JSON && i > 0:
			out.WriteString(",\n")
		case f == JSON:
			out.WriteString("\n")
		}
		b = appendData(b[:0], row)
		out.Write(b)
		if f != JSON {
			out.WriteString("\n")
		}
	}
	if f == JSON {
		out.WriteString("\n]}\n")
	}
	return out.Flush()
}

func writeCSV(w io.Writer, columns []datum, rows [][]datum) error {
	out := csv.NewWriter(w)
	line := make([]string, len(columns))
	for i, d := range columns {
		line[i] = d.name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range rows {
		for i, d := range row {
			if line[i] = d.text; d.quoted {
				line[i] = guard(d.text)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
