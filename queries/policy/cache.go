package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/keytrail/keytrail/schema"
)

// maxCached bounds what is remembered. A night has far fewer different callers.
const maxCached = 1 << 15

// cache remembers which rules can speak of touches that are alike in all that their
// standing conditions look at. It is sound because those look at nothing else.
type cache struct {
	all []*compiledRule
	// What rules look at beside who, table and operation: names of sessions are many, and
	// most policies have no word on them.
	byPerson, bySession, byRoleID bool

	mu    sync.RWMutex
	known map[alike][]*compiledRule
}

// alike is all that standing conditions look at.
type alike struct {
	actor, kind, account, invokedBy, table, op, event string
	person, session, roleID                           string
}

func newCache(p *Policy) *cache {
	c := &cache{all: p.compiled.rules, known: map[alike][]*compiledRule{}}
	for i := range p.Rules {
		w := &p.Rules[i].Who
		c.byPerson = c.byPerson || len(w.Persons) > 0 || w.SSO != nil
		c.bySession = c.bySession || len(w.Session) > 0
		c.byRoleID = c.byRoleID || w.RoleID != ""
	}
	return c
}

func (c *cache) key(t *schema.Touch) alike {
	k := alike{actor: t.Actor, kind: t.ActorKind, account: t.PrincipalAccountID, invokedBy: t.InvokedBy, table: t.TableARN, op: t.Op, event: t.EventName}
	if c.byPerson {
		k.person = t.ActorName
	}
	if c.bySession {
		k.session = t.SessionName
	}
	if c.byRoleID {
		k.roleID = roleID(t)
	}
	return k
}

// rules are those whose standing conditions hold, by id.
func (c *cache) rules(t *schema.Touch) []*compiledRule {
	k := c.key(t)
	c.mu.RLock()
	rules, ok := c.known[k]
	c.mu.RUnlock()
	if ok {
		return rules
	}
	for _, r := range c.all {
		if r.holds(r.standing, t) {
			rules = append(rules, r)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCached {
		clear(c.known)
	}
	c.known[k.clone()] = slices.Clip(rules)
	return rules
}

// clone shares no memory with a touch.
func (k alike) clone() alike {
	for _, s := range []*string{&k.actor, &k.kind, &k.account, &k.invokedBy, &k.table, &k.op, &k.event, &k.person, &k.session, &k.roleID} {
		*s = strings.Clone(*s)
	}
	return k
}

// tableCache remembers the entry of each table.
type tableCache struct {
	entries []Table
	match   []func(string) bool
	told    func(arn string) Table // with what others add; nil where nobody does
	mu      sync.RWMutex
	known   map[string]Table
}

func newTableCache(entries []Table) *tableCache {
	c := &tableCache{entries: entries, known: map[string]Table{}}
	for i := range entries {
		c.match = append(c.match, globMatcher(entries[i].Match))
	}
	return c
}

func (c *tableCache) of(arn string) (found Table) {
	if len(c.entries) == 0 && c.told == nil {
		return Table{}
	}
	c.mu.RLock()
	found, ok := c.known[arn]
	c.mu.RUnlock()
	if ok {
		return found
	}
	if c.told != nil {
		found = c.told(arn)
	} else {
		found = c.entry(arn)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxCached {
		clear(c.known)
	}
	c.known[strings.Clone(arn)] = found
	return found
}

// entry is the file's first entry for a table, or none.
func (c *tableCache) entry(arn string) Table {
	at := slices.IndexFunc(c.match, func(is func(string) bool) bool { return is(arn) })
	if at < 0 {
		return Table{}
	}
	return c.entries[at]
}
