package decode

import "github.com/keytrail/keytrail/schema"

// sessionGiven takes an event that gave somebody a session. Its row is of no table,
// and what the session goes by stands in the key's values, so that whoever meets it
// on a table finds by a filter who was given it: the access key id in the response,
// and the session's ARN, which a console session has only.
func (d *Decoder) sessionGiven() {
	r, t := &d.rec, d.rec.t
	response := r.at(envResponseElements)
	from := len(d.texts)
	if key := t.memberText(t.member(response, "credentials"), "accessKeyId"); key != "" {
		d.texts = append(d.texts, key)
	}
	if arn := d.sessionARN(response); arn != "" {
		d.texts = append(d.texts, arn)
	}
	given := d.reach(tableRef{}, schema.Operation{Op: schema.OpSession, Scope: schema.ScopeNone})
	given.values = span{int32(from), int32(len(d.texts))}
}

// sessionARN is the session as its calls will name it: the response says it, but of
// a sign-in, whose caller is the session already.
func (d *Decoder) sessionARN(response int) string {
	t := d.rec.t
	for _, user := range [...]string{"assumedRoleUser", "federatedUser"} {
		if arn := t.memberText(t.member(response, user), "arn"); arn != "" {
			return arn
		}
	}
	if d.touch.Outcome == schema.OutcomeOK && schema.SignsIn(d.rec.name) {
		return d.touch.PrincipalARN
	}
	return ""
}

// withoutSecrets drops those of an object's members, from on, that are credentials:
// STS logs the session token it gives away.
func withoutSecrets(members []member, from int32) []member {
	kept := members[:from]
	for _, m := range members[from:] {
		if !schema.IsSecret(m.name) {
			kept = append(kept, m)
		}
	}
	return kept
}

// shareable is a record as it stood, unless it may hold credentials: then it is
// canonical and without them.
func (d *Decoder) shareable(raw []byte) []byte {
	if d.rec.family != famSession {
		return raw
	}
	safe, err := schema.WithoutSecrets(raw)
	if err != nil {
		return []byte("null")
	}
	return safe
}
