// Package schema says what a touch is: every name keytrail writes to disk, once.
//
// A touch is one (event, table, item) that one API call reached, and one row of
// the lake. [Columns] is the single list of a row's columns; the Parquet schema,
// the Arrow schema ([Arrow]) and the SQL DDL ([DDL]) are derived from it, so that they
// cannot disagree. The names are promises to other people's SQL: they may be
// added to, never renamed.
//
// Beside the columns live the rules that give them meaning and that every
// reader of a record must share: who the actor is ([ResolvePrincipal]), what
// class of operation a call was ([Classify]), the canonical text of an item key
// ([ItemKey]) and which partition a row belongs to ([Partition]).
package schema
