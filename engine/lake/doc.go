// Package lake is the lake's layout: where each file lies, how it is replaced, and
// what keeps two runs apart.
//
// A lake is one directory or bucket prefix:
//
//	touches/table_name=<name>/day=<YYYY-MM-DD>/part-<bucket>.parquet   one row per touch
//	ledger/delivery_day=<YYYY-MM-DD>/part.parquet                      one row per source object
//	rollup/day=<YYYY-MM-DD>/part.parquet                               hourly counts
//	quarantine/day=<YYYY-MM-DD>/part.parquet                           records nobody could understand
//	config/day=<YYYY-MM-DD>/part.parquet                               what AWS Config recorded of tables
//	findings/day=<YYYY-MM-DD>/part.parquet                             what somebody should look at
//	findings/day=<YYYY-MM-DD>/_findings.jsonl                          the same as JSON Lines
//	_keytrail/journal/<number>.parquet                                 what each commit changed, chained by hash
//	_keytrail/manifest/day=<YYYY-MM-DD>/part.parquet                   every touches file's hash, as the journal has it last
//	_keytrail/coverage                                                 what the ledger's days come to
//	_keytrail/profile/day=<YYYY-MM-DD>/part.parquet                    what an event day looked like; a cache
//	_keytrail/keys.json                                                what became of the values of keys; none: they are as logged
//	_keytrail/forgotten.json                                           whom to keep forgotten
//	_keytrail/retention.json                                           which days not to bring back, and legal holds
//	_keytrail/                                                         format version, lease
//
// Every file is replaced whole by one atomic put of the same name, so a reader that
// globs the lake sees old rows or new ones, never both. Every replacement is
// conditional on the version that was read ([object.Condition]): whoever finds the
// file changed reads it again and merges anew, so two writers that should never
// have met still converge. Nothing is written when the bytes would stay the same,
// and the bytes depend on the rows alone.
//
// [Open] and [Create] give a [Lake]. The touches are opaque here: files are listed,
// opened and put ([Lake.TouchFiles]). Ledger, quarantine and rollup are small tables
// whose rows this package knows. [Lake.Record] writes the journal. [Lake.Acquire]
// takes the lease. [Lake.MergeFindings] keeps what was found. [Lake.Coverage] says how complete a lake is: what became of the
// objects of every delivery day, account and Region, and where there are none.
package lake
