// Command bench compares keytrail with DuckDB and ClickHouse: the same CloudTrail
// objects to Parquet, on the same cores, one after the other, in several rounds.
//
//	bench corpus -keytrail BIN -dir DIR -mb N     make the objects, unless they are there
//	bench run    -keytrail BIN -corpus DIR ...    the race
//	bench size   -keytrail BIN -corpus DIR ...    what we write against what DuckDB writes of the same rows
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
	commands := map[string]func([]string) error{"corpus": corpusCmd, "run": runCmd, "size": sizeCmd}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench corpus|run|size [flags]; make bench calls it")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
