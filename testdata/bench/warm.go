package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// warmAsks is how often a running process is asked once more.
const warmAsks = 10

// warmOurs is what a question takes in a process that has answered it before.
func (l *library) warmOurs(q question) (time.Duration, error) {
	argv := append([]string{l.warm, l.lake(), strconv.Itoa(1 + warmAsks)}, q.who...)
	_, stdout, err := l.pinned(argv, "")
	if err != nil {
		return 0, err
	}
	var said struct{ Took []time.Duration }
	if err := json.Unmarshal(stdout, &said); err != nil {
		return 0, err
	}
	if len(said.Took) != 1+warmAsks {
		return 0, fmt.Errorf("answered %d times", len(said.Took))
	}
	took := slices.Sorted(slices.Values(said.Took[1:]))
	return took[len(took)/2], nil
}

// warmTheirs is the same of DuckDB, which may keep what it learns of the files: what
// processes take longer that ask more than once.
func (l *library) warmTheirs(q question) (time.Duration, error) {
	var more []time.Duration
	for range l.rounds {
		var took [2]time.Duration
		for i, times := range []int{1, 1 + warmAsks} {
			text := fmt.Sprintf("SET threads=%d; SET parquet_metadata_cache=true;\n", l.threads()) + strings.Repeat(l.statement(q)+";\n", times)
			u, _, err := l.pinned([]string{l.duckdb, "-"}, text)
			if err != nil {
				return 0, err
			}
			took[i] = u.wall
		}
		more = append(more, (took[1]-took[0])/warmAsks)
	}
	slices.Sort(more)
	return more[len(more)/2], nil
}
