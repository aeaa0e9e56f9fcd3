package main

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // zones by name, on machines that have none

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/schema"
)

// tableLimit is how many rows a table shows unless told otherwise.
const tableLimit = 1000

const whoHelp = `Lists the touches of an item, newest last: when, who, what, which item, which
attributes, with what outcome and from where. Under them stands who touched it
first and last, who wrote it last and who deleted it, and what the lake may lack.

What to look for. All that is given must match:
  TABLE        a table's name or ARN; without one, all tables are looked at
  name=value   a member of the item's key; a part of the key finds all its items
  '{"pk":…}'   a key as JSON, as the column item_key has it or an SDK prints it
  --value V    a value of the key under any name
Values are whole, and in upper and lower case as logged. In a lake of tokens
(keytrail ingest --key-mode hmac) the question is hashed: name the secret with
--key-secret, with or without its day; rows show the tokens. The log has no types: pk=42
finds the number 42 and the text "42"; a number is found as it was written, 42 is
not 42.0. A binary value is what the log has for it, base64. The name ends at the
first =, so a=b=c asks for the value b=c. An argument that begins with - goes behind
a "--", and a key member whose name has a = is asked for as JSON.

Times are a day, "2026-03-03 03:12", 2026-03-03T03:12:07Z or an age such as 24h or 7d,
in the zone of --time (UTC). --to includes the day, minute or second it names.

--could-have lists calls that named no item, but may have shown, copied, changed or
removed it, in a section of their own, each with the reason and how certain it is:
  likely        it reached the item's partition or whole table, and its record
                names nothing that kept the item out; of a Query or Scan that
                holds for the first page, at most 1 MB
  possible      it may have: there was a filter, a limit, a segment, a further page
                or a sort key condition, or the record does not say what was reached:
                an index, a stream, PartiQL parameters, too large a request
  not_excluded  by the log it did not: the item was not made yet or deleted, had
                not changed within the day that a stream keeps, is known in another
                account or Region only, or the call only counted. That is as sure as
                the log is complete.
A call whose record does not name its table is not among them. Without TABLE, the
tables are looked at in which the item was touched.

--follow-role says which person is behind a role: by the events of STS, console
sign-in and Identity Center that gave the session, up to five roles back. It is
certain (AWS says so, link by link), strong (a user's own credentials, a source
identity, an identity provider's word), a claim (a session name, which its caller
chooses) or unknown, and it says what is missing.

CloudTrail never logs expiry by TTL, reads served by a DAX cache, and replication, so
these are in no answer.`

const whoExamples = `  keytrail who customers 'pk=customer#1042' --lake ./lake
  keytrail who customers 'pk=customer#1042' sk=profile --could-have --lake ./lake
  keytrail who customers '{"pk":"customer#1042","sk":"profile"}' --time local --lake ./lake
  keytrail who customers 'pk=customer#1042' --follow-role --lake ./lake
  keytrail who orders --op DELETE_ITEM --actor '*@example.com' --from 7d --lake ./lake
  keytrail who --actor '*jane*' --outcome denied --outcome failed --lake ./lake
  keytrail who --value 42 --lake s3://my-audit-lake --format jsonl`

// whoFlags are the command line of who.
type whoFlags struct {
	lake, actor, from, to, format, time string
	certainty                           string
	values, ops, outcomes, events       []string
	couldHave, followRole               bool
	quiet, explain                      bool
	keys                                secretFlags
	limit                               int
}

func (f *whoFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringArrayVar(&f.values, "value", nil, "a value of the item's key, under any name (may be repeated)")
	f.keys.register(flags)
	flags.StringVar(&f.actor, "actor", "", "only actors whose id or name matches: * and ? stand for any text, any character")
	flags.StringSliceVar(&f.ops, "op", nil, "only this class of operation, such as READ_POINT, WRITE_ITEM or DELETE_ITEM (may be repeated)")
	flags.StringSliceVar(&f.events, "event", nil, "only events whose name matches, such as DeleteItem or 'Batch*' (may be repeated)")
	flags.StringSliceVar(&f.outcomes, "outcome", nil, "only this outcome: ok, denied or failed (may be repeated)")
	flags.StringVar(&f.from, "from", "", "not before this time")
	flags.StringVar(&f.to, "to", "", "not after this time")
	flags.BoolVar(&f.couldHave, "could-have", false, "list calls that named no item but may have shown or changed it, too")
	flags.StringVar(&f.certainty, "certainty", queries.NotExcluded.String(), "with --could-have, only calls at least so certain: likely, possible or not_excluded")
	flags.BoolVar(&f.followRole, "follow-role", false, "find the person behind each session: who was given its role, and how sure that is")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl, csv or arrow")
	flags.StringVar(&f.time, "time", "utc", "zone of times in a table and on this command line: utc, local, or one such as Europe/Oslo")
	flags.IntVar(&f.limit, "limit", -1, fmt.Sprintf("only the newest so many touches, and so many calls, the most certain of them; 0 is all (default: %d in a table, else all)", tableLimit))
	flags.BoolVar(&f.explain, "explain", false, "say on stderr how the answer was found: what was passed over and why, what was read")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not say on stderr what the lake may lack")
}

// parse makes a question of the command line.
func (f *whoFlags) parse(args []string, now time.Time) (*asked, error) {
	q := &asked{quiet: f.quiet, explain: f.explain}
	var err error
	if q.format, err = queries.ParseFormat(f.format); err != nil {
		return nil, usagef("--format: %v", err)
	}
	if q.zone, err = queries.ParseZone(f.time); err != nil {
		return nil, usagef("--time: %v", err)
	}
	w := &q.who
	for _, arg := range args {
		if err := addArgument(w, arg); err != nil {
			return nil, err
		}
	}
	if err := f.conditions(w); err != nil {
		return nil, err
	}
	if err := addTimes(w, f.from, f.to, now, q.zone); err != nil {
		return nil, err
	}
	w.FollowRole = f.followRole
	w.Limit = f.limit
	if w.Limit < 0 {
		if w.Limit = 0; q.format == queries.Table {
			w.Limit = tableLimit
		}
	}
	return q, f.sensible(w)
}

// conditions reads the flags that say which rows to keep.
func (f *whoFlags) conditions(w *queries.Who) error {
	var err error
	if w.Ops, err = parseEach("--op", f.ops, queries.ParseOp); err != nil {
		return err
	}
	if w.Outcomes, err = parseEach("--outcome", f.outcomes, queries.ParseOutcome); err != nil {
		return err
	}
	if f.certainty != "" {
		if w.AtLeast, err = queries.ParseLikelihood(f.certainty); err != nil {
			return usagef("--certainty: %v", err)
		}
	}
	w.Values, w.Events, w.Actor, w.CouldHave = f.values, f.events, f.actor, f.couldHave
	return nil
}

// sensible refuses questions that have no answer.
func (f *whoFlags) sensible(w *queries.Who) error {
	ofItem := len(w.Key)+len(w.Values) > 0
	switch {
	case w.Table == "" && !ofItem && len(w.Ops)+len(w.Events)+len(w.Outcomes) == 0 && w.Actor == "":
		return usagef("who touched what? Name a table, a key member as name=value, --value, --actor, --op, --event or --outcome")
	case w.CouldHave && !ofItem:
		return usagef("--could-have is about an item: name a key member as name=value, or --value. All calls on a table are listed without it")
	case w.CouldHave && len(w.Outcomes) > 0 && !slices.Contains(w.Outcomes, schema.OutcomeOK):
		return usagef("--could-have lists calls that succeeded: leave --outcome out, or add --outcome ok")
	case !w.CouldHave && w.AtLeast > queries.NotExcluded:
		return usagef("--certainty %s is about the calls of --could-have: add that", f.certainty)
	}
	return nil
}
