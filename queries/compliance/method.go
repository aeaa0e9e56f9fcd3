package compliance

import (
	"context"
	"fmt"

	"github.com/keytrail/keytrail/queries/detect"
	"github.com/keytrail/keytrail/queries/report"
)

// method makes the section that says how the report came about, and what cannot be
// concluded from it. It is written to be quoted.
type method struct {
	books   *books
	covered *covered
}

func (*method) touch(*detect.Event) {}

func (p *method) write(_ context.Context, f *Frame, made sections) error {
	s := &report.Section{Title: "Method and limits"}
	s.Lead = fmt.Sprintf("The report is made from AWS CloudTrail records alone: %s of the period, of %s, were read into rows of which each is one call's touch of one item. It states evidence and its limits, and no verdict of compliance.",
		many(p.books.ledger.total().done, "log object"), many(int64(len(p.books.ledger.areas)), "account Region"))
	s.Tables = []report.Table{p.statements(f), keyModes(f, p.covered), keyEpochs(f)}
	made[Method] = s
	return nil
}

// sure says how well a statement is founded.
const (
	documented = "documented by AWS"
	measured   = "measured in this lake"
	byDesign   = "by the tool's design, tested"
	commonly   = "commonly observed"
)

func (p *method) statements(f *Frame) report.Table {
	t := report.Table{ID: "method", Title: "Statements", Lead: "What the report rests on, and how sure each statement is.",
		Columns: []report.Column{col("subject", "Subject", report.Text), col("statement", "Statement", report.Text), col("basis", "Basis", report.Text)}}
	say := func(subject, statement, basis string) {
		t.Add(report.TextOf(subject), report.TextOf(statement), report.TextOf(basis))
	}
	sum := p.books.ledger.total()
	say("Source", "CloudTrail records: management events, data events of DynamoDB tables where a trail logs them, Insights, and those of KMS, STS, IAM, S3, AWS Config and others that bear on tables.", documented)
	say("One row per touch", "A call on eight items is eight rows; a call that names no item is one row, which says what it could reach. Calls are counted by their event id, touches by rows.", byDesign)
	say("Time", "All times are UTC, as the service that was called stated them, to the second. Days are UTC days of the event, not of its delivery. No clock of this machine is in the report.", documented)
	say("Delivery", "CloudTrail delivers at least once, as a rule within minutes, and now and then late: up to a month has been seen. Records of the period that come after this report change it; the section on restatements of the next one says so.", commonly)
	say("Late deliveries", fmt.Sprintf("%s of the period came later than the day after it.", many(p.books.ledger.late, "object")), measured)
	say("Duplicates", "Rows that are equal in all but the object they were read from are one row, so that a record delivered twice counts once. The reconciliation in the section on integrity has both sides.", byDesign)
	say("Several accounts", "A call into another account's table may be recorded in both accounts, with two event ids. Each record is a row; sections that count people's acts count such a call once where they say so.", documented)
	say("Records not understood", fmt.Sprintf("%s in quarantine: they are kept as they came and are in no number of this report.", many(sum.quarantined, "record")), measured)
	say("Objects not read", fmt.Sprintf("%s of the period hold records that are in no number of this report.", many(sum.unreadLogs(), "object")), measured)
	say("Logging must be on", "Calls on items leave a record only where a trail's selectors log data events of the table. Their absence in the log proves nothing where coverage is not shown.", documented)
	say("Not in any log", "Deletes by time to live, reads that DAX answers from its cache, replication between Regions, rows that a Query or Scan returned, and the contents of exports and backups leave no record of the item.", documented)
	say("Values", "CloudTrail records keys and names of attributes, not values. What an item contained before or after a change is not in the log.", documented)
	say("Item keys", keysSaid(f.Keys), measured)
	say("Large requests", "The parameters of very large requests are left out of the record. Such a call is counted; which items it touched is unknown.", documented)
	say("Multi-factor authentication", "A session without the MFA mark is no session without MFA: of people who come through an identity provider, MFA happened there and is not recorded here.", documented)
	say("Who", "People behind roles are named by what CloudTrail records: source identity, session name, Identity Center. A session's name may be chosen by whoever opens the session.", documented)
	say("User agents", "A user agent is what the caller sent. It is shown, and nothing is concluded from it alone.", documented)
	say("Completeness", "Coverage, digests and reconciliation are three numbers. None stands for another, and they are not put together.", byDesign)
	say("Reproducibility", "Same lake, same question, same files: the same bytes. The section on provenance has the hashes and the command.", byDesign)
	if f.Policy == nil {
		say("Expected access", "No policy of expected access went into this report: nothing is called expected, and no table has a class.", measured)
	} else {
		say("Expected access", "What is called expected is what the user's policy file allows; the file's hash is on the cover.", measured)
	}
	return t
}
