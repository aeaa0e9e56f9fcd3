package detect

import (
	"maps"
	"slices"
)

// trust is whom a policy may let in.
type trust struct {
	own           string                                // account that has what the policy is of
	stranger      func(account string) (is, known bool) // see Run.stranger
	organizations []string                              // ids of organizations that are ours
	endpoints     []string                              // VPC endpoints, and VPCs, likewise
}

// opens says which strangers a policy lets read, change or share data: open is empty
// when none, and unsure says what would have to be known to be certain of that.
//
// An allowing statement is closed if one of its conditions, or a denying statement that
// covers it, lets in none but our accounts, organizations or endpoints.
func (t *trust) opens(d *policyDocument) (open, unsure string) {
	for i := range d.Statement {
		s := &d.Statement[i]
		if !s.allows() || !s.reachesData() {
			continue
		}
		who, doubt := t.strangers(s)
		if who == "" && doubt == "" {
			continue
		}
		fence := t.fence(s.Condition)
		for j := range d.Statement {
			fence.either(t.denial(&d.Statement[j], s))
		}
		switch {
		case fence.closed:
		case fence.unsure != "":
			unsure = fence.unsure
		case who == "":
			unsure = doubt
		case open == "":
			open = who
		}
	}
	return open, unsure
}

// strangers are whom a statement names that are not ours.
func (t *trust) strangers(s *statement) (who, unsure string) {
	if s.NotPrincipal != nil {
		return "everybody but a few", ""
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Principal)) {
		for _, value := range s.Principal[kind] {
			is, doubt := t.judge(kind, value)
			if is != "" {
				return is, ""
			}
			if doubt != "" {
				unsure = doubt
			}
		}
	}
	return "", unsure
}

// judge says who a principal is, if a stranger, or what keeps that from being known.
func (t *trust) judge(kind, value string) (is, unsure string) {
	account := accountIn(value)
	switch {
	case kind == "Service":
		return "", ""
	case value == "*":
		return "anybody", ""
	case account != "":
		stranger, known := t.isStranger(account)
		if !known {
			return "", unknownAccounts
		}
		if stranger {
			return "account " + account, ""
		}
		return "", ""
	case kind == "AWS":
		return "", "a principal that is known by its id only"
	case kind == "Federated":
		return "whoever signs in through " + value, ""
	}
	return "", "a principal of a kind that is not known"
}

func (t *trust) isStranger(account string) (is, known bool) {
	if account == t.own {
		return false, true
	}
	return t.stranger(account)
}
