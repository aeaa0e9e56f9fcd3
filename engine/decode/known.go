package decode

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// memos remember what those members of a record say that repeat most.
type memos struct {
	callers   memo[caller]
	resources memo[resources]
	tls       memo[string]
}

// newMemos says where values differ first: identities in the ids of the principal
// and its session, the others in the end of what they name.
func newMemos() *memos {
	return &memos{
		callers:   newMemo[caller](32, 112),
		resources: newMemo[resources](72, 136),
		tls:       newMemo[string](32, 128),
	}
}

// known are the members of a record whose values are remembered, and thus not on
// the tape. They are nil where the tape has them, or nothing has.
type known struct {
	caller    *caller
	accessKey string // the caller's
	resources *resources
	tls       *string // version
}

// resources is what a record's resources say.
type resources struct {
	text   string // canonical
	tables []mentioned
}

// recall looks for the value at i among those remembered of a member, and returns
// where it ends; i if it is not there.
func (d *Decoder) recall(slot, i, depth int) (end int) {
	t, m, k := &d.tape, d.memos, &d.rec.known
	switch slot {
	case envUserIdentity:
		if k.caller, end = m.callers.find(t, i, depth); k.caller != nil {
			k.accessKey = k.caller.accessKey(t, &m.callers.blanks)
		}
	case envResources:
		k.resources, end = m.resources.find(t, i, depth)
	case envTLSDetails:
		k.tls, end = m.tls.find(t, i, depth)
	}
	return end
}

// remember keeps what a value says that recall did not find, if it recurs.
func (d *Decoder) remember(slot, value, depth int) {
	t, m := &d.tape, d.memos
	switch slot {
	case envUserIdentity:
		m.callers.learn(t, value, depth, recurringCaller)
	case envResources:
		m.resources.learn(t, value, depth, func(t *tape) (resources, []string) {
			text := strings.Clone(d.canonicalOf(t, 1))
			return resources{text, t.resourceTables(nil, 1)}, []string{t.src}
		})
	case envTLSDetails:
		m.tls.learn(t, value, depth, func(t *tape) (string, []string) {
			return t.tlsVersion(1), []string{t.src}
		})
	}
}

func (t *tape) tlsVersion(details int) string { return t.memberText(details, "tlsVersion") }

func (r *record) tlsVersion() string {
	if r.tls != nil {
		return *r.tls
	}
	return r.t.tlsVersion(r.at(envTLSDetails))
}

// resourcesText is the canonical text of resources.
func (d *Decoder) resourcesText() string {
	if d.rec.resources != nil {
		return d.rec.resources.text
	}
	return d.canonical(d.rec.at(envResources))
}

// mentionedResources appends the tables whose ARNs are in resources.
func (r *record) mentionedResources(found []mentioned) []mentioned {
	if r.resources != nil {
		return append(found, r.resources.tables...)
	}
	return r.t.resourceTables(found, r.at(envResources))
}

// resourceTables appends the tables whose ARNs are in a list of resources.
func (t *tape) resourceTables(found []mentioned, list int) []mentioned {
	if !t.isArray(list) {
		return found
	}
	for i, end := list+1, t.next(list); i < end; i = t.next(i) {
		arn, ok := schema.ParseTableARN(t.memberText(i, "ARN"))
		if !ok || arn.ARN == "" {
			continue
		}
		where := inResource
		if t.memberText(i, "type") == tableType {
			where = inTableResource
		}
		found = append(found, mentioned{refOf(arn), where})
	}
	return found
}

// invokedBy is userIdentity.invokedBy.
func (r *record) invokedBy() string {
	if r.caller != nil {
		return r.caller.identity.InvokedBy
	}
	return r.t.memberText(r.at(envUserIdentity), "invokedBy")
}
