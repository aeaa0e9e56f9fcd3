package detect

import (
	"slices"
	"strings"
)

// covers reports whether an IAM pattern ("*" any text, "?" any character) matches all
// that another pattern does; a plain text is the pattern of itself. Letters match
// whatever their case, as those of actions do.
func covers(pattern, s string) bool {
	pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	p, i := 0, 0
	star, from := -1, 0 // where to go on when the rest does not match
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && s[i] != '*' && (pattern[p] == s[i] || pattern[p] == '?'):
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func (t texts) cover(s string) bool {
	return slices.ContainsFunc(t, func(pattern string) bool { return covers(pattern, s) })
}

// allDynamoDB and allTables are the patterns of everything there is.
const (
	allDynamoDB = "dynamodb:*"
	allTables   = "arn:aws:dynamodb:*:*:table/*"
)

// dataActions read or change items, carry data away or destroy it, or say who may.
var dataActions = []string{
	"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:ConditionCheckItem",
	"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
	"dynamodb:PartiQLSelect", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete",
	"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ExportTableToPointInTime",
	"dynamodb:EnableKinesisStreamingDestination", "dynamodb:UpdateKinesisStreamingDestination",
	"dynamodb:RestoreTableToPointInTime", "dynamodb:RestoreTableFromBackup",
	"dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:UpdateTimeToLive", "dynamodb:UpdateContinuousBackups",
	"dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy",
}

// reachesData reports whether a statement is about any of the data actions.
func (s *statement) reachesData() bool {
	return slices.ContainsFunc(dataActions, func(action string) bool {
		if s.NotAction != nil {
			return !s.NotAction.cover(action)
		}
		return s.Action.cover(action)
	})
}

// broad says why a policy gives all of DynamoDB on all tables of an account; whether
// only under conditions is the other result.
func (d *policyDocument) broad(account string) (why string, conditional bool) {
	for i := range d.Statement {
		s := &d.Statement[i]
		if !s.allows() || !s.allActions() || !s.allTables(account) {
			continue
		}
		actions := "all actions but " + strings.Join(s.NotAction, ", ")
		if s.NotAction == nil {
			actions = strings.Join(s.Action, ", ")
		}
		if why == "" || conditional {
			why, conditional = actions, len(s.Condition) > 0
		}
	}
	return why, conditional
}

func (s *statement) allActions() bool {
	if s.NotAction == nil {
		return s.Action.cover(allDynamoDB)
	}
	return !slices.ContainsFunc(s.NotAction, func(pattern string) bool {
		return covers(pattern, allDynamoDB) || strings.HasPrefix(strings.ToLower(pattern), "dynamodb:")
	})
}

// allTables reports whether a statement is about all tables, or all of one account.
func (s *statement) allTables(account string) bool {
	if s.NotResource != nil {
		return !s.NotResource.cover(allTables)
	}
	return s.Resource.cover("arn:aws:dynamodb:*:" + account + ":table/*")
}
