// Package compliance makes the report that somebody signs: who could and did reach the
// tables in a period, what nobody expected, what the log cannot show, and how far all
// that is proven.
//
// [Collect] reads the period's touches once, shows each to all parts, and has every part
// make its sections (outline.go has their order; a part is a file or a few). What is not
// in touches, the parts read from the lake's accounts: ledger, journal, findings, runs.
//
// A report depends on the lake, the question and the files that go with it, and on nothing
// else: no clock, no host. Item keys are personal data and are not in it, unless asked for.
package compliance
