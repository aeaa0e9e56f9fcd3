package readiness

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/queries/policy"
)

// document is a policy of a bucket or a key.
type document struct{ Statement statements }

type statements []statementOf

type statementOf struct {
	Effect    string
	Principal any
	Action    texts
	Condition map[string]map[string]texts
}

// UnmarshalJSON takes one statement for a list of one.
func (s *statements) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "{") {
		*s = make(statements, 1)
		return json.Unmarshal(data, &(*s)[0])
	}
	return json.Unmarshal(data, (*[]statementOf)(s))
}

// texts is a list, or a single text or truth value.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch x := v.(type) {
	case string:
		*t = texts{x}
	case bool:
		*t = texts{map[bool]string{true: "true", false: "false"}[x]}
	case []any:
		for _, e := range x {
			if s, ok := e.(string); ok {
				*t = append(*t, s)
			}
		}
	}
	return nil
}

// policy is the policy of a bucket or a key; empty when there is none.
func (f *facts) policy(call, about string) (d document, why string) {
	var answer struct{ Policy string }
	if why := f.read(call, about, &answer); why != "" || answer.Policy == "" {
		return d, why
	}
	if err := json.Unmarshal([]byte(answer.Policy), &d); err != nil {
		return d, "the policy of " + about + " makes no sense: " + err.Error()
	}
	return d, ""
}

// service tells whether a statement is for a service.
func (s *statementOf) service(name string) bool {
	m, _ := s.Principal.(map[string]any)
	switch x := m["Service"].(type) {
	case string:
		return x == name
	case []any:
		return slices.Contains(x, any(name))
	}
	return false
}

// everybody tells whether a statement is for all.
func (s *statementOf) everybody() bool {
	m, _ := s.Principal.(map[string]any)
	return s.Principal == "*" || m["AWS"] == "*"
}

// does tells whether a statement is about an action.
func (s *statementOf) does(action string) bool {
	return slices.ContainsFunc(s.Action, func(a string) bool {
		prefix, star := strings.CutSuffix(strings.ToLower(a), "*")
		name := strings.ToLower(action)
		return name == prefix || star && strings.HasPrefix(name, prefix)
	})
}

// condition are the values that a key is to have, names of keys in any case. What it is
// not to have limits next to nothing.
func (s *statementOf) condition(key string) (values []string) {
	for operator, keys := range s.Condition {
		for name, v := range keys {
			if strings.EqualFold(name, key) && !strings.Contains(operator, "Not") {
				values = append(values, v...)
			}
		}
	}
	return values
}

func (d *document) deniesPlain() bool {
	return slices.ContainsFunc(d.Statement, func(s statementOf) bool {
		return s.Effect == "Deny" && s.everybody() && s.does("s3:GetObject") && slices.Contains(s.condition("aws:SecureTransport"), "false")
	})
}

func (d *document) deniesDeletes() bool {
	denied := func(action string) bool {
		return slices.ContainsFunc(d.Statement, func(s statementOf) bool {
			return s.Effect == "Deny" && s.everybody() && s.does(action) && len(s.Condition) == 0
		})
	}
	return denied("s3:DeleteObject") && denied("s3:DeleteObjectVersion")
}

const cloudTrail = "cloudtrail.amazonaws.com"

// delivery judges who may deliver into the bucket.
func (f *facts) delivery(t *trail) (Status, string) {
	p, why := f.policy("s3:GetBucketPolicy", t.S3BucketName)
	if why != "" {
		return Unknown, why
	}
	delivers, others := false, []string(nil)
	for i := range p.Statement {
		s := &p.Statement[i]
		if s.Effect != "Allow" || !s.does("s3:PutObject") {
			continue
		}
		if s.everybody() {
			return Missing, "the policy lets everybody put objects"
		}
		if !s.service(cloudTrail) {
			continue
		}
		trails, accounts := s.condition("aws:SourceArn"), s.condition("aws:SourceAccount")
		if !narrow(trails) && !narrow(accounts) && !narrow(s.condition("aws:SourceOrgID")) {
			return Missing, "CloudTrail may deliver on behalf of any trail of anybody: no aws:SourceArn"
		}
		if anyMatch(trails, t.TrailARN) && anyMatch(accounts, t.account()) {
			delivers = true
		}
		others = append(others, slices.Concat(trails, accounts)...)
	}
	if !delivers && len(others) > 0 {
		slices.Sort(others)
		return Missing, listed(slices.Compact(others), "CloudTrail may deliver for others, not for this trail: ", "")
	}
	return yes(delivers, "CloudTrail may, for this trail", "the policy lets CloudTrail deliver nothing")
}

// key judges the policy of the trail's key.
func (f *facts) key(t *trail) (Status, string) {
	if t.KmsKeyID == "" {
		return Met, "S3's own keys, which nobody can take away"
	}
	p, why := f.policy("kms:GetKeyPolicy", t.KmsKeyID)
	if why != "" {
		return Unknown, why
	}
	encrypts := false
	for i := range p.Statement {
		s := &p.Statement[i]
		if s.Effect != "Allow" || !s.service(cloudTrail) || !s.does("kms:GenerateDataKey") {
			continue
		}
		trails, contexts := s.condition("aws:SourceArn"), s.condition("kms:EncryptionContext:aws:cloudtrail:arn")
		if !narrow(trails) && !narrow(contexts) {
			return Missing, "CloudTrail may use the key for any trail of anybody"
		}
		if anyMatch(trails, t.TrailARN) && anyMatch(contexts, t.TrailARN) {
			encrypts = true
		}
	}
	return yes(encrypts, "CloudTrail may use it, for this trail", "its policy does not let CloudTrail use it for this trail")
}

// narrow tells whether a condition with these values keeps strangers out.
func narrow(values []string) bool { return len(values) > 0 && !slices.ContainsFunc(values, anybodys) }

// anybodys tells whether a value of a condition on trails is met by those of any account.
func anybodys(value string) bool {
	parts := strings.SplitN(value, ":", 6)
	return value == "*" || len(parts) > 4 && parts[4] == "*" || len(parts) > 1 && len(parts) < 5 && strings.HasSuffix(value, "*")
}

// anyMatch tells whether a condition with these values takes a text; there may be none.
// Patterns count whatever the operator: with one that knows none, they are a mistake that
// TRL-03 shows.
func anyMatch(values []string, text string) bool {
	return len(values) == 0 || slices.ContainsFunc(values, func(v string) bool {
		return policy.Glob(strings.ReplaceAll(v, "*", "**"), text)
	})
}
