// Package queries answers questions from a lake's touches.
//
// [Who] is the question "who touched this item?": conditions on the item's key,
// the table, the actor, the operation and the time. A [Collector] takes the
// batches that a reader yields, in any order, and keeps the rows that answer it;
// [Answer] holds them sorted by time, newest last.
//
// A call that named the item touched it. A call that named none, a Scan, a Query,
// an export, a read of the stream, may have shown it: those are gathered apart,
// under [Answer.CouldHave], and never mixed up with touches.
//
// [Render] writes an answer: a table for people, in which nothing from the log can
// move the cursor or hide text, or JSON, JSON lines, CSV and an Arrow stream whose
// columns are the lake's.
package queries
