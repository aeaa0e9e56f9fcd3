// Package cache keeps on disk what was read of a bucket, so that the same question
// asked again needs no more than a listing.
//
// A [Store] stands before another one and is used like it. A listing that passes
// through it says which version every object has now; a file that is opened thereafter
// is that version, and is opened without a request. Its bytes come from disk as far as
// they were read before, and else from the store, which is asked for this version only.
// So old and new bytes never meet: when a listing shows another version, the blocks of
// the old one are removed, and when the object is replaced after it was listed, reads of
// what is not on disk fail with [object.ErrChanged].
//
// On disk is one file per block of 64 KiB:
//
//	DIR/<SHA-256 of store and key>/<SHA-256 of the version>-<block>
//
// with a header that says whose block it is and a checksum of all of it. A file that is
// damaged, cut short or another's is removed and its block asked for again. Files are
// written aside and renamed, so several processes may share a directory. What was used
// least recently makes room. Nothing is lost when the directory is removed at any time.
//
// What is cached is what the bucket holds, personal data included: directories and files
// are their owner's alone, and a directory that others can write to is refused. The names
// tell nothing.
package cache
