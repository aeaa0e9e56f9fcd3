// Package erasure forgets a subject: it takes what rows say of a person out of a lake,
// and sees to it that no later ingest brings it back.
//
// What is forgotten stands in the lake's list ([lake.ForgottenOrder]), by keyed hashes
// and never in clear. A rewriter made of the list ([Rewrites]) is a pure function of a row
// and the list. An ingest applies it to what it decodes, and [Forget] to the rows that
// are there; so a lake that forgot and then reads its trail again has the bytes of one that
// had the list from the beginning.
//
// A row that names the subject is unlinked: its key and its raw texts become NULL, and
// when it was, which table, what was done and by whom stay, so that counts stay, too. Or it
// is removed, if so asked. Of other rows, such as those of the same batch call, the texts
// that hold the subject's values become NULL, each by itself.
//
// The hashes keep the list from telling names to who reads it in passing. They do not
// stop somebody who has the whole lake, with the salt in it, from trying every telephone
// number: against that, keys have to be hashed with a secret that is not in the lake.
//
// The trail itself is out of reach: to change it would break CloudTrail's signatures.
package erasure
