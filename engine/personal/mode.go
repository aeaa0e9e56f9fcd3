package personal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Mode is what becomes of the values of a table's keys.
type Mode uint8

const (
	Plain Mode = iota // they are kept as logged
	HMAC              // tokens stand in their place
	Drop              // nothing is kept of them
)

var modeNames = []string{"plain", "hmac", "drop"}

func (m Mode) String() string { return modeNames[m] }

// MarshalText writes the mode's name.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a mode's name.
func (m *Mode) UnmarshalText(text []byte) error {
	at := slices.Index(modeNames, string(text))
	if at < 0 {
		return fmt.Errorf("key mode %q is none of plain, hmac, drop", text)
	}
	*m = Mode(at)
	return nil
}

// TableMode is the mode of the tables whose name or ARN matches a glob. See [schema.Glob].
type TableMode struct {
	Tables string `json:"tables"`
	Mode   Mode   `json:"mode"`
}

// Modes are the modes of all tables. The zero value is plain for all.
type Modes struct {
	Default Mode        `json:"default"`
	Tables  []TableMode `json:"tables,omitempty"` // sorted by glob
}

// ParseModes reads "[GLOB=]MODE", each once; one without a glob is the default.
func ParseModes(texts []string) (m Modes, err error) {
	seen := map[string]bool{}
	for _, text := range texts {
		glob, name, named := strings.Cut(text, "=")
		if !named {
			glob, name = "", text
		}
		var mode Mode
		switch err := mode.UnmarshalText([]byte(name)); {
		case err != nil:
			return Modes{}, fmt.Errorf("%q: %w: write it as hmac, or as 'customers*=hmac' for some tables", text, err)
		case named && glob == "":
			return Modes{}, fmt.Errorf("%q names no tables: write a glob before the =, or leave the = out", text)
		case seen[glob] && named:
			return Modes{}, fmt.Errorf("tables %q have two modes", glob)
		case seen[glob]:
			return Modes{}, fmt.Errorf("there are two modes for tables without one of their own: of all but one, say which tables they are for, as 'customers*=%s'", name)
		}
		seen[glob] = true
		if named {
			m.Tables = append(m.Tables, TableMode{glob, mode})
		} else {
			m.Default = mode
		}
	}
	slices.SortFunc(m.Tables, func(a, b TableMode) int { return strings.Compare(a.Tables, b.Tables) })
	return m, nil
}

// Strings is what [ParseModes] reads.
func (m Modes) Strings() []string {
	texts := []string{m.Default.String()}
	for _, t := range m.Tables {
		texts = append(texts, t.Tables+"="+t.Mode.String())
	}
	return texts
}

// Of is the mode of a table, either of whose names may be empty. Where several globs
// match, the strictest mode counts. A call that names no table, or what no table can be
// called, may be about any: it has the strictest of all modes.
func (m *Modes) Of(name, arn string) Mode {
	if name == "" && arn == "" || name != "" && !schema.LegalTableName(name) {
		return m.Strictest()
	}
	mode, found := Plain, false
	for _, t := range m.Tables {
		if name != "" && schema.Glob(t.Tables, name) || arn != "" && schema.Glob(t.Tables, arn) {
			mode, found = max(mode, t.Mode), true
		}
	}
	if !found {
		return m.Default
	}
	return mode
}

// Strictest is the mode of any table that keeps the least.
func (m *Modes) Strictest() Mode {
	strictest := m.Default
	for _, t := range m.Tables {
		strictest = max(strictest, t.Mode)
	}
	return strictest
}

// Uses reports whether tables may have a mode.
func (m *Modes) Uses(mode Mode) bool {
	return m.Default == mode || slices.ContainsFunc(m.Tables, func(t TableMode) bool { return t.Mode == mode })
}

// possible are the modes that rows of a table may have of which a person says no more
// than its name, or nothing: an ARN may be in a glob that its table's name is not in.
func (m *Modes) possible(table string) (is [Drop + 1]bool) {
	arn, isARN := schema.ParseTableARN(table)
	if isARN {
		is[m.Of(arn.Table, arn.ARN)] = true
		return is
	}
	if table != "" {
		is[m.Of(table, "")] = true
	} else {
		is[m.Default] = true
	}
	for _, t := range m.Tables {
		if table == "" || mayBeOf(t.Tables, table) {
			is[t.Mode] = true
		}
	}
	return is
}

// mayBeOf reports whether a glob may match an ARN of a table of that name.
func mayBeOf(glob, table string) bool {
	const mark = ":table/"
	at := strings.LastIndex(glob, mark)
	switch {
	case strings.Contains(glob, "**"):
		return true
	case at >= 0:
		return schema.Glob(glob[at+len(mark):], table)
	}
	return strings.Contains(glob, ":")
}

// strictestFor is the strictest of the modes that a table of a name, or with an ARN, may have.
func (m *Modes) strictestFor(table string) Mode {
	strictest := Plain
	for mode, is := range m.possible(table) {
		if is {
			strictest = Mode(mode)
		}
	}
	return strictest
}
