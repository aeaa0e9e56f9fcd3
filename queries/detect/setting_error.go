package detect

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// SettingError is a mistake in a file of settings.
type SettingError struct {
	File         string
	Line, Column int // from 1; 0 where they are not known
	Message      string
}

func (e *SettingError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// at is a mistake at a node.
func (r *settingReader) at(n ast.Node, message string) error {
	e := &SettingError{File: r.name, Message: message}
	if t := n.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// wrap is a mistake that the YAML library has found.
func (r *settingReader) wrap(err error) error {
	var known yaml.Error
	if !errors.As(err, &known) {
		return &SettingError{File: r.name, Message: err.Error()}
	}
	e := &SettingError{File: r.name, Message: known.GetMessage()}
	if t := known.GetToken(); t != nil && t.Position != nil {
		e.Line, e.Column = t.Position.Line, t.Position.Column
	}
	return e
}

// meant is which detection was meant by an id that none has.
func (r *settingReader) meant(id string) string {
	var ids []string
	for i := range r.catalogue {
		ids = append(ids, r.catalogue[i].ID)
	}
	return nearest(id, ids)
}

// nearest says which of some names was meant, if one is like it: a name without its
// prefix, or one with few letters wrong.
func nearest(name string, names []string) string {
	if len(name) > 64 {
		return "" // none is as long
	}
	best, least := "", 4
	for _, n := range names {
		if strings.EqualFold(n, name) || strings.HasSuffix(n, "-"+strings.ToUpper(name)) {
			best = n
			break
		}
		if d := levenshtein.ComputeDistance(strings.ToLower(n), strings.ToLower(name)); d < least && 2*d <= len(n) {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// Nearest is the detection whose id is most like a name, in words: empty when none is.
func Nearest(name string) string { return (&settingReader{catalogue: Catalogue}).meant(name) }
