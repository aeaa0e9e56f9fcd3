// Package engine turns gzipped CloudTrail objects into a lake of touches: Parquet
// files partitioned by table and event day, one row per item touched.
//
// A run reads like a sentence: list the objects, fetch their bytes, decode
// records into touches, merge them into their partitions, commit the ledger.
// [Engine.Ingest] is that sentence; start there.
//
// A partition's file is replaced whole, by one atomic put, and its bytes depend
// only on the rows it holds. So a killed run leaves old partitions or new ones,
// and running it again ends at the same bytes: what had been merged already is
// found to be there, and drops out. The lake's journal says which commit changed
// which file, and by which objects.
//
// One bad object does not stop a run. It enters not at all, stands in the ledger
// with the reason, and is tried again by the next run.
//
// The package knows no store: it declares what it asks of one ([Source]), and
// the command wires in a directory or a bucket.
package engine
