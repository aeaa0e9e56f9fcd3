// Command warm asks a lake in a directory the same question over and over inside one
// process, and prints what each time took. It is for the benchmarks: beside it, a
// process for each question shows what it takes to start.
//
// Usage: warm LAKE TIMES [TABLE] [name=value ...] [--value V]
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object/dir"
	"github.com/keytrail/keytrail/queries"
)

// result is what is printed, as one line of JSON.
type result struct {
	Rows int64           `json:"rows"` // of each answer
	Took []time.Duration `json:"took"` // nanoseconds, each time
}

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: warm LAKE TIMES [TABLE] [name=value ...] [--value V]")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "warm:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, place, times string, args []string) error {
	n, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	store, err := dir.Open(place)
	if err != nil {
		return err
	}
	l, err := lake.Open(ctx, store)
	if err != nil {
		return err
	}
	w, res := question(args), result{}
	for range n {
		start := time.Now()
		answer, err := queries.Ask(ctx, l, w, queries.Columns(w, queries.JSONL))
		if err != nil {
			return err
		}
		res.Took = append(res.Took, time.Since(start))
		res.Rows = answer.Count
	}
	return json.NewEncoder(os.Stdout).Encode(res)
}

// question reads the arguments of keytrail who, as far as the benchmarks use them.
func question(args []string) (w queries.Who) {
	for i, arg := range args {
		name, value, isMember := strings.Cut(arg, "=")
		switch {
		case i > 0 && args[i-1] == "--value":
			w.Values = append(w.Values, arg)
		case arg == "--value":
		case isMember:
			w.Key = append(w.Key, queries.Member{Name: name, Value: value})
		default:
			w.Table = arg
		}
	}
	return w
}
