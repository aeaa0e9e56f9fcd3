package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// MaxBytes bounds a policy file. People are to review it.
const MaxBytes = 1 << 20

// maxLine and maxOpen bound how deep a file can nest, long before the YAML library runs
// out of stack: by "- - -" in one line, and by brackets that nobody closes.
const (
	maxLine = 10_000
	maxOpen = 1_000
)

// Parse reads a policy file. name is what the file is called in errors. It refuses
// what is a [Fault]; the error is a *[Problems] with all of them.
func Parse(name string, data []byte) (*Policy, error) {
	p, problems := Read(name, data)
	if faults := problems.AtLeast(Fault); len(faults.List) > 0 {
		return nil, faults
	}
	return p, nil
}

// Read is Parse, and tells all that is wrong with a file, warnings too. The policy is
// nil when there is any [Fault].
func Read(name string, data []byte) (*Policy, *Problems) {
	r := newReading(name, data)
	p := r.read(data)
	r.problems.sort()
	if len(r.problems.AtLeast(Fault).List) > 0 {
		return nil, &r.problems
	}
	return p, &r.problems
}

func (r *reading) read(data []byte) *Policy {
	if what := unreadable(data); what != "" {
		r.add(nil, Fault, what)
		return nil
	}
	body := r.parseYAML(data)
	if len(r.problems.List) > 0 {
		return nil
	}
	p := &Policy{}
	r.fill(body, reflect.ValueOf(p).Elem(), "", "")
	wellFormed := len(r.problems.List) == 0
	r.check(p, wellFormed)
	if len(r.problems.AtLeast(Fault).List) > 0 {
		return nil
	}
	sum := sha256.Sum256(data)
	p.SHA256 = hex.EncodeToString(sum[:])
	p.compile()
	return p
}

// unreadable says why a file is not given to the YAML library.
func unreadable(data []byte) string {
	switch {
	case len(data) > MaxBytes:
		return fmt.Sprintf("the file has %d bytes; a policy has at most %d", len(data), MaxBytes)
	case !utf8.Valid(data):
		return "this is no text in UTF-8"
	}
	open, line := 0, 0
	for _, b := range data {
		line++
		switch b {
		case '\n':
			line = 0
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		}
		if open > maxOpen || line > maxLine {
			return "this is no policy: a line is too long, or brackets are not closed"
		}
	}
	return ""
}

// syntax notes what the YAML library says of a file.
func (r *reading) syntax(err error) {
	var fault yaml.Error
	if errors.As(err, &fault) && fault.GetToken() != nil {
		r.add(fault.GetToken().Position, Fault, "this is no YAML: "+fault.GetMessage())
		return
	}
	r.add(nil, Fault, "this is no YAML: "+err.Error())
}
