// Package custody holds the digests' verdicts against a lake: were its rows read from
// the bytes that CloudTrail signed?
//
// [Record] validates the logs of a source (package digest). The hash in a digest is
// that of the inflated log, which is what the ledger's sha256 is: a log that the
// ledger has as done is judged by it and not read again (known.go). Every version in
// the ledger gets a verdict of its own, from its own hash, whatever lies in the bucket
// by now (record.go):
//
//   - proven: a digest with a good signature names the bytes the rows were read from.
//   - altered: a digest names other bytes.
//   - missing: a digest names the log, and nobody has it; never of one that is done.
//   - unproven: nothing signed speaks of it.
//
// What a signature proved stays proven: a later validation that knows less, because
// digests expired or a key was not at hand, takes no verdict back (verdict.go).
//
// [Summary] says what that means for the rows, by table and event day.
package custody
