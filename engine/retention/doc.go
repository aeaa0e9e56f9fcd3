// Package retention removes what a lake has kept long enough: whole partitions of
// touches, and the small tables beside them.
//
// How long is said in a file that people write ([Parse]): by table, by class of table, and
// for everything else. A legal hold keeps a table's days in spite of that until it
// expires. [Look] makes a plan of it and [Prune] carries it out: first the horizon goes to
// the lake's standing orders, so that no late object brings the days back, then the
// journal says of each file what it was and that it is gone, then the files are removed,
// and a listing shows that they are. Killed in between, it is done again.
//
// The ledger stays: it says what was read, and an ingest would read it all again.
package retention
