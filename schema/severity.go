package schema

import (
	"fmt"
	"strings"
)

// Severity is how bad a finding is, from SeverityInfo up.
type Severity uint8

const (
	SeverityInfo Severity = iota + 1
	SeverityLow
	SeverityMedium
	SeverityHigh
	SeverityCritical
)

// Severities are all there are, the least first.
var Severities = []Severity{SeverityInfo, SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical}

var severityNames = [...]string{"", "info", "low", "medium", "high", "critical"}

func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity %d", uint8(s))
}

// ParseSeverity reads what [Severity.String] writes.
func ParseSeverity(text string) (Severity, error) {
	for _, s := range Severities {
		if s.String() == text {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is no severity: %s", text, strings.Join(severityNames[1:], ", "))
}

// Raise is the severity so many steps higher, or lower where by is negative: never
// beyond the greatest or least.
func (s Severity) Raise(by int) Severity {
	return Severity(min(max(int(s)+by, int(SeverityInfo)), int(SeverityCritical)))
}

// MarshalText and UnmarshalText use the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}
