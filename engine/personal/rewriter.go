package personal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Rewriter takes the values of keys out of touches, as the modes of their tables want it.
// It is not for concurrent use.
type Rewriter struct {
	ring    *Keyring
	hashers []*hasher // by epoch; nil where the secret is destroyed

	tables map[string]Mode // by name and ARN
	values []string        // of the present touch
	docs   documents
	seen   [3]rewritten // documents that touches of one record share
}

// rewritten is a text and what became of it last.
type rewritten struct {
	mode    Mode
	epoch   int
	rules   *rules
	outcome bool
	in, out string
}

// Rewriters returns what makes a rewriter for each worker, or [ErrNoSecret] unless all
// epochs have been opened whose secrets exist.
func (k *Keyring) Rewriters() (func() *Rewriter, error) {
	for i, e := range k.epochs {
		if e.key == nil && !k.pin.Epochs[i].Destroyed {
			return nil, fmt.Errorf("%w: that of epoch %d is missing", ErrNoSecret, i+1)
		}
	}
	return k.newRewriter, nil
}

// WithoutKeys returns what makes rewriters that take the tokens out of rows which the lake
// has. They are for rows of days alone whose secret is destroyed, which they leave as if
// these had been read from the trail only now.
func (p *Pin) WithoutKeys() (func() *Rewriter, error) {
	k, err := p.Keyring(nil)
	if err != nil {
		return nil, err
	}
	return k.newRewriter, nil
}

func (k *Keyring) newRewriter() *Rewriter {
	r := &Rewriter{ring: k, tables: map[string]Mode{}}
	for _, e := range k.epochs {
		var h *hasher
		if e.key != nil {
			h = e.key.hasher()
		}
		r.hashers = append(r.hashers, h)
	}
	return r
}

// Rewrite changes a touch as the lake is to have it, and keeps it. See
// [github.com/keytrail/keytrail/engine.Rewriter].
func (r *Rewriter) Rewrite(t *schema.Touch) (keep bool) {
	if namesItems(t) {
		r.items(t)
	} else {
		r.settings(t)
	}
	return true
}

// namesItems reports whether a call names items: DynamoDB's own, of the data plane or
// unknown.
func namesItems(t *schema.Touch) bool {
	if t.Plane == schema.PlaneData || t.ItemKey != "" {
		return true
	}
	return t.Plane == schema.PlaneControl && strings.Contains(strings.ToLower(t.EventSource), "dynamodb") && !schema.Classify(t.EventName).Known
}

// items rewrites a call that names items.
func (r *Rewriter) items(t *schema.Touch) {
	own := r.modeOf(t.TableName, t.TableARN)
	all := own // of the tables that the call names
	if own < r.ring.pin.Modes.Strictest() && (t.TouchCount > 1 || namesTables(t.EventName)) {
		all = max(own, r.modeOfAll(t))
	}
	if all == Plain {
		return
	}
	epoch := r.ring.of(schema.DayOf(t.EventTime))
	own, all = r.reachable(own, epoch), r.reachable(all, epoch)
	r.key(t, own, epoch)
	d := &r.docs
	d.begin(r.hasherOf(all, epoch), t.Outcome == schema.OutcomeOK)
	if t.Statement != "" {
		t.Statement = d.statement(t.Statement)
	}
	t.ErrorMessage = keptMessage(t.ErrorMessage)
	if t.Outcome != schema.OutcomeOK && len(t.Attributes) > 0 && hasLiterals(t.RequestParameters) {
		t.Attributes = nil
	}
	r.document(&t.RequestParameters, 0, all, epoch, itemRules)
	r.document(&t.ResponseElements, 1, all, epoch, itemRules)
	r.document(&t.AdditionalEventData, 2, all, epoch, itemRules)
}

// settings rewrites a call that names no items, in which values of keys may stand all the
// same: policies, prefixes of exports, encryption contexts.
func (r *Rewriter) settings(t *schema.Touch) {
	mode := r.modeOf(t.TableName, t.TableARN)
	if mode == Plain {
		return
	}
	epoch := r.ring.of(schema.DayOf(t.EventTime))
	mode = r.reachable(mode, epoch)
	r.docs.begin(r.hasherOf(mode, epoch), t.Outcome == schema.OutcomeOK)
	logged := t.RequestParameters
	r.document(&t.RequestParameters, 0, mode, epoch, settingRules)
	r.document(&t.ResponseElements, 1, mode, epoch, settingRules)
	r.document(&t.AdditionalEventData, 2, mode, epoch, settingRules)
	if t.RequestParameters != logged {
		t.ErrorMessage = keptMessage(t.ErrorMessage) // which may repeat what was taken out
	}
}

// key rewrites what a touch says of its item.
func (r *Rewriter) key(t *schema.Touch, mode Mode, epoch int) {
	switch mode {
	case Drop:
		t.ItemKey, t.KeyValues = "", nil
	case HMAC:
		h := r.hashers[epoch]
		r.values = r.values[:0]
		for _, v := range t.KeyValues {
			r.values = append(r.values, h.token(v))
		}
		t.KeyValues = slices.Clip(r.values)
		t.ItemKey = keyOf(t.ItemKey, h)
	}
}

// keyOf is a canonical key with tokens in the place of its values.
func keyOf(key string, h *hasher) string {
	if key == "" {
		return ""
	}
	text := make([]byte, 0, len(key)+64)
	schema.EachKeyMember(key, func(name, value string) bool {
		mark := byte(',')
		if len(text) == 0 {
			mark = '{'
		}
		text = append(append(append(text, mark), name...), ':', '"')
		text = append(append(text, h.token(unquote(value))...), '"')
		return true
	})
	if len(text) == 0 {
		return ""
	}
	return string(append(text, '}'))
}

// document rewrites the JSON of a column, of which the touches of one record have the
// same.
func (r *Rewriter) document(text *string, column int, mode Mode, epoch int, by *rules) {
	if *text == "" {
		return
	}
	last := &r.seen[column]
	if last.in != *text || last.mode != mode || last.epoch != epoch || last.rules != by || last.outcome != r.docs.ok {
		out := r.docs.rewrite(*text, by)
		*last = rewritten{mode, epoch, by, r.docs.ok, strings.Clone(*text), out}
	}
	*text = last.out
}

// reachable is the mode of rows of an epoch: those whose secret is no more have no keys.
func (r *Rewriter) reachable(mode Mode, epoch int) Mode {
	if mode == HMAC && r.hashers[epoch] == nil {
		return Drop
	}
	return mode
}

// hasherOf is nil where no tokens are to be made.
func (r *Rewriter) hasherOf(mode Mode, epoch int) *hasher {
	if mode == HMAC {
		return r.hashers[epoch]
	}
	return nil
}

// maxTables bounds the tables remembered: requests may name any.
const maxTables = 1 << 12

func (r *Rewriter) modeOf(name, arn string) Mode {
	if arn == "" && name == "" {
		return r.ring.pin.Modes.Strictest()
	}
	by := arn
	if by == "" {
		by = name
	}
	mode, ok := r.tables[by]
	if !ok {
		if mode = r.ring.Mode(name, arn); arn == "" {
			mode = r.ring.pin.Modes.strictestFor(name)
		}
		if len(r.tables) >= maxTables {
			clear(r.tables)
		}
		r.tables[strings.Clone(by)] = mode
	}
	return mode
}

// Quarantined takes the values out of a record that makes no sense: it is found in its
// object by its index. The first words of the reason are the program's own.
func (r *Rewriter) Quarantined(reason, _ string) (string, string) {
	reason, _, _ = strings.Cut(reason, ":")
	return reason, ""
}

// keptMessage is an error message if it is one that has no values of items.
func keptMessage(message string) string {
	if strings.HasPrefix(message, "User: arn:") && strings.Contains(message, " is not authorized to perform: ") ||
		slices.Contains(plainMessages, message) {
		return message
	}
	return ""
}

// plainMessages are those of DynamoDB that say nothing of items.
var plainMessages = []string{
	"The conditional request failed",
	"Requested resource not found",
	"Rate exceeded",
	"Rate of requests exceeds the allowed throughput.",
	"The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
	"Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.",
	"Internal server error",
	"The service is currently unavailable or busy.",
	"Transaction is ongoing for the item",
}
