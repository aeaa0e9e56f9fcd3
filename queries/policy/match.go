package policy

import (
	"slices"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// globMatcher is [Glob] for one pattern, quick where it is none.
func globMatcher(pattern string) func(string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return func(s string) bool { return s == pattern }
	}
	if strings.Trim(pattern, "*") == "" && len(pattern) > 1 {
		return func(string) bool { return true }
	}
	return func(s string) bool { return Glob(pattern, s) }
}

// listMatcher reports whether one of some globs holds, and none that begins with "!". A
// list of nothing but those lets all others in, and so does an empty one.
func listMatcher(globs []string) func(string) bool {
	var in, out []func(string) bool
	for _, g := range globs {
		if not, ok := strings.CutPrefix(g, "!"); ok {
			out = append(out, globMatcher(not))
		} else {
			in = append(in, globMatcher(g))
		}
	}
	any := func(all []func(string) bool, s string) bool {
		return slices.ContainsFunc(all, func(is func(string) bool) bool { return is(s) })
	}
	return func(s string) bool { return (len(in) == 0 || any(in, s)) && !any(out, s) }
}

// opMatcher is the same for operations, each of which has two names.
func opMatcher(ops []string) func(*schema.Touch) bool {
	var in, out []string
	for _, op := range ops {
		if not, ok := strings.CutPrefix(op, "!"); ok {
			out = append(out, not)
		} else {
			in = append(in, op)
		}
	}
	return func(t *schema.Touch) bool {
		named := func(all []string) bool { return slices.Contains(all, t.Op) || slices.Contains(all, t.EventName) }
		return (len(in) == 0 || named(in)) && !named(out)
	}
}

func anyGlob(globs []string, s string) bool {
	return slices.ContainsFunc(globs, func(g string) bool { return Glob(g, s) })
}

// narrow reports whether a pattern is a plain text.
func narrow(pattern string) bool { return !strings.ContainsAny(pattern, "*?") }
