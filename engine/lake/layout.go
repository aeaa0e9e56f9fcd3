package lake

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// Where things lie. Names starting with "_" are skipped by every Hive-style reader.
const (
	touchesPrefix  = "touches/"
	tablePrefix    = "table_name="
	dayPrefix      = "day="
	ledgerDir      = "ledger/delivery_day="
	quarantineDir  = "quarantine/day="
	rollupDir      = "rollup/day="
	configDir      = "config/day="
	findingsDir    = "findings/day="
	findingsLines  = "/_findings.jsonl"
	smallFile      = "/part.parquet"
	internalPrefix = "_keytrail/"
	formatKey      = internalPrefix + "format.json"
	leaseKey       = internalPrefix + "lease.json"
	journalPrefix  = internalPrefix + "journal/"
	journalSuffix  = ".parquet"
	manifestDir    = internalPrefix + "manifest/day="
	coverageKey    = internalPrefix + "coverage"
	profileDir     = internalPrefix + "profile/day="
	forgottenKey   = internalPrefix + "forgotten.json"
	retentionKey   = internalPrefix + "retention.json"
)

// noDay is the partition of rows without a day, which Hive readers take as NULL.
// In this package's API it is the empty day.
const noDay = "__HIVE_DEFAULT_PARTITION__"

// maxBucket bounds the files of one partition.
const maxBucket = 9999

// TouchKey is the key of one touches file. The table becomes a path only through
// [schema.PartitionTable], whatever p holds: a name DynamoDB would not accept is
// the partition of rows without a table.
func TouchKey(p schema.Partition, bucket int) string {
	return fmt.Sprintf("%s%s%s/%s%s/part-%02d.parquet", touchesPrefix,
		tablePrefix, schema.PartitionTable(p.Table), dayPrefix, p.DayString(), bucket)
}

// parseTouchKey is the inverse of [TouchKey]; ok is false for every key TouchKey
// would not have made.
func parseTouchKey(key string) (p schema.Partition, bucket int, ok bool) {
	rest, ok := strings.CutPrefix(key, touchesPrefix)
	parts := strings.Split(rest, "/")
	if !ok || len(parts) != 3 {
		return schema.Partition{}, 0, false
	}
	table, okTable := strings.CutPrefix(parts[0], tablePrefix)
	dayText, okDay := strings.CutPrefix(parts[1], dayPrefix)
	number, okPart := strings.CutPrefix(parts[2], "part-")
	number, okExt := strings.CutSuffix(number, ".parquet")
	if !okTable || !okDay || !okPart || !okExt {
		return schema.Partition{}, 0, false
	}
	day, err := schema.ParseDay(dayText)
	if err != nil {
		return schema.Partition{}, 0, false
	}
	bucket, err = strconv.Atoi(number)
	if err != nil || bucket < 0 || bucket > maxBucket {
		return schema.Partition{}, 0, false
	}
	p = schema.Partition{Table: table, Day: day}
	return p, bucket, TouchKey(p, bucket) == key
}

// dayKey is the key of a small table's file for one day, "" being no day. Anything
// that is not a day is refused: it must not become a path.
func dayKey(dir, day string) (string, error) {
	if day == "" {
		return dir + noDay + smallFile, nil
	}
	if n, err := schema.ParseDay(day); err != nil || schema.DayString(n) != day {
		return "", fmt.Errorf("%q is no day (YYYY-MM-DD)", day)
	}
	return dir + day + smallFile, nil
}

// parseDayKey is the inverse of [dayKey].
func parseDayKey(dir, key string) (day string, ok bool) {
	day, ok = strings.CutPrefix(key, dir)
	if !ok {
		return "", false
	}
	day, ok = strings.CutSuffix(day, smallFile)
	if !ok {
		return "", false
	}
	if day == noDay {
		return "", true
	}
	want, err := dayKey(dir, day)
	return day, err == nil && day != "" && want == key
}
