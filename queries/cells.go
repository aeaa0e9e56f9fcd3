package queries

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// How one row is told to a person. Every function returns clean text.

// utc is a time in UTC as [ParseTime] reads it.
func utc(micros int64) string { return isoTime(time.UnixMicro(micros)) }

// who is the name, the kind, and the role or account behind the name.
func who(r *Row) string {
	name := r.ActorName
	if name == "" {
		name = r.Actor
	}
	if name == "" {
		name = "unknown"
	}
	s := name
	if r.ActorKind != "" {
		s += " (" + r.ActorKind + ")"
	}
	if role := lastPart(r.Actor); role != "" && role != name && role != r.UserName && r.ActorKind != schema.ActorRoot {
		s += " as " + shortRole(role)
	}
	return Clean(s)
}

func lastPart(arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return ""
	}
	return arn[strings.LastIndexAny(arn, "/:")+1:]
}

// shortRole drops what IAM Identity Center puts around a permission set's name.
func shortRole(role string) string {
	set, ok := strings.CutPrefix(role, "AWSReservedSSO_")
	if at := strings.LastIndexByte(set, '_'); ok && len(set)-at == 17 {
		return set[:at]
	}
	return role
}

// what is the call, which of its touches this is, and what it does where its name
// does not say.
func what(r *Row) string {
	s := r.EventName
	if s == "" {
		s = r.Op
	}
	if r.TouchCount > 1 {
		s += fmt.Sprintf(" %d/%d", r.TouchIndex+1, r.TouchCount)
	}
	if did := did(r); did != "" {
		s += " " + did
	}
	if r.IndexName != "" {
		s += " index " + r.IndexName
	}
	return Clean(s)
}

// did is what a row did, where the name of its event leaves that open: batches and
// transactions that write, statements, calls of other services.
func did(r *Row) string {
	switch r.EventName {
	case "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction":
		if word := verbOf(r.Statement); word != "" {
			return word
		}
	case "TransactWriteItems":
		if r.Op == schema.OpReadPoint {
			return "read (ConditionCheck)"
		}
	case "BatchWriteItem":
	default:
		if r.EventName == "" || r.Op != schema.OpOther && (r.TouchCount < 2 || schema.Classify(r.EventName).Op == r.Op) {
			return ""
		}
	}
	switch r.Op {
	case schema.OpReadPoint:
		return "read"
	case schema.OpWriteItem:
		return "write"
	case schema.OpDeleteItem:
		return "delete"
	}
	return r.Op
}

// item is the key as name=value pairs, or what the call could reach instead.
func item(r *Row) string {
	if r.ItemKey != "" {
		return Clean(readableKey(r.ItemKey))
	}
	switch r.KeyScope {
	case schema.ScopePartition, schema.ScopeIndex:
		if len(r.KeyValues) > 0 {
			return Clean(r.KeyScope + " " + strings.Join(r.KeyValues, " "))
		}
		return r.KeyScope
	case schema.ScopeTable:
		return "whole table"
	case schema.ScopeStream:
		return "stream"
	case schema.ScopeUnknown:
		if r.Statement != "" {
			return Clean("items not named: " + cutAt(r.Statement, 120))
		}
		return "items not named"
	}
	if r.Op == schema.OpSession {
		return Clean(strings.Join(r.KeyValues, " ")) // what the session that was given goes by
	}
	return ""
}

// why is how a call may have shown the item, with the statement where that is all
// there is.
func why(r *Row) string {
	if r.Statement == "" {
		return Clean(r.Reason)
	}
	return Clean(r.Reason + ": " + cutAt(r.Statement, 120))
}

// readableKey writes a canonical key the way it is asked for: pk=42 sk=x.
func readableKey(key string) string {
	var parts []string
	eachMember(key, func(name, value string) {
		parts = append(parts, readable(name)+"="+readable(value))
	})
	if parts == nil {
		return key
	}
	return strings.Join(parts, " ")
}

// unquote is the text of a JSON string.
func unquote(quoted string) (s string) {
	if json.Unmarshal([]byte(quoted), &s) != nil {
		return quoted
	}
	return s
}

// readable unquotes a JSON string unless its quotes are needed to see where it
// ends.
func readable(quoted string) string {
	var s string
	if json.Unmarshal([]byte(quoted), &s) != nil || s == "" || strings.ContainsAny(s, " =\"") {
		return quoted
	}
	return s
}

// place is the table, where an answer spans several.
func place(r *Row, withARN bool) string {
	s := r.TableName
	if arn, ok := schema.ParseTableARN(r.TableARN); ok {
		if s == "" {
			s = arn.Table
		}
		if withARN {
			s += " " + arn.Account + " " + arn.Region
		}
	}
	return Clean(s)
}

func outcome(r *Row) string {
	if r.ErrorCode != "" {
		return Clean(r.Outcome + " " + r.ErrorCode)
	}
	return r.Outcome
}

// where is the address and what was there.
func where(r *Row) string {
	parts := []string{r.SourceIP}
	if r.Console == schema.True {
		parts = append(parts, "console")
	}
	if r.VPCEndpointID != "" {
		parts = append(parts, r.VPCEndpointID)
	}
	if agent := shortAgent(r.UserAgent); agent != "" && agent != r.SourceIP {
		parts = append(parts, agent)
	}
	return Clean(strings.TrimSpace(strings.Join(parts, " ")))
}

// shortAgent is the product a user agent begins with, or the browser in it.
func shortAgent(agent string) string {
	if strings.HasPrefix(agent, "Mozilla/") {
		for _, browser := range []string{"Edg", "Firefox", "Chrome", "Safari"} {
			if strings.Contains(agent, browser+"/") {
				return strings.Replace(browser, "Edg", "Edge", 1)
			}
		}
		return "browser"
	}
	agent, _, _ = strings.Cut(strings.TrimPrefix(agent, "["), " ")
	return agent
}
