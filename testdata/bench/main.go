// Command bench compares keytrail with DuckDB and ClickHouse: the same CloudTrail
// objects to Parquet, on the same cores, one after the other, in several rounds.
//
//	bench corpus  -keytrail BIN -dir DIR -mb N     make the objects, unless they are there
//	bench run     -keytrail BIN -corpus DIR ...    the race
//	bench size    -keytrail BIN -corpus DIR ...    what we write against what DuckDB writes of the same rows
//
// And it measures how keytrail's own work grows:
//
//	bench scale   -keytrail BIN -corpus DIR ...    the same objects on one processor and on two
//	bench grow    -corpus DIR -dir DIR ...         make as many different records as wanted, unless they are there
//	bench flat    -keytrail BIN -dir DIR ...       what a record costs, the more of those there are
//	bench nightly -keytrail BIN -dir DIR ...       what one more day costs a lake of many
//	bench s3      -keytrail BIN -corpus DIR ...    the same objects behind an S3 server's latency
//
// And how soon it finds an item again, beside DuckDB and from a bucket:
//
//	bench queries -keytrail BIN -warm BIN -duckdb BIN -dir DIR ...
//
// Each contestant is a process of its own, so that the kernel counts its CPU time
// and memory. This program is a module of its own that needs the standard library
// only; nothing of it gets into keytrail.
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{
		"corpus": corpusCmd, "run": runCmd, "size": sizeCmd,
		"scale": scaleCmd, "grow": growCmd, "flat": flatCmd, "nightly": nightlyCmd, "s3": s3Cmd, "queries": queriesCmd,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench corpus|run|size|scale|grow|flat|nightly|s3|queries [flags]; make bench calls it")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
