// Package detect looks for what should not happen to tables: data carried off or
// destroyed, protection switched off, tables opened to strangers, identities used as
// they never were, the log itself blinded.
//
// A [Detection] says what to look for, how bad it is and what it needs; the catalogue is
// cut by subject (exfiltration.go, destruction.go, and so on), so that a detection is
// read in one place. [Judge] reads one event day from a lake, shows every touch to the
// watchers of all detections, and returns findings, each with the calls it was made
// from, and for each detection whether it could be evaluated at all: one that lacks the
// events, the history, the policy or the settings it needs has found nothing, and that
// means nothing.
//
// What trails log is worked out from the calls that change them ([Coverage]), since a log
// that is told to be silent is.
package detect
