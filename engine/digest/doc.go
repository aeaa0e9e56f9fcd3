// Package digest validates CloudTrail's log files against its digest files: it
// says which logs are provably as delivered, and which are altered, missing or
// not accounted for.
//
// Every hour and in every Region, a trail with validation on writes a digest: a
// signed list of the logs it delivered, with their hashes, that also holds hash and
// signature of the digest before it ("CloudTrail User Guide, validating log file
// integrity"). The signature of the newest is nowhere but in its object's metadata.
//
// [Verify] goes account by account and Region by Region (find.go). It reads all
// digests of a chain (document.go) and checks each on its own, with the signature
// that its successor or its metadata holds (chain.go, prove.go): one bad digest does
// not take its neighbours along. What time they cover, and what is missing, is in
// cover.go. Then it holds every log against the digests that name it, and every claim
// of a digest against the bucket (judge.go).
//
// The public keys come from whoever calls (keys.go), so that all of it works offline
// and on a copy of a bucket; [Regions] says which keys are needed. A window of delivery
// days (window.go) bounds what is listed and read.
package digest
