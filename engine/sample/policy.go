package sample

import (
	_ "embed"
	"strings"
	"time"
)

//go:embed policy.yaml
var policyYAML string

// Policy is who is expected to do what in a month that starts on that day, zero being
// [FirstDay]: a policy file for `keytrail unexpected`. Its rules hold for ten months.
func Policy(start time.Time) string {
	if start.IsZero() {
		start, _ = time.Parse(time.DateOnly, FirstDay)
	}
	return strings.NewReplacer(
		"{{created}}", start.AddDate(0, 0, -60).Format(time.DateOnly),
		"{{expires}}", start.AddDate(0, 0, 300).Format(time.DateOnly),
	).Replace(policyYAML)
}
