package detect

import (
	"fmt"
)

// keyCalls is a watcher for calls on keys of tables. Which table's a key is turns out in
// the course of the day.
type keyCalls struct {
	run   *Run
	keys  *tableKeys
	shelf shelf
	is    func(*Event) bool
	// why says what happened, to be followed by the table; empty when it is nothing.
	why func(*Run, *Event) string
}

func (k *keyCalls) Touch(e *Event) {
	k.keys.learn(e)
	if k.is(e) {
		k.shelf.put(k.run, e)
	}
}

func (k *keyCalls) End() {
	for _, e := range k.shelf.events {
		key := calledKey(e)
		switch {
		case key == "":
			k.run.NotEvaluated("the record does not say which key")
			continue
		case !k.keys.known():
			k.run.NotEvaluated("no table's key is known: neither settings nor uses of keys are in the log")
			continue
		}
		tables := k.keys.tables(key)
		if len(tables) == 0 {
			continue
		}
		if why := k.why(k.run, e); why != "" {
			about := k.run.on(e, tables)
			k.run.Found(Hit{Event: about, Explain: why + " " + about.table() + others(len(tables)-1), About: []string{keyName(key, "", "")}})
		}
	}
}

// others says of how many tables more.
func others(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " and another table"
	}
	return fmt.Sprintf(" and %d other tables", n)
}

// calledKey is the key that a KMS call is about.
func calledKey(e *Event) string {
	for _, arn := range keyARNs(e.Resources) {
		return arn
	}
	return keyName(e.Request().At("keyId").Text(), e.AWSRegion, e.RecipientAccountID)
}
