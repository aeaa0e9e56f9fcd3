// Package personal keeps the values of items' keys out of a lake, or lets them in only
// as tokens, so that a lake may be kept and shown where the keys themselves may not.
//
// A table has one of three modes. In plain mode its rows are as they were logged. In
// hmac mode every value of a key is a token, the same for the same value, so that one
// item's history still lies together and who touched it is still answered: the question
// is hashed, see [Keyring.Spellings]. In drop mode nothing of a key is kept.
//
// A token is "k", the number of its epoch, "_" and 128 bits of HMAC-SHA-256 over the
// value's text, in base 32. A plain hash would be worthless, since keys can be guessed:
// who has the secret can still try values, and who destroys it makes the tokens of its
// epoch mean nothing to anybody. Tokens stay personal data for as long as the secret is
// there.
//
// The same text has the same token in every table, under every name of a member. A
// domain for each table would part the tables only in words: key_values of one row
// stand beside its actor and time in any case, and one person has to be found in all
// tables by one value. As in a plain lake, the log's lack of types makes the number 42
// and the text "42" one value, and 42 is not 42.0.
//
// A row's epoch is chosen by its event day alone, so the bytes of a lake stay a function
// of the records and the options. What a lake's modes and epochs are is pinned in it,
// see [Pin], with a check value of each secret and never a secret.
//
// What stays readable in every mode: names of tables, indexes and attributes (those at
// the top of an item), who called from where, and when.
package personal
