package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/keytrail/keytrail/queries"
	"github.com/keytrail/keytrail/queries/unexpected"
	"github.com/keytrail/keytrail/schema"
)

// unexpectedLimit is how many lines a table has unless told otherwise.
const unexpectedLimit = 50

const unexpectedHelp = `Judges the touches of a day, or of any span of time, by a file that says who may do
what to which table, and lists what nobody expected: every change that succeeded, and
every read of a table that the file calls protected, confidential or restricted. Equal
things stand in one line: who, which table, which class of operation, how often, when,
from where, with an event to look up. What a rule forbids comes first, then people on
protected tables.

The file, in short ("keytrail unexpected --check FILE" knows the rest):

  version: 1
  defaults: {max_lifetime: 365d, grace: 7d, timezone: Europe/Berlin}
  org_accounts: ["111122223333"]
  tables:
    - {match: "**:table/payments-*", class: restricted, protected: true, owner: payments}
  groups:
    orders: ["arn:aws:iam::111122223333:role/app/orders-*"]
  rules:
    - id: AL-001
      effect: allow                       # or deny, which goes before every allow
      who: {group: orders, kind: [service]}
      tables: ["**:table/orders"]         # none: all
      ops: [WRITE_ITEM, "!BatchWriteItem"]  # classes as in "keytrail top operations", or calls
      where: {networks: ["10.0.0.0/8", "vpce-0abc*"], regions: [eu-central-1]}
      when: {days: [mon, tue, wed, thu, fri], hours: "08:00-18:00"}
      reason: the orders API              # why this is right
      owner: team-orders                  # who answers for it
      created: 2026-05-04
      expires: 2027-05-04                 # its last day; never needs approved_by

  who      any of group, role, role_id, user, service, account, kind, persons, session and
           sso {permission_set, account, persons}; all that are there must hold. A role is
           told by its ARN with the path. kind: human, service, aws, root, external, unknown
  patterns * is text without : or /, ** is any text, ? one character; nothing else
  lists    one is enough; in tables, ops, persons and session "!" leaves one out

What an AWS service does for which it exists, such as auto scaling, needs no rule, and is
told in one line; a rule may deny it. A call across accounts is logged twice and counts
once. Calls that were denied or failed are counted apart; --attempts lists them.

Under the list stands what to tidy up: rules that are over and still used or not,
rules that decided nothing, principals that no rule speaks of, and what the lake may lack.

Exit status is 4 when there is anything at or above --fail-on, and 1 for a file whose
meaning is not certain: nothing is judged by that, and --check tells all that is wrong
with it, by line and column.`

const unexpectedExamples = `  1. Begin with what is there: rules for the last 30 days, as a diff to review.
     keytrail unexpected --learn 30 --lake ./lake > policy.patch && patch < policy.patch

  2. See what happened on the lake's last day, or in a week, that no rule expects.
     keytrail unexpected --policy policy.yaml --lake ./lake
     keytrail unexpected customers --policy policy.yaml --from 2026-03-02 --to 2026-03-08 --lake ./lake

  3. Ask why one event is on the list, and check the file before it is merged.
     keytrail unexpected --explain 8f3c2b1a-0d4e-4f5a-9b6c-7d8e9f0a1b2c --policy policy.yaml --lake ./lake
     keytrail unexpected --check policy.yaml --strict`

// unexpectedFlags are the command line of unexpected.
type unexpectedFlags struct {
	lake, policy, catalogue string
	from, to, format        string
	failOn, explain, check  string
	learn, limit            int
	attempts, strict, quiet bool
}

func (f *unexpectedFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.lake, "lake", "", "the lake to ask: a directory or s3://bucket/prefix")
	flags.StringVar(&f.policy, "policy", "", "the file that says who may do what")
	addCatalogueFlag(flags, &f.catalogue)
	flags.StringVar(&f.from, "from", "", "not before this time: a day, \"2026-03-03 03:12\" (UTC), or an age such as 24h or 7d (default: the lake's last day)")
	flags.StringVar(&f.to, "to", "", "not after this time; a day, minute or second is included")
	flags.StringVar(&f.failOn, "fail-on", "any", "exit with status 4 when something is as severe: any, low, medium, high, critical or never")
	flags.BoolVar(&f.attempts, "attempts", false, "list what was only tried and did not succeed, too")
	flags.StringVar(&f.explain, "explain", "", "say of one event, by its id, what each rule has to say of it")
	flags.IntVar(&f.learn, "learn", 0, "propose rules from the last so many days, commented out, as a diff against --policy")
	flags.StringVar(&f.check, "check", "", "only check this policy file; needs no lake")
	flags.BoolVar(&f.strict, "strict", false, "with --check, warnings are errors")
	flags.StringVar(&f.format, "format", string(queries.Table), "table, json, jsonl or csv")
	flags.IntVar(&f.limit, "limit", -1, fmt.Sprintf("lines to show; 0 is all (default: %d in a table, else all)", unexpectedLimit))
	flags.Lookup("limit").DefValue = "0" // it is told in words
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not say on stderr what the lake or the policy may lack")
}

// parse makes a question of the command line.
func (f *unexpectedFlags) parse(args []string, now time.Time) (*askUnexpected, error) {
	if err := f.sensible(args); err != nil {
		return nil, err
	}
	q := &askUnexpected{now: now.UTC(), quiet: f.quiet}
	q.view = unexpected.View{Attempts: f.attempts, Policy: f.policy, Lake: f.lake, Limit: f.limit}
	if q.view.Policy == "" {
		q.view.Policy = "policy.yaml"
	}
	if q.view.Limit < 0 {
		q.view.Limit = unexpectedLimit
	}
	var err error
	if q.view.Format, err = queries.ParseTopFormat(f.format); err != nil {
		return nil, usagef("--format: %v", err)
	}
	if q.failOn, err = parseFailOn(f.failOn); err != nil {
		return nil, err
	}
	var w queries.Who
	if err := addTimes(&w, f.from, f.to, now, time.UTC); err != nil {
		return nil, err
	}
	q.question.From, q.question.To = w.From, w.To
	if len(args) == 1 {
		q.question.Table = args[0]
	}
	return q, nil
}

// sensible refuses what does not go together.
func (f *unexpectedFlags) sensible(args []string) error {
	_, isARN := schema.ParseTableARN(firstOf(args))
	switch {
	case len(args) > 1:
		return usagef("%q and %q: only one table", args[0], args[1])
	case len(args) == 1 && !isARN && !schema.LegalTableName(args[0]):
		return usagef("%q is no name of a table, nor its ARN", args[0])
	case f.check != "" && (f.lake != "" || f.policy != "" || f.learn != 0 || f.explain != ""):
		return usagef("--check FILE looks at the file only: leave --lake, --policy, --learn and --explain out")
	case f.strict && f.check == "":
		return usagef("--strict is for --check FILE")
	case f.check != "":
		return nil
	case f.learn < 0 || f.learn > 400:
		return usagef("--learn wants 1 to 400 days")
	case f.learn > 0 && (f.explain != "" || f.from != ""):
		return usagef("--learn DAYS looks at the last days, or those before --to: leave --from and --explain out")
	case f.policy == "" && f.learn == 0:
		return usagef("expected by whom? --policy FILE says who may do what; without one all is unexpected. --learn 30 proposes such a file from the last 30 days")
	}
	return nil
}

func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// parseFailOn reads the severity from which on the exit status is 4; 0 is never.
func parseFailOn(text string) (schema.Severity, error) {
	switch text {
	case "any":
		return schema.SeverityInfo, nil
	case "never":
		return 0, nil
	}
	s, err := schema.ParseSeverity(text)
	if err != nil {
		return 0, usagef("--fail-on: %v; any, or never", err)
	}
	return s, nil
}
