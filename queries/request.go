package queries

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/schema"
)

// request is what request parameters say of how far a call reached. Names match in
// any case; what is of another type than expected is passed over.
type request struct {
	Omitted any // the parameters were too large to log

	Key                    json.RawMessage
	KeyConditionExpression string
	FilterExpression       string
	QueryFilter            json.RawMessage
	ScanFilter             json.RawMessage
	ProjectionExpression   string
	AttributesToGet        []string
	Select                 string
	Limit                  json.Number
	Segment                json.Number
	TotalSegments          json.Number
	ExclusiveStartKey      json.RawMessage
	NextToken              string

	S3Bucket                       string
	S3BucketOwner                  string
	S3Prefix                       string
	ExportType                     string
	ExportTime                     any
	IncrementalExportSpecification struct{ ExportFromTime, ExportToTime any }

	BackupName       string
	BackupARN        string
	TargetTableName  string
	RestoreDateTime  any
	StreamARN        string
	ReplicaUpdates   []struct{ Create *struct{ RegionName string } }
	ReplicationGroup []struct{ RegionName string }
}

func parseRequest(parameters string) *request {
	r := &request{}
	if parameters != "" {
		// An error is a member of another type: the others are read all the same.
		_ = json.Unmarshal([]byte(parameters), r)
	}
	return r
}

func (r *request) omitted() bool { return r.Omitted == true || r.Omitted == "true" }

// key is the canonical key that the request names.
func (r *request) key() (string, bool) {
	key, _, ok := schema.ItemKey(r.Key)
	return key, ok
}

// ranged reports whether a Query's sort key condition is another than equality.
func (r *request) ranged() bool {
	expression := strings.ToUpper(r.KeyConditionExpression)
	return strings.ContainsAny(expression, "<>") || strings.Contains(expression, "BEGINS_WITH") || strings.Contains(expression, " BETWEEN ")
}

// narrowed lists what kept items out of a Query's or a Scan's answer, as far as the
// request says.
func (r *request) narrowed() []string {
	var notes []string
	if r.FilterExpression != "" || present(r.QueryFilter) || present(r.ScanFilter) {
		notes = append(notes, "with a filter")
	}
	if r.Limit != "" {
		notes = append(notes, "limit "+r.Limit.String())
	}
	if r.TotalSegments != "" && r.TotalSegments != "1" {
		notes = append(notes, fmt.Sprintf("segment %s of %s, counted from 0", r.Segment, r.TotalSegments))
	}
	if present(r.ExclusiveStartKey) || r.NextToken != "" {
		notes = append(notes, "a further page")
	}
	return notes
}

// projected says that only some attributes were shown, if the request does.
func (r *request) projected() []string {
	if r.ProjectionExpression != "" || len(r.AttributesToGet) > 0 {
		return []string{"only some attributes"}
	}
	return nil
}

func (r *request) counts() bool { return strings.EqualFold(r.Select, "COUNT") }

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// requestTimes are how CloudTrail writes a time in a request: Java's way, or ISO.
var requestTimes = []string{"Jan 2, 2006, 3:04:05 PM", "Jan 2, 2006 3:04:05 PM", time.RFC3339, "2006-01-02T15:04:05Z0700"}

// requestTime reads a time in a request: text, or seconds since 1970. It returns
// microseconds, and the time as a person reads it; ok is false where there is none
// to be understood, and then said is what stands there.
func requestTime(v any) (at int64, said string, ok bool) {
	switch v := v.(type) {
	case string:
		plain := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(v)
		for _, layout := range requestTimes {
			if t, err := time.Parse(layout, plain); err == nil {
				return t.UnixMicro(), isoTime(t), true
			}
		}
		return 0, v, false
	case float64:
		if v > 0 && v < 1<<40 {
			t := time.UnixMicro(int64(v * 1e6))
			return t.UnixMicro(), isoTime(t), true
		}
		return 0, strconv.FormatFloat(v, 'g', -1, 64), false
	}
	return 0, "", false
}

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// backupTime is when a backup was made, which the end of its ARN says in
// milliseconds: .../backup/01489602797149-73d8d5bc.
func backupTime(arn string) (at int64, ok bool) {
	_, id, found := strings.Cut(arn, "/backup/")
	millis, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(millis, 10, 64)
	return n * 1000, found && err == nil && n > 0 && n < 1<<43
}
