package schema

import "time"

// NoTable is the table_name of rows that belong to no particular table: Hive
// readers take it as NULL.
const NoTable = "__HIVE_DEFAULT_PARTITION__"

// maxPathTable is the longest table name that fits a directory name beside
// "table_name=": file systems end at 255 bytes, DynamoDB names too.
const maxPathTable = 255 - len("table_name=")

// Partition is one table and one event day.
type Partition struct {
	Table string // safe as a path segment: a legal table name, or [NoTable]
	Day   int32  // days since 1970-01-01 UTC
}

// PartitionOf returns the partition of a row.
//
// Attackers choose the table names that stand in requests, so a name becomes a
// path only when DynamoDB itself would accept it ([LegalTableName]). Rows with
// any other name, and the rare legal one too long for a directory, go to
// [NoTable]; their table_arn and request_parameters keep what was asked for.
func PartitionOf(t *Touch) Partition {
	return Partition{Table: PartitionTable(t.TableName), Day: DayOf(t.EventTime)}
}

// PartitionTable is the path form of a table name.
func PartitionTable(name string) string {
	if len(name) > maxPathTable || !LegalTableName(name) {
		return NoTable
	}
	return name
}

// DayString is the partition's day as YYYY-MM-DD.
func (p Partition) DayString() string { return DayString(p.Day) }

// LegalTableName reports whether DynamoDB accepts name for a table:
// [A-Za-z0-9_.-]{3,255} (DynamoDB API reference, CreateTable).
func LegalTableName(name string) bool {
	if len(name) < 3 || len(name) > 255 {
		return false
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '.', c == '-':
		default:
			return false
		}
	}
	return true
}

const dayMicros = 24 * 60 * 60 * 1_000_000

// DayOf is the UTC day of a time in microseconds since 1970-01-01.
func DayOf(micros int64) int32 {
	day := micros / dayMicros
	if micros%dayMicros < 0 {
		day--
	}
	return int32(day)
}

// DayString is a day since 1970-01-01 as YYYY-MM-DD.
func DayString(day int32) string {
	return time.Unix(int64(day)*24*60*60, 0).UTC().Format(time.DateOnly)
}

// ParseDay is the inverse of [DayString].
func ParseDay(s string) (int32, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, err
	}
	return DayOf(t.UnixMicro()), nil
}

// Bucket is the number of the file, of n, that holds a row of a partition split
// into several: by its key, so that a key's whole history is in one file, and by
// its event where there is no key. n is a power of two.
func Bucket(itemKey, eventID string, n int) int {
	v := itemKey
	if v == "" {
		v = eventID
	}
	h := uint64(14695981039346656037) // FNV-1a
	for i := 0; i < len(v); i++ {
		h = (h ^ uint64(v[i])) * 1099511628211
	}
	return int((h ^ h>>32) & uint64(n-1))
}

// Share is the rows of a partition whose bucket, of so many, is this one. A
// partition is its share {0, 1}.
//
// The file of a share holds all of it, or, when its metadata says that it was
// written as one of more files, a smaller share, with the rest in files above.
// A split puts its files from the last to the first, so each file that is there
// answers for those above it that took its rows; any others are left over from a
// split that was cut short.
type Share struct{ Bucket, Of int }

// Rest is what is left of the share beside its own file, which was written as one
// of so many.
func (s Share) Rest(of int) (rest []Share) {
	for bucket := s.Bucket + s.Of; bucket < of; bucket += s.Of {
		rest = append(rest, Share{bucket, of})
	}
	return rest
}
