// Package reader reads rows back out of a lake: those that satisfy a [Query], as
// Arrow records of the columns asked for.
//
// It reads as little as it can. Partitions are passed over by name, files by the
// bucket a key belongs to, row groups by event time, bounds and Bloom filters, pages
// by the page index. Of the pages that are left, the columns that conditions are on
// come first, one after the other, the cheapest first, each only where those before it
// left rows: so they say exactly which rows match, and only the pages with those rows
// are read of the other columns. [Stats] says what was passed over at each level, and
// [Stats.Explain] tells a person.
//
// Which items were touched is best asked by the members of their keys ([Query.Key]). Rows
// are sorted by key, so bounds tell of many keys between them what members they have
// ([schema.KeyMembers.MayLie]): a key, or the beginning of one, is found in a page or
// two, and by a Bloom filter one that is in no row of a file costs its footer alone. Files
// say of what names their keys are made ([schema.KeyNames]): where those asked for are
// all of a key, no other key can match, and the filter of whole keys is asked instead.
//
// Where a read is dear because each is a request, files are [object.Prefetcher]s: each
// step says all that it will read before it does, and many partitions are read at a time.
// On a directory, too, what lies close together is read at once where a few rows are wanted.
//
// Files may be replaced while they are read. Every file is read in one version, and
// its rows are held back until it has been read whole; one that changed is simply
// read again. Only of a file with more matching rows than fit [Query.BufferBytes]
// rows are handed out earlier: should that one change before its end, [Scan] fails
// with [object.ErrChanged] rather than hand out a row twice.
//
// A partition of several files is read as it was split last. While a split is under
// way, or was cut short, some files are split more finely than others; since it goes
// from the last file to the first, each file's own number of buckets says which rows
// it has and in which later files the rest of them are.
package reader
