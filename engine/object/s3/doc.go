// Package s3 lists, reads and writes objects in an S3 bucket, as package dir does
// in a directory.
//
// A store is a bucket and a prefix in it; keys are relative to that. [Open] reads
// the configuration that every AWS tool reads (environment, profile, role),
// finds the Region of the bucket, and asks it for one key, so that wrong names
// and credentials are told before any work is done.
//
// Bytes arrive as they are stored, never decompressed on the way. A stream that
// breaks off is taken up again where it broke, at the same version; one that
// cannot be is an error, never an early end. Random access ([Store.OpenAt]) is
// ranged requests for one version. A reader that says what it will read next gets it
// in few requests at the same time ([object.Prefetcher]); for one that does not, a small
// cache of blocks turns the many tiny reads of a columnar reader into few requests.
//
// The SDK makes all requests but the ones there are millions of: objects and parts of
// them are asked for by code of our own, which leaves to the SDK whatever does not go well.
//
// Whatever the service answers becomes an [object.Error] with a cause that
// callers can tell apart and a hint that tells a person what to do.
package s3
