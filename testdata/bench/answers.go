package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// answers are what one program said to one question, and what that took.
type answers struct {
	runs []usage
	ids  []string // of the rows, sorted
}

// askDirectory asks keytrail and DuckDB in turn, and holds their rows against each
// other: all columns of them, in order of time.
func (l *library) askDirectory(questions []question) error {
	size, err := treeSize(l.touches())
	if err != nil {
		return err
	}
	rows, err := l.countRows(l.touches())
	if err != nil {
		return err
	}
	n, err := files(l.touches())
	if err != nil {
		return err
	}
	fmt.Printf("%s touches of %d days and %d tables in %s files, %s MB; processors %s; %d rounds, in turn; medians of whole processes, and warm: in one that is running\n\n",
		count(rows), l.Days, l.Tables, count(n), f1(float64(size)/1e6), l.cores, l.rounds)
	t := newTable("item", "rows", "on days", "keytrail ms", "CPU ms", "DuckDB ms", "CPU ms", "wall, × ours", "from", "to",
		"keytrail warm ms", "DuckDB warm ms", "warm, × ours")
	for _, q := range questions {
		ours, theirs := answers{}, answers{}
		for round := range l.rounds + 1 {
			if err := ours.keep(round, func() (usage, []string, error) { return l.who(q, l.lake()) }); err != nil {
				return fmt.Errorf("%s: keytrail: %w", q.name, err)
			}
			if err := theirs.keep(round, func() (usage, []string, error) { return l.sql(q) }); err != nil {
				return fmt.Errorf("%s: DuckDB: %w", q.name, err)
			}
		}
		if !slices.Equal(ours.ids, theirs.ids) {
			return fmt.Errorf("%s: keytrail found %d rows, DuckDB %d, and they are not the same", q.name, len(ours.ids), len(theirs.ids))
		}
		var ratios []float64
		for i := range ours.runs {
			ratios = append(ratios, theirs.runs[i].wall.Seconds()/ours.runs[i].wall.Seconds())
		}
		slices.Sort(ratios)
		oursWarm, err := l.warmOurs(q)
		if err != nil {
			return fmt.Errorf("%s: keytrail, warm: %w", q.name, err)
		}
		theirsWarm, err := l.warmTheirs(q)
		if err != nil {
			return fmt.Errorf("%s: DuckDB, warm: %w", q.name, err)
		}
		t.row(q.name, count(int64(len(ours.ids))), count(q.days), ours.ms(wallOf), ours.ms(cpuOf), theirs.ms(wallOf), theirs.ms(cpuOf),
			f1(ratios[len(ratios)/2]), f1(ratios[0]), f1(ratios[len(ratios)-1]),
			f1(1e3*oursWarm.Seconds()), f1(1e3*theirsWarm.Seconds()), f1(theirsWarm.Seconds()/oursWarm.Seconds()))
	}
	t.print()
	return nil
}

// keep keeps what a run took, but for the first one's, and its rows.
func (a *answers) keep(round int, run func() (usage, []string, error)) error {
	u, ids, err := run()
	if err != nil {
		return err
	}
	if round == 0 {
		a.ids = ids
		return nil
	}
	a.runs = append(a.runs, u)
	if !slices.Equal(ids, a.ids) {
		return errors.New("another answer than the time before")
	}
	return nil
}

func (a *answers) ms(of func(usage) time.Duration) string {
	return f1(1e3 * median(a.runs, func(u usage) float64 { return of(u).Seconds() }))
}

func wallOf(u usage) time.Duration { return u.wall }
func cpuOf(u usage) time.Duration  { return u.cpu }

// identity is what tells a row of an answer from all others.
type identity struct {
	EventID            string `json:"event_id"`
	TouchIndex         int    `json:"touch_index"`
	RecipientAccountID string `json:"recipient_account_id"`
	TableName          string `json:"table_name"`
}

func (i identity) String() string {
	return fmt.Sprintf("%s/%d/%s/%s", i.EventID, i.TouchIndex, i.RecipientAccountID, i.TableName)
}

// who asks keytrail.
func (l *library) who(q question, lake string, flags ...string) (usage, []string, error) {
	argv := append([]string{l.keytrail, "who", "--lake", lake, "--format", "jsonl"}, flags...)
	u, stdout, err := l.pinned(append(argv, q.who...), "")
	if err != nil {
		return u, nil, err
	}
	var ids []string
	for dec := json.NewDecoder(bytes.NewReader(stdout)); ; {
		var row identity
		err := dec.Decode(&row)
		if err == io.EOF {
			slices.Sort(ids)
			return u, ids, nil
		}
		if err != nil {
			return u, nil, err
		}
		ids = append(ids, row.String())
	}
}

// statement is the question in SQL.
func (l *library) statement(q question) string {
	return fmt.Sprintf("SELECT * FROM %s WHERE %s ORDER BY event_time", l.from(q.table), q.sql)
}

// sql asks DuckDB, which answers from as many threads as it may run on.
func (l *library) sql(q question) (usage, []string, error) {
	text := fmt.Sprintf("SET threads=%d;\n", l.threads()) + l.statement(q)
	u, stdout, err := l.pinned([]string{l.duckdb, "-"}, text)
	if err != nil {
		return u, nil, err
	}
	var rows []identity
	if err := json.Unmarshal(stdout, &rows); err != nil {
		return u, nil, err
	}
	var ids []string
	for _, row := range rows {
		ids = append(ids, row.String())
	}
	slices.Sort(ids)
	return u, ids, nil
}
