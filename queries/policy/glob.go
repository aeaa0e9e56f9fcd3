package policy

import "github.com/keytrail/keytrail/schema"

// Glob reports whether s matches a pattern, as [schema.Glob] does.
func Glob(pattern, s string) bool { return schema.Glob(pattern, s) }
