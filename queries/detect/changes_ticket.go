package detect

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/keytrail/keytrail/queries/policy"
	"github.com/keytrail/keytrail/schema"
)

type ticketParams struct {
	// File is a CSV with a header: ticket, table and principal (globs), from and to.
	File string `yaml:"file" about:"CSV with a header: ticket, table, principal, from, to"`
}

var changeWithoutTicket = define(Detection{
	ID: "DDB-CHG-008", Version: 1, Title: "Change without a ticket", Severity: schema.SeverityMedium, Kind: schema.FindingEvent,
	Needs: []Need{NeedParams}, Attack: []string{"T1078.004"},
	Looks: "what DDB-CHG-001 and DDB-CHG-002 look for, where the file of tickets has none for the table, the principal and the time. " +
		"The file is CSV: ticket, table, principal, from, to; table and principal are globs of ARN and principal as in a policy, " +
		"from and to are RFC 3339 times or days, both included",
	FalseAlarms: "a ticket that was written afterwards: judge the day again once the file has it",
	Advice:      "ask for the ticket, or have one written",
}, ticketParams{}, func(r *Run, p *ticketParams) Watcher {
	tickets, err := readTickets(p.File)
	if err != nil {
		r.Unfit("the file of tickets cannot be read: " + err.Error())
	}
	return watch(func(e *Event) {
		unlisted := r.Policy != nil && isUnlistedChange(e) // without a policy all changes are
		if err != nil || !unlisted && !isManualWrite(e) {
			return
		}
		for i := range tickets {
			if tickets[i].covers(e) {
				return
			}
		}
		r.Found(Hit{Event: e, Explain: fmt.Sprintf("%s did %s of %s, and no ticket says so", whoDid(e), e.EventName, tableLabel(e))})
	})
})

// ticket is a change that was announced.
type ticket struct {
	id, table, principal string
	from, to             time.Time // [from, to)
}

func (t *ticket) covers(e *Event) bool {
	at := e.Time()
	return !at.Before(t.from) && at.Before(t.to) && policy.Glob(t.table, e.TableARN) &&
		(policy.Glob(t.principal, e.Principal) || policy.Glob(t.principal, e.Actor) || policy.Glob(t.principal, e.ActorName))
}

var ticketColumns = []string{"ticket", "table", "principal", "from", "to"}

// readTickets reads a file of tickets; its columns may stand in any order.
func readTickets(path string) ([]ticket, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := csv.NewReader(f)
	lines.TrimLeadingSpace = true
	header, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: it has no header: %w", path, err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range ticketColumns {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("%s: its first line names no column %q: %s are wanted", path, name, strings.Join(ticketColumns, ", "))
		}
	}
	var all []ticket
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		row, _ := lines.FieldPos(0)
		t := ticket{id: line[at["ticket"]], table: line[at["table"]], principal: line[at["principal"]]}
		if t.from, _, err = ticketTime(line[at["from"]]); err != nil {
			return nil, fmt.Errorf("%s:%d: from: %w", path, row, err)
		}
		if _, t.to, err = ticketTime(line[at["to"]]); err != nil {
			return nil, fmt.Errorf("%s:%d: to: %w", path, row, err)
		}
		all = append(all, t)
	}
}

// ticketTime is a time, to the second, or a day: when it begins, and when it is over.
func ticketTime(text string) (from, to time.Time, err error) {
	text = strings.TrimSpace(text)
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	if from, err = time.Parse(time.RFC3339, text); err != nil {
		return from, to, fmt.Errorf("%q is neither a day (2026-03-20) nor a time (2026-03-20T10:00:00Z)", text)
	}
	return from, from.Add(time.Second), nil
}
