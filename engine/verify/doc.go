// Package verify says whether a lake is what it claims to be.
//
// [Lake] reads everything: each touches file row by row, the ledger, the rollup, the
// quarantine, and the listing of the place. It recounts what the engine counted, by
// code of its own, and compares. What does not hold is a [Finding].
//
// A file's bytes depend on its rows alone. So beside the checks that say what is
// wrong (order, day, bucket, Bloom filters, statistics, accounts), the rows of every
// file are written once more and compared byte by byte with what is stored: damage
// that a reader would not notice, or a page index that leads it astray, is found too.
//
// The summary of the ledger is held against the ledger, where a reader would go by it;
// elsewhere it is behind, which is worth a note. A lake need not have one.
//
// Findings about a day are read, and told to people as they are to programs. Whether they are
// right nobody asks here. Nor are the profiles of days looked at: they are a cache.
//
// With sources, the ledger is compared with what is there to read: [Input].
//
// Nothing is written. Files that a run replaces meanwhile are read again, but the
// accounts of a lake that is being written to may not add up: [Report.Notes] says so.
// Memory: one row group per file being read, one commit of the journal, the rollup of
// one day, the summary of the ledger, and about 40 bytes for every object in the ledger
// (100 with sources), of which neither names nor reasons are kept: where a finding needs
// one, the ledger is read again.
package verify
