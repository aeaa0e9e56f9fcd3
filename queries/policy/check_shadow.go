package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// once wants every id once.
func (c *checker) once(i int, ids map[string]int) {
	id := c.policy.Rules[i].ID
	at := fmt.Sprintf("rules[%d].id", i)
	if first, twice := ids[id]; twice && id != "" {
		line := 0
		if mark := c.marks[fmt.Sprintf("rules[%d].id", first)]; mark != nil {
			line = mark.Line
		}
		c.at(at, Fault, fmt.Sprintf("id %s is taken: the rule in line %d has it", id, line))
		return
	}
	ids[id] = i
}

// shadows warns of rules that can never decide anything, since one that goes before holds
// whenever they do. It says so only where that is plain to see.
func (c *checker) shadows() {
	rules := c.policy.Rules
	ends := make([]int64, len(rules))
	for i := range rules {
		ends[i] = endOf(rules[i].Expires, time.UTC)
	}
	for i := range rules {
		for j := range rules {
			if i != j && ends[j] >= ends[i] && before(&rules[j], &rules[i]) && c.covers(&rules[j], &rules[i]) {
				c.at(fmt.Sprintf("rules[%d]", i), Warning, fmt.Sprintf("rule %s never decides: rule %s holds whenever it does, and goes before it", rules[i].ID, rules[j].ID))
				break
			}
		}
	}
}

// before reports whether rule a decides where both hold.
func before(a, b *Rule) bool {
	if a.Effect != b.Effect {
		return a.Effect == "deny"
	}
	return a.ID < b.ID
}

// covers reports whether the conditions of a hold whenever those of b do; false where that
// is not plain. What tells rules apart most often is looked at first.
func (c *checker) covers(a, b *Rule) bool {
	return c.whoCovers(&a.Who, &b.Who) && opsCover(a.Ops, b.Ops) && globsCover(a.Tables, b.Tables) &&
		listCovers(a.Where.Networks, b.Where.Networks) && listCovers(a.Where.Regions, b.Where.Regions) && listCovers(a.Where.ExportBuckets, b.Where.ExportBuckets) &&
		(reflect.DeepEqual(a.When, b.When) || reflect.DeepEqual(a.When, When{}))
}

func (c *checker) whoCovers(a, b *Who) bool {
	same := func(x, y string) bool { return x == "" || x == y }
	glob := func(x, y string) bool { return x == "" || y != "" && globCovers(x, y) }
	group := a.Group == b.Group || a.Group == "" ||
		b.Role != "" && narrow(b.Role) && anyGlob(c.policy.Groups[a.Group], b.Role)
	return group && glob(a.Role, b.Role) && glob(a.User, b.User) && glob(a.Service, b.Service) &&
		same(a.RoleID, b.RoleID) && same(a.Account, b.Account) &&
		listCovers(a.Kind, b.Kind) && listCovers(a.Persons, b.Persons) && listCovers(a.Session, b.Session) &&
		(a.SSO == nil || reflect.DeepEqual(a.SSO, b.SSO))
}

// globsCover reports whether what one list of b matches one of a does.
func globsCover(a, b []string) bool {
	if len(a) == 0 || slices.Equal(a, b) {
		return true
	}
	return len(b) > 0 && !excludes(a) && !slices.ContainsFunc(b, func(y string) bool {
		return !strings.HasPrefix(y, "!") && !slices.ContainsFunc(a, func(x string) bool { return globCovers(x, y) })
	}) && slices.ContainsFunc(b, func(y string) bool { return !strings.HasPrefix(y, "!") })
}

// anyText puts texts that nobody writes in place of a pattern's signs.
var anyText = strings.NewReplacer("**", ":\x00/\x00:\x00/", "*", "\x00\x00", "?", "\x00")

// globCovers reports whether what pattern y matches x does: x has to match y with texts in
// place of its signs that only signs of x can match.
func globCovers(x, y string) bool {
	if x == y || narrow(y) {
		return x == y || Glob(x, y)
	}
	return !strings.Contains(x, "?") && Glob(x, anyText.Replace(y)) && Glob(x, strings.ReplaceAll(y, "*", ""))
}

// opsCover is the same for operations.
func opsCover(a, b []string) bool {
	if slices.Equal(a, b) {
		return true
	}
	named := slices.DeleteFunc(slices.Clone(b), func(op string) bool { return strings.HasPrefix(op, "!") })
	return !excludes(a) && len(named) > 0 && listCovers(a, named)
}

// listCovers reports whether a has all of b; an empty list is all there is.
func listCovers(a, b []string) bool {
	if len(a) == 0 || slices.Equal(a, b) {
		return true
	}
	return len(b) > 0 && !excludes(a) && !excludes(b) && !slices.ContainsFunc(b, func(y string) bool { return !slices.Contains(a, y) })
}

func excludes(list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, "!") })
}
