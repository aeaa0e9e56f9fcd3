package detect

import (
	"slices"
	"strings"
)

// fenced is what conditions make of a statement. The zero fenced is open.
type fenced struct {
	closed bool
	unsure string // would be closed if this were known
}

// either joins what closes a statement, each by itself.
func (f *fenced) either(other fenced) {
	f.closed = f.closed || other.closed
	f.doubt(other.unsure)
}

// doubt notes what would have to be known: of several things always the same one.
func (f *fenced) doubt(why string) {
	if why != "" && (f.unsure == "" || why < f.unsure) {
		f.unsure = why
	}
}

// fence is what the conditions of an allowing statement close: all must hold, so one is
// enough. IfExists and ForAllValues hold, too, where the key is missing.
func (t *trust) fence(conditions map[string]map[string]texts) (f fenced) {
	for operator, keys := range conditions {
		switch strings.ToLower(strings.TrimPrefix(operator, "ForAnyValue:")) {
		case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike":
		default:
			continue
		}
		for key, values := range keys {
			f.either(t.all(key, values))
		}
	}
	return f
}

// denial is what a denying statement closes of an allowing one: it must cover it, and leave
// none but ours. Conditions narrow a denial, so that each of them must leave ours only.
func (t *trust) denial(deny, allow *statement) (f fenced) {
	if deny.allows() || !deny.covers(allow) {
		return f
	}
	if deny.NotPrincipal != nil {
		others := statement{Principal: deny.NotPrincipal}
		who, unsure := t.strangers(&others)
		return fenced{closed: who == "" && unsure == "" && len(deny.Condition) == 0}
	}
	if !slices.Contains(deny.Principal["*"], "*") && !slices.Contains(deny.Principal["AWS"], "*") {
		return f
	}
	f.closed = true // denied to everybody, but for what conditions leave
	for operator, keys := range deny.Condition {
		for key, values := range keys {
			if sparesServices(operator, key, values) {
				continue
			}
			one := fenced{}
			if isNegative(operator) {
				one = t.all(key, values)
			}
			f.closed = f.closed && one.closed
			if one == (fenced{}) {
				return one
			}
			f.doubt(one.unsure)
		}
	}
	return f
}

func isNegative(operator string) bool {
	switch strings.TrimSuffix(strings.ToLower(operator), "ifexists") {
	case "stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike":
		return true
	}
	return false
}

// sparesServices reports the condition that leaves AWS's own services out of a denial. That
// on aws:ViaAWSService would leave out whoever has a service call for them.
func sparesServices(operator, key string, values texts) bool {
	return strings.EqualFold(strings.TrimSuffix(operator, "IfExists"), "Bool") &&
		strings.EqualFold(key, "aws:PrincipalIsAWSService") && len(values) == 1 && strings.EqualFold(values[0], "false")
}

// covers reports whether a statement is about all that another is about.
func (s *statement) covers(other *statement) bool {
	actions, resources := other.Action, other.Resource
	if other.NotAction != nil {
		actions = texts{allDynamoDB}
	}
	if resources == nil {
		resources = texts{"*"}
	}
	if s.NotAction != nil || s.NotResource != nil {
		return false
	}
	for _, a := range actions {
		if !s.Action.cover(a) && !(a == "*" && s.Action.cover(allDynamoDB)) {
			return false
		}
	}
	for _, r := range resources {
		if s.Resource != nil && !s.Resource.cover(r) {
			return false
		}
	}
	return true
}

// all is what a condition closes whose key must have one of some values: each must be
// ours.
func (t *trust) all(key string, values texts) (f fenced) {
	f.closed = len(values) > 0
	for _, value := range values {
		one := t.one(strings.ToLower(key), value)
		if one == (fenced{}) {
			return one
		}
		f.closed = f.closed && one.closed
		f.doubt(one.unsure)
	}
	return f
}

func (t *trust) one(key, value string) fenced {
	switch key {
	case "aws:principalaccount", "aws:sourceaccount", "aws:principalarn", "aws:sourcearn":
		account := accountIn(value)
		if account == "" {
			return fenced{}
		}
		stranger, known := t.isStranger(account)
		if !known {
			return fenced{unsure: unknownAccounts}
		}
		return fenced{closed: !stranger}
	case "aws:principalorgid", "aws:principalorgpaths":
		id, _, _ := strings.Cut(value, "/")
		return listedIn(t.organizations, id, "org_ids do not say which organizations are ours")
	case "aws:sourcevpce", "aws:sourcevpc":
		return listedIn(t.endpoints, value, "vpc_endpoints do not say which endpoints are ours")
	}
	return fenced{}
}

// listedIn is what a value closes if it stands in a list that a user may have left empty.
func listedIn(list []string, value, unsure string) fenced {
	switch {
	case value == "" || strings.ContainsAny(value, "*?"):
		return fenced{}
	case len(list) == 0:
		return fenced{unsure: unsure}
	}
	return fenced{closed: slices.Contains(list, value)}
}
