package sample

import "strings"

// Services that log the calls.
const (
	dynamodb = "dynamodb"
	kms      = "kms"
)

// kind is one sort of call. Its make fills the request, response and resources
// of a call that gen.start has begun; a variant is a second shape of the same
// API action.
type kind struct {
	service string
	name    string
	variant string
	data    bool
	read    bool
	make    func(*gen)
}

// id names a kind in a mix: the action, and the variant after a slash.
func (k *kind) id() string {
	if k.variant != "" {
		return k.name + "/" + k.variant
	}
	return k.name
}

// kinds are all calls in scope that the sample knows, once each.
var kinds = func() []kind {
	var all []kind
	for _, group := range [][]kind{itemKinds, batchKinds, statementKinds, streamKinds, tableKinds, copyKinds, settingKinds, serviceKinds} {
		all = append(all, group...)
	}
	return all
}()

// mix is how an actor divides its calls over kinds.
type mix struct {
	shares []share
	total  int
}

type share struct {
	kind   *kind
	weight int
}

// mixOf builds a mix from weights by kind id.
func mixOf(weights map[string]int) mix {
	var m mix
	for i := range kinds { // the order of kinds, not of the map
		k := &kinds[i]
		if n := weights[k.id()]; n > 0 {
			m.shares = append(m.shares, share{k, n})
			m.total += n
		}
	}
	if len(m.shares) != len(weights) {
		panic("sample: a mix names an unknown kind")
	}
	return m
}

func (m *mix) draw(r *rng) *kind {
	return weighted(r, m.shares, m.total, func(s *share) int { return s.weight }).kind
}

var (
	application = mixOf(map[string]int{"GetItem": 420, "Query": 250, "Query/index": 40, "PutItem": 70, "UpdateItem": 100, "DeleteItem": 14,
		"BatchGetItem": 34, "BatchWriteItem": 16, "TransactWriteItems": 14, "TransactGetItems": 10, "ExecuteStatement": 6, "BatchExecuteStatement": 3,
		"ExecuteTransaction": 2, "DescribeTable": 3, "Decrypt": 12, "DescribeEndpoints": 1})
	reader   = mixOf(map[string]int{"GetItem": 400, "Query": 300, "BatchGetItem": 80, "Scan": 10, "SearchVectors": 12, "DescribeTable": 4, "Decrypt": 8})
	consumer = mixOf(map[string]int{"GetRecords": 900, "GetShardIterator": 30, "DescribeStream": 20, "ListStreams": 3, "UpdateItem/lease": 50, "DescribeTable": 2})
	people   = mixOf(map[string]int{"GetItem": 200, "Query": 300, "Query/index": 120, "Scan": 160, "ExecuteStatement": 70, "UpdateItem": 25, "PutItem": 12,
		"DescribeTable": 140, "ListTables": 60, "DescribeContinuousBackups": 30, "DescribeTimeToLive": 20, "ListBackups": 14, "ListTagsOfResource": 20,
		"DescribeLimits": 8, "ListExports": 5, "DescribeContributorInsights": 10, "GetResourcePolicy": 8, "Decrypt": 10})
	reporting = mixOf(map[string]int{"Scan": 180, "Scan/segment": 120, "Query": 300, "BatchGetItem": 120, "BatchWriteItem": 80, "PutItem": 60, "UpdateItem": 60, "GetItem": 60, "DescribeTable": 12})
	deploy    = mixOf(map[string]int{"DescribeTable": 400, "DescribeContinuousBackups": 200, "DescribeTimeToLive": 200, "ListTagsOfResource": 200, "DescribeKinesisStreamingDestination": 30,
		"UpdateTable": 12, "TagResource": 8, "UpdateTimeToLive": 2, "UpdateContinuousBackups": 2, "CreateBackup": 3, "RegisterScalableTarget": 10, "PutScalingPolicy": 6})
	replication = mixOf(map[string]int{"GetRecords": 970, "GetShardIterator": 20, "DescribeStream": 10})
	scaling     = mixOf(map[string]int{"DescribeTable": 95, "UpdateTable": 5})
)

// cliName is an action as the command line names it: put-item for PutItem.
func cliName(action string) string {
	var b strings.Builder
	for i, c := range action {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}
