// Package evidence makes a directory that goes with a report and says what it was made
// from, and checks it, without the lake or against it.
//
//	manifest.json          what is here: each file with its SHA-256; the touches files that
//	                       the report was read from, with theirs; the journal's head
//	report.html, ...       the report, as it was written, and the files that went into it
//	journal.jsonl          what changed those touches files, commit by commit
//	objects.jsonl          the logs that they were made from, with CloudTrail's verdict
//	lake/                  the lake's own journal, manifest and ledger, of those days
//
// [Write] makes one, and [Check] follows the chain: manifest to files, files to the
// journal, journal to touches files, touches files to the logs. The same lake and the same
// report make the same bytes.
package evidence
