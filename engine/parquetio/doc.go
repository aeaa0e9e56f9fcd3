// Package parquetio writes touches as Parquet files and reads them back.
//
// A [Writer] takes sorted batches of rows and emits row groups; a [File] says what a
// row group may hold, from its Bloom filters, statistics and page index, and reads
// back only the columns and rows asked for, as Arrow records. [WriteRows] and
// [ReadRows] do the same for small tables of any Go struct: the ledger, the rollup.
// [TableColumns] reads those column by column.
//
// The bytes of a file depend on its rows and nothing else: not on how calls to
// Append cut them, on time, host or thread. So row groups end by a rule on row
// count and row bytes, pages likewise, dictionaries list values as they first
// appear, and which column of text has a dictionary is fixed in package schema. Those
// of documents and of numbers go by rules of their own, on the values: see documents
// and smallInts.
//
// A column chunk is [dictionary page] data page…, every page compressed and summed
// (CRC-32) on its own; a page begins with a row. Behind the last row group stand the
// Bloom filters, the column indexes, the offset indexes and the footer: whoever has the
// end of a file can mostly tell, without another read, that a key is not in it. Pages are written from, and
// read into, whole columns rather than through the library's value-by-value
// interface, which costs more than all else in an ingest; what stands in a file is
// plain Parquet all the same, and the library's own reader is the judge in the tests.
//
// Nothing here panics on a corrupt file: it gives an error that wraps [ErrCorrupt].
package parquetio
