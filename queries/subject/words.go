package subject

import (
	"net/netip"
	"strings"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

// Words that stand for what the log says, of a fixed set: the person's report has no
// others.

// category is what kind of a caller somebody is.
func category(kind string) string {
	switch kind {
	case schema.ActorHuman:
		return "staff"
	case schema.ActorService:
		return "application"
	case schema.ActorAWS:
		return "AWS service"
	case schema.ActorRoot:
		return "account administrator"
	case schema.ActorExternal:
		return "another organisation's account"
	}
	return "not known"
}

// categories are all there are, in the order of plots.
var categories = []string{"staff", "account administrator", "another organisation's account", "not known", "application", "AWS service"}

// did is what a call does, plainly.
func did(t *schema.Touch) string {
	switch t.Op {
	case schema.OpReadPoint:
		return "read"
	case schema.OpReadRange:
		return "searched"
	case schema.OpReadBulk:
		if t.Plane == schema.PlaneControl {
			return "table exported"
		}
		return "table read through"
	case schema.OpReadStream:
		return "changes read from the table's stream"
	case schema.OpWriteItem:
		return "written"
	case schema.OpDeleteItem:
		return "deleted"
	case schema.OpCopy:
		return "table backed up or restored"
	case schema.OpShare, schema.OpSchema:
		return "table copied on, by stream or replica"
	case schema.OpDestroy:
		return "table deleted"
	}
	return "other"
}

// origin is where a call came from, as coarse as a person needs.
func origin(t *schema.Touch) string {
	addr, err := netip.ParseAddr(t.SourceIP)
	switch {
	case t.Console == schema.True:
		return "AWS console"
	case t.VPCEndpointID != "", err == nil && (addr.IsPrivate() || addr.IsLoopback()):
		return "private network"
	case err == nil:
		return "internet"
	case t.SourceIP != "":
		return "within AWS"
	}
	return "not recorded"
}

// outcome is how a call ended.
func outcome(t *schema.Touch) string {
	switch t.Outcome {
	case schema.OutcomeOK:
		return "done"
	case schema.OutcomeDenied:
		return "refused"
	}
	return "failed"
}

// notRecorded is the purpose of what no rule gives one.
const notRecorded = "not recorded"

// purpose is what the rule that expects a call says it is for.
func purpose(v policy.Verdict) string {
	if v.Rule == nil || v.Effect != policy.Allowed && v.Effect != policy.Expired || strings.TrimSpace(v.Rule.Purpose) == "" {
		return notRecorded
	}
	return v.Rule.Purpose
}

// certainty is a [queries.Likelihood] in words of every day.
func certainty(c queries.Likelihood) string {
	switch c {
	case queries.Likely:
		return "likely"
	case queries.Possible:
		return "possible"
	}
	return "unlikely, not excluded"
}
