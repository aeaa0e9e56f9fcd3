// Package partition turns touches in any order into sorted partitions, within a
// fixed amount of memory.
//
// A worker appends the touches of an object to its [Buffer], which packs rows
// of all partitions densely and without pointers. When the buffer has used its
// share of memory it is sorted by partition and row order and spilled to a
// temporary file: a sorted run. What is left at the end is a run as well, without
// touching the disk ([Buffer.Run]).
//
// Values that repeat are numbers all the way: a buffer's (intern.go), then those of
// one partition's rows (gather.go), which the file's writer turns into its own. Nobody
// looks at the text again unless two rows are to be compared. And what is not spilled
// is not copied: a [schema.Batch] shows the rows where the buffer has them.
//
// [Gather] then takes every run's rows of one partition, which [Incoming.Merge] brings
// together with the rows its files already hold, in one k-way merge. Equal rows meet
// there and all but the one with the least provenance are dropped, so the output is a
// function of the set of rows and of nothing else: not of the order they came in, nor
// of which run or worker held them.
package partition
