// Package inflate turns a whole gzip object into its bytes, in one call.
//
// Log objects are small (50 MB at most), so nothing here streams: the compressed
// bytes are all there, and the inflated ones go to one buffer that the [Inflater]
// keeps from call to call. That lets the inner loop read its input eight bytes at
// a time, copy matches from the output itself, and check for room once per
// symbol instead of once per byte.
//
// [Inflater.Inflate] walks the members of an object (RFC 1952): inflate.go,
// member.go. A member's data (RFC 1951) are blocks, deflate.go; the common kind
// begins with its Huffman codes, dynamic.go, which huffman.go turns into the lookup
// tables of tables.go. Symbols are then read by the loop in fast.go as long as there
// is slack on both sides, and one by one near the ends.
//
// What is accepted is what Go's compress/gzip accepts, plus zero padding behind
// the last member, header strings of any length, and objects that are not gzip
// at all. Every CRC and length is verified.
package inflate
