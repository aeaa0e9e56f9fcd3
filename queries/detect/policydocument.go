package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// policyDocument is a policy of IAM, of a table or of a key, as far as its statements
// go. Names of elements are found whatever their case.
type policyDocument struct {
	Statement statements
}

type statement struct {
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       texts
	NotAction    texts
	Resource     texts
	NotResource  texts
	Condition    map[string]map[string]texts // values by operator and key
}

// Where the grammar allows one value or a list, these take both.
type (
	texts      []string
	statements []statement
	// principals are values by kind: AWS, Service, Federated, CanonicalUser; "*" alone
	// stands under "*".
	principals map[string]texts
)

// parsePolicy reads a policy, also one that is percent-encoded as IAM's answers are.
func parsePolicy(text string) (*policyDocument, error) {
	if strings.HasPrefix(text, "%7B") || strings.HasPrefix(text, "%7b") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	d := &policyDocument{}
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if len(d.Statement) == 0 {
		return nil, errors.New("policy: there is no statement")
	}
	for i := range d.Statement {
		s := &d.Statement[i]
		if !s.allows() && !strings.EqualFold(s.Effect, "Deny") {
			return nil, fmt.Errorf("policy: effect %q of statement %d is neither Allow nor Deny", s.Effect, i+1)
		}
		if s.Action == nil && s.NotAction == nil {
			return nil, fmt.Errorf("policy: statement %d has no action", i+1)
		}
	}
	return d, nil
}

func (s *statement) allows() bool { return strings.EqualFold(s.Effect, "Allow") }

// document is a policy's text, whether it was logged as text or as an object.
func (v Value) document() string {
	if text := v.Text(); text != "" || !v.Exists() {
		return text
	}
	text, err := json.Marshal(v.v)
	if err != nil {
		return ""
	}
	return string(text)
}

func (t *texts) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		var items []scalar
		if err := json.Unmarshal(raw, &items); err != nil {
			return err
		}
		*t = make(texts, len(items))
		for i, item := range items {
			(*t)[i] = string(item)
		}
		return nil
	}
	var one scalar
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*t = texts{string(one)}
	return nil
}

// scalar is a text, or a number or truth value as it is written.
type scalar string

func (s *scalar) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '"':
		return json.Unmarshal(raw, (*string)(s))
	case '{', '[', 'n':
		return fmt.Errorf("%.20s is no text", raw)
	}
	*s = scalar(raw)
	return nil
}

func (s *statements) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		return json.Unmarshal(raw, (*[]statement)(s))
	}
	*s = make(statements, 1)
	return json.Unmarshal(raw, &(*s)[0])
}

func (p *principals) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("{")) {
		return json.Unmarshal(raw, (*map[string]texts)(p))
	}
	var one texts
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*p = principals{"*": one}
	return nil
}
