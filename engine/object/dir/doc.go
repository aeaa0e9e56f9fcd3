// Package dir lists, reads and writes objects in a directory, as package s3 does
// in a bucket.
//
// A key is a file's path below the root, "/"-separated. As a source a directory
// is taken as it comes: links are followed, a folder that cannot be read is an
// error that names it, pipes and sockets are passed over. As a lake it is
// written like a bucket: an object appears whole or not at all, because it is
// written aside under _keytrail/tmp/, synced, and renamed into place.
//
// An ETag is a file's size and modification time. Every write gets a later time
// than the file it replaces, so that two versions never share an ETag; writers
// on one machine take turns through a lock file beside the temporary files,
// which makes conditional puts exact.
package dir
