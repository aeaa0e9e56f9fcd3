// Package profile says what the days before looked like: who did what to which table how
// often, how many different items it reached, and by which networks, programs, Regions and
// API names its principals are known. Detections and anomalies are judged against it.
//
// A day's profile is a pure function of the day's touches. It is worked out in one pass
// over them, and one over the few that change a setting, and is kept in the lake
// (_keytrail/profile/) with a version, which is good for the files of touches that it was
// made from and no others. So it may be late and never lies, and deleting it costs time
// only. [Open] reads those of as many days as are asked for, makes anew what is missing or
// stale, and answers as a [detect.History].
//
// A call that two accounts logged counts once: the record of the caller's account, which
// says more of who it was.
//
// A file of a profile is rows of [lake.ProfileRow], in this order of kinds:
//
//	day      version, and what planes the day has
//	word     a text, numbered from 0, that rows below have by its number
//	all      different keys by operation class
//	actor    the same, of a principal
//	table    the same, of a table
//	pair     of a principal on a table: touches by operation class and outcome, different
//	         keys by operation class, signs
//	setting  a touch with all its columns
//	end      CRC-32C of all rows before
//
// Numbers in bodies are varints, texts have their length before them.
package profile
