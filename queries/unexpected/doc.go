// Package unexpected tells which changes nobody expected: what was changed, or read
// of tables that need care, by those of whom no rule of a policy says that they may.
//
// [Ask] judges every row of a span of time once and sums up what is not allowed by who
// it was, on which table and what kind of call, so that a person can act on each line.
// The same pass tells which rules are used, and which are over or of no use.
// [Learn] proposes rules from what was seen, and [Explain] says what each rule has to
// say of one event.
package unexpected
