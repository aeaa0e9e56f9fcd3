// Package tables is the catalogue of tables: what each is, who answers for it, and how it
// was set, when.
//
// Settings are told by two witnesses. Calls that the trail logged say who changed what;
// AWS Config's items (config/ of the lake), and answers to Describe calls where the log has
// them, say what was so at a moment. Both become facts, and facts in order of time become
// [Interval]s: from when to when a setting had a value, and what says so. Where a witness
// finds a value that nobody set, that is a [Conflict]: somebody changed it outside of what
// the log has, or the log lacks a call.
//
// What nobody tells is not known: a setting without an interval is never taken for one
// that is off. Only tables that were seen being made begin with what DynamoDB gives a new
// table.
//
// Class, owner, protection and frameworks come from the policy file first, then from a
// catalogue ([policy.Catalogue]), then from tags, as the policy's table_tags map them
// ([policy.TableTags]). A tag can be set by whoever may tag: a class that one lowered is
// told ([Lowering]).
//
// [Open] reads a lake once. The answer depends on what the lake holds and on nothing else.
package tables
