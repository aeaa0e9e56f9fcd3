// Package awskeys fetches the public keys that CloudTrail signs digests with, from
// its ListPublicKeys. It needs credentials that may call that, a network, and trust
// in both; whoever has the keys in a file already needs none of it ([digest.ReadKeys]).
package awskeys
