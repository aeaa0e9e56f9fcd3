package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// check notes what is wrong with a file that was read. What could not be read is not
// judged for what it lacks: wellFormed says that all could.
func (r *reading) check(p *Policy, wellFormed bool) {
	if p.Version != 1 && wellFormed {
		r.at("version", Fault, "version: 1 is wanted: this program knows no other")
	}
	r.checkDefaults(&p.Defaults)
	r.accounts("org_accounts", p.OrgAccounts)
	for _, id := range slices.Sorted(maps.Keys(p.Partners)) {
		at := "partners." + id
		r.accountID(at, id)
		r.day(at+".expires", p.Partners[id].Expires)
	}
	c := checker{r, p}
	for i := range p.Pipelines {
		c.pipeline(fmt.Sprintf("pipelines[%d]", i), &p.Pipelines[i])
	}
	c.actors("break_glass", p.BreakGlass)
	for i := range p.Tables {
		c.table(fmt.Sprintf("tables[%d]", i), &p.Tables[i])
	}
	c.tags(&p.TableTags)
	for _, name := range slices.Sorted(maps.Keys(p.Groups)) {
		at := "groups." + name
		c.actors(at, p.Groups[name])
		if len(p.Groups[name]) == 0 {
			r.at(at, Fault, fmt.Sprintf("group %q is empty: a rule about it would be about nobody", name))
		}
	}
	ids := map[string]int{}
	for i := range p.Rules {
		c.rule(fmt.Sprintf("rules[%d]", i), &p.Rules[i])
		c.once(i, ids)
	}
	if wellFormed {
		c.shadows()
	}
}

// checker checks a policy against itself.
type checker struct {
	*reading
	policy *Policy
}

func (r *reading) checkDefaults(d *Defaults) {
	for _, c := range []struct{ key, text string }{{"max_lifetime", d.MaxLifetime}, {"grace", d.Grace}} {
		if _, ok := parseLength(c.text); !ok && c.text != "" {
			r.at("defaults."+c.key, Fault, fmt.Sprintf("%q is no length of time: write 365d, 12w or 36h", c.text))
		}
	}
	if d.Timezone == "" {
		return
	}
	if _, err := time.LoadLocation(d.Timezone); err != nil || d.Timezone == "Local" {
		r.at("defaults.timezone", Fault, fmt.Sprintf("%q is no time zone: write a name such as Europe/Berlin, or UTC", d.Timezone))
	}
}

var twelveDigits = regexp.MustCompile(`^[0-9]{12}$`)

func (r *reading) accounts(path string, ids []string) {
	for i, id := range ids {
		r.accountID(fmt.Sprintf("%s[%d]", path, i), id)
	}
}

func (r *reading) accountID(path, id string) {
	if !twelveDigits.MatchString(id) {
		r.at(path, Fault, fmt.Sprintf("%q is no account id: it has twelve digits, in quotes", id))
	}
}

func (r *reading) day(path, day string) {
	if _, err := time.Parse(time.DateOnly, day); err != nil && day != "" {
		r.at(path, Fault, fmt.Sprintf("%q is no day: write 2027-05-04", day))
	}
}

// oneOf wants one of some words; none is no word.
func (r *reading) oneOf(path, word, thing string, words []string) {
	if word != "" && !slices.Contains(words, word) {
		r.at(path, Fault, fmt.Sprintf("unknown %s %q (%s)", thing, word, meant(word, words)))
	}
}

func (c *checker) pipeline(at string, l *Pipeline) {
	if l.Role == "" {
		c.at(at, Fault, "a pipeline needs its role")
	}
	c.actor(at+".role", l.Role)
	c.networks(at+".networks", l.Networks)
}

func (c *checker) table(at string, t *Table) {
	if t.Match == "" {
		c.at(at, Fault, "a table needs match: a glob of its ARN, such as \"**:table/orders\"")
	}
	c.tables(at+".match", t.Match)
	c.oneOf(at+".class", t.Class, "class", Classes)
}

func (c *checker) actors(path string, globs []string) {
	for i, g := range globs {
		c.actor(fmt.Sprintf("%s[%d]", path, i), g)
	}
}

// actor checks a pattern of roles and users. Some of those have no ARN in the log, and
// are an account and an id.
func (c *checker) actor(path, pattern string) {
	c.glob(path, pattern)
	if tooShort(pattern) && !strings.Contains(pattern, ":") {
		c.at(path, Warning, fmt.Sprintf("%q holds for no role's nor user's ARN: patterns are of whole ones, such as \"arn:aws:iam::111122223333:role/app/*\"", pattern))
	}
}

// tables checks a pattern of tables, all of which have ARNs: one that holds for none, be
// it a table's name alone, would be a rule that is never heard of.
func (c *checker) tables(path, pattern string) {
	c.glob(path, pattern)
	if tooShort(pattern) {
		c.at(path, Fault, fmt.Sprintf("%q holds for no table: patterns are of whole ARNs, such as \"**:table/orders\"", pattern))
	}
}

// tooShort reports whether a pattern holds for no ARN at all, which has six parts.
func tooShort(pattern string) bool {
	return pattern != "" && !strings.Contains(pattern, "**") && strings.Count(pattern, ":") < 5
}

// glob checks a pattern of ARNs.
func (c *checker) glob(path, pattern string) {
	switch {
	case pattern == "":
	case strings.ContainsFunc(pattern, unicode.IsSpace):
		c.at(path, Fault, fmt.Sprintf("%q has a space in it, as no name in AWS has: are these two entries of a list?", pattern))
		return
	case strings.HasPrefix(pattern, "!"):
		c.at(path, Fault, "only tables, ops, persons, session and agents can leave something out with \"!\"")
		return
	case strings.ContainsAny(pattern, "[]{}\\^$|"):
		c.at(path, Warning, "only * (within a part), ** (anything) and ? are signs of a pattern; all else is taken as it stands")
	case strings.Contains(pattern, "***"):
		c.at(path, Fault, "*** is no sign of a pattern: * is text without : or /, ** is any text")
	}
	c.arn(path, pattern)
}

// arn wants the account in an ARN to be one that the policy knows of.
func (c *checker) arn(path, pattern string) {
	parts := strings.SplitN(pattern, ":", 6)
	if parts[0] == "arn" && len(parts) == 6 && twelveDigits.MatchString(parts[4]) {
		c.known(path, parts[4])
	}
}

func (c *checker) known(path, account string) {
	p := c.policy
	_, partner := p.Partners[account]
	if len(p.OrgAccounts) > 0 && !partner && !slices.Contains(p.OrgAccounts, account) {
		c.at(path, Lack, fmt.Sprintf("account %s is neither in org_accounts nor a partner", account))
	}
}

func (c *checker) networks(path string, networks []string) {
	for i, n := range networks {
		c.network(fmt.Sprintf("%s[%d]", path, i), n)
	}
}

var addressShaped = regexp.MustCompile(`^[0-9a-fA-F.:]*(/.*)?$`)

func (c *checker) network(path, n string) {
	prefix, ok := parseNetwork(n)
	switch {
	case ok && prefix != prefix.Masked():
		c.at(path, Fault, fmt.Sprintf("%q has address bits behind the network's: %s is meant", n, prefix.Masked()))
	case ok:
	case n == "" || strings.HasPrefix(n, "!") || strings.Contains(n, " - "):
		c.at(path, Fault, "a network is a CIDR such as 10.0.0.0/8, or a glob of VPC endpoints such as vpce-0abc*")
	case addressShaped.MatchString(n):
		c.at(path, Fault, fmt.Sprintf("%q is no network: write a CIDR such as 10.0.0.0/8 or 2001:db8::/32", n))
	case narrow(n) && !strings.HasPrefix(n, "vpce-") && !strings.Contains(n, ".") && n != "AWS Internal":
		c.at(path, Warning, fmt.Sprintf("%q is nowhere that a call comes from: networks are CIDRs, VPC endpoints (vpce-...) and services", n))
	}
}

var regionShaped = regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]+$`)

// region warns of what is no name of a Region: nothing would ever come from there.
func (c *checker) region(path, region string) {
	if narrow(region) && !regionShaped.MatchString(region) {
		c.at(path, Warning, fmt.Sprintf("%q is no name of a Region: those are like eu-west-1", region))
	}
}
