package queries

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Ops are the operation classes that a question can ask for.
var Ops = []string{
	schema.OpReadPoint, schema.OpReadRange, schema.OpReadBulk, schema.OpReadStream, schema.OpWriteItem, schema.OpDeleteItem,
	schema.OpSchema, schema.OpProtect, schema.OpShare, schema.OpCopy, schema.OpDestroy, schema.OpTag, schema.OpMetaRead,
	schema.OpKey, schema.OpScale, schema.OpEvaluate, schema.OpAudit, schema.OpGrant, schema.OpInsight, schema.OpSession, schema.OpOther,
}

// ParseOp finds an operation class by name, in any case.
func ParseOp(s string) (string, error) {
	op := strings.ToUpper(strings.ReplaceAll(s, "-", "_"))
	if !slices.Contains(Ops, op) {
		return "", fmt.Errorf("%q is no operation class: take one of %s", s, strings.Join(Ops, ", "))
	}
	return op, nil
}

// Outcomes are how a call can have ended.
var Outcomes = []string{schema.OutcomeOK, schema.OutcomeDenied, schema.OutcomeFailed}

// ParseOutcome finds an outcome by name, in any case.
func ParseOutcome(s string) (string, error) {
	outcome := strings.ToLower(s)
	if !slices.Contains(Outcomes, outcome) {
		return "", fmt.Errorf("%q is no outcome: take one of %s", s, strings.Join(Outcomes, ", "))
	}
	return outcome, nil
}
