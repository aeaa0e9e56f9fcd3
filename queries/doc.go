// Package queries answers questions from a lake's touches.
//
// [Who] is the question "who touched this item?": conditions on the item's key,
// the table, the actor, the operation and the time. [Ask] answers it from a lake,
// which is any [reader.Lake]: lake.Open makes one of a directory or a bucket.
//
//	store, err := s3.Open(ctx, "s3://my-audit-lake/keytrail", s3.Options{})
//	l, err := lake.Open(ctx, store)
//	who := queries.Who{Table: "orders", Key: []queries.Member{{Name: "pk", Value: "c#1"}}}
//	answer, err := queries.Ask(ctx, l, who, queries.Columns(who, queries.Table))
//
// Only what the question needs is read: [Columns] says which columns that is for the
// form in which the answer will be shown. [Answer] holds the rows sorted by time,
// newest last, each a [schema.Touch] with the names that the lake's columns have.
// Whoever has batches of rows from elsewhere gives them to a [Collector], in any order.
//
// A call that named the item touched it. A call that named none, a Scan, a Query,
// an export, a read of the stream, may have shown it: those are gathered apart,
// under [Answer.CouldHave], and never mixed up with touches. What its record says of
// how far it reached, and what the touches say of when the item existed, make a
// reason and a [Likelihood]. Doubt lowers the certainty; it leaves nothing out.
//
// [Gaps] are what the lake itself may lack of an answer.
//
// [Follow] goes from the sessions of an answer back to whom they were given, by the
// lake's rows about sessions: a [Lineage] says who is behind each, how sure that is,
// and what is missing.
//
// [Render] writes an answer: a table for people, in which nothing from the log can
// move the cursor or hide text, or JSON, JSON lines, CSV and an Arrow stream whose
// columns are the lake's.
package queries
