package unexpected

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// ServiceWork is what an AWS service did for which it exists: expected without a rule.
type ServiceWork struct {
	Service string // application-autoscaling.amazonaws.com
	Touches int64
}

var itemWork = []string{schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpWriteItem, schema.OpDeleteItem}

// duties are what AWS services do of their own accord, as operation classes and names of
// calls. A service's name is one of these or ends in one behind a dot.
var duties = []struct {
	service string
	does    []string
}{
	{"application-autoscaling.amazonaws.com", []string{schema.OpSchema, schema.OpScale}},
	{"autoscaling.amazonaws.com", []string{schema.OpSchema, schema.OpScale}},
	{"dynamodb.amazonaws.com", append([]string{schema.OpKey}, itemWork...)}, // replication, expiry, streams
	{"dax.amazonaws.com", itemWork},
	{"backup.amazonaws.com", append([]string{schema.OpCopy, schema.OpTag, "DeleteBackup"}, itemWork[:4]...)},
	{"config.amazonaws.com", []string{schema.OpEvaluate}},
	{"lambda.amazonaws.com", []string{schema.OpReadStream}},
	{"kinesis.amazonaws.com", []string{schema.OpReadStream}},
}

// dutifulService is the service that made a call it is there for; empty for all others.
// A service that calls with somebody's role is that somebody, but for the keys that
// DynamoDB uses to serve them.
func dutifulService(t *schema.Touch) string {
	if t.ActorKind != schema.ActorAWS {
		return ""
	}
	name := t.InvokedBy
	_, path, linked := strings.Cut(t.Actor, ":role/aws-service-role/")
	switch {
	case linked:
		name, _, _ = strings.Cut(path, "/")
	case t.PrincipalType == "AWSService" || t.Op == schema.OpKey:
		if name == "" {
			name = t.Actor
		}
	default:
		return ""
	}
	for _, d := range duties {
		if (name == d.service || strings.HasSuffix(name, "."+d.service)) && (slices.Contains(d.does, t.Op) || slices.Contains(d.does, t.EventName)) {
			return name
		}
	}
	return ""
}

func (g *gatherer) service(name string, t *schema.Touch) {
	if t.Outcome != schema.OutcomeOK {
		return
	}
	s := g.services[name]
	if s == nil {
		name = strings.Clone(name)
		s = &ServiceWork{Service: name}
		g.services[name] = s
	}
	s.Touches++
}
