package detect

import "strings"

// omitted reports whether CloudTrail left out what was asked for, as it does with
// requests of more than 100 KB.
func (e *Event) omitted() bool {
	if !strings.Contains(e.RequestParameters, "omitted") && !strings.Contains(e.RequestParameters, "too large") {
		return false // as nearly all are, and parsing them is dear
	}
	if left, known := e.Request().At("omitted").Bool(); known && left {
		return true
	}
	return strings.Contains(e.Request().At("reason").Text(), "too large")
}
