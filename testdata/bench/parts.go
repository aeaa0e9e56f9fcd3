package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// part is some of the grown objects, in a directory of their own. Every number of
// records is all parts up to its own, so that nothing is made or kept twice.
type part struct {
	dir      string
	set      grown
	from, to int64 // objects
}

// partFlags are the flags that say which parts there are. What it returns gives
// them, once the flags are parsed.
func partFlags(flags *flag.FlagSet) func(*Corpus) ([]part, error) {
	records := flags.String("records", "100k,1M,10M", "how many records, each more than the one before; rounded up to whole objects")
	dir := flags.String("dir", "", "directory of the objects; kept")
	set := grown{Version: growVersion}
	flags.Uint64Var(&set.Seed, "seed", 1, "another seed gives other records of the same forms")
	flags.Int64Var(&set.PerDay, "per-day", 1_000_000, "records of one day")
	flags.Int64Var(&set.PerObject, "per-object", 400, "records of one object")
	return func(about *Corpus) ([]part, error) {
		set.Corpus = about.SHA256
		if set.PerDay <= 0 || set.PerObject <= 0 {
			return nil, errors.New("-per-day and -per-object: at least 1")
		}
		return cutParts(*dir, *records, set)
	}
}

func cutParts(dir, records string, set grown) (list []part, err error) {
	var from int64
	for word := range strings.SplitSeq(records, ",") {
		n, err := parseCount(word)
		if err != nil {
			return nil, err
		}
		to := (n + set.PerObject - 1) / set.PerObject
		if to <= from {
			return nil, errors.New("-records: each must be more than the one before")
		}
		list = append(list, part{dir: filepath.Join(dir, fmt.Sprintf("objects-%d-%d", from, to)), set: set, from: from, to: to})
		from = to
	}
	return list, nil
}

// parseCount reads 100k, 1M or 50000.
func parseCount(word string) (int64, error) {
	digits, unit := word, int64(1)
	if s, ok := strings.CutSuffix(word, "k"); ok {
		digits, unit = s, 1_000
	} else if s, ok := strings.CutSuffix(word, "M"); ok {
		digits, unit = s, 1_000_000
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is no number of records such as 100k or 10M", word)
	}
	return n * unit, nil
}

// growCmd makes the parts that are not there.
func growCmd(args []string) error {
	var r race
	flags, parse := r.flags("grow", args)
	parts := partFlags(flags)
	if err := parse(); err != nil {
		return err
	}
	list, err := parts(r.about)
	if err != nil {
		return err
	}
	var g *grower
	for _, p := range list {
		if whole(p.dir, p.set) {
			continue
		}
		if g == nil {
			if g, err = newGrower(&r, p.set); err != nil {
				return err
			}
		}
		if err := begin(p.dir); err != nil {
			return err
		}
		if err := g.objects(p.dir, p.from, p.to); err != nil {
			return err
		}
		if err := finish(p.dir, p.set); err != nil {
			return err
		}
	}
	return nil
}
