package decode

import (
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// keyChanged reports whether a KMS call changes a key or gives somebody the use of it.
// Services give themselves grants all day, for their own keys; those are left out.
func (d *Decoder) keyChanged() bool {
	r := &d.rec
	return changesKey(r.name) || r.name == "CreateGrant" && r.invokedBy() == ""
}

// aboutLog reports whether a call of S3 is about the log. Those on objects are if the
// object is one of a trail, and somebody else than CloudTrail, which delivers there,
// writes or deletes it; or if a person reads it, or a part of a lake made from it.
// Services deliver logs of their own beside the trail's; those do not matter.
func (d *Decoder) aboutLog() bool {
	r := &d.rec
	reads := r.name == readsObject
	if !reads && !writesObject(r.name) {
		return true
	}
	key := r.t.memberText(r.at(envRequestParameters), "key")
	if reads {
		return (ofTrail(key) || strings.Contains(key, "touches/table_name=")) && d.byPerson()
	}
	return ofTrail(key) && !equalFold(firstLabel(r.invokedBy()), "cloudtrail")
}

// ofTrail reports whether an object's key is that of a trail's log or digest.
func ofTrail(key string) bool {
	_, path, ok := strings.Cut(key, "AWSLogs/")
	return ok && strings.Contains(path, "/CloudTrail")
}

// byPerson reports whether a person acted.
func (d *Decoder) byPerson() bool {
	r := &d.rec
	touch := schema.Touch{
		RecipientAccountID: r.text(envRecipientAccountID), Console: r.t.tri(r.at(envConsole)),
		SourceIP: r.text(envSourceIP), UserAgent: r.text(envUserAgent),
	}
	if c := r.caller; c != nil {
		c.meet(&touch)
		return c.principal.Kind == schema.ActorHuman
	}
	c := r.t.caller(r.at(envUserIdentity), &touch)
	return c.principal.Kind == schema.ActorHuman
}

// bucketCall takes a call of S3.
func (d *Decoder) bucketCall() {
	op := schema.Operation{Op: schema.OpOther, Scope: schema.ScopeNone}
	if writesObject(d.rec.name) {
		op.Op = schema.OpAudit
	}
	d.reach(tableRef{}, op)
}

// Members of requests in which other services name the tables they reach.
const (
	memberMapped     = "eventSourceArn"  // Lambda: the table's stream
	memberIntegrated = "sourceArn"       // Glue and Redshift
	memberTagged     = "resourceARNList" // the tagging service: of any type
)

// namesReached sets tables to those that another service is told to reach into, and
// reports whether there are any.
func (d *Decoder) namesReached() bool {
	r := &d.rec
	parameters := r.at(envRequestParameters)
	d.tables = d.tables[:0]
	switch r.family {
	case famMapping:
		d.addReached(r.t.member(parameters, memberMapped))
	case famIntegration:
		d.addReached(r.t.member(parameters, memberIntegrated))
	case famTagging:
		if list := r.t.member(parameters, memberTagged); r.t.isArray(list) {
			for i, end := list+1, r.t.next(list); i < end; i = r.t.next(i) {
				d.addReached(i)
			}
		}
	}
	d.uniqueTables()
	return len(d.tables) > 0
}

// addReached adds the table that an ARN is of, or of its stream or index.
func (d *Decoder) addReached(value int) {
	if arn, ok := schema.ParseTableARN(d.rec.t.text(value)); ok && arn.ARN != "" {
		d.tables = append(d.tables, refOf(arn))
	}
}

// reached takes a call of another service, for the tables that namesReached found.
func (d *Decoder) reached() {
	op := schema.Operation{Op: schema.OpShare, Mutates: true, Scope: schema.ScopeNone}
	if d.rec.family == famTagging {
		op.Op = schema.OpTag
	}
	for i := range d.tables {
		d.reach(d.tables[i], op)
	}
}
