// Package coverage says what the log has and what it cannot have: which kinds of events
// of a table arrived on which days, what the trails were set to log, what was delivered
// and not read. Its facts are those of the coverage report, and others' to build on.
//
// That nothing arrived has many causes, and only some of them are in the log. What is not
// known is said to be unknown, never fine.
package coverage
