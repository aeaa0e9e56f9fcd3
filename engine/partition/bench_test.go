package partition

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// realistic is n touches of a busy table: ids all different, the rest from few
// values.
func realistic(n int) []schema.Touch {
	rng := rand.New(rand.NewPCG(1, 1))
	out := make([]schema.Touch, n)
	for i := range out {
		id, key := rng.Uint64(), rng.IntN(50_000)
		role := fmt.Sprintf("arn:aws:iam::111122223333:role/app-%d", rng.IntN(8))
		out[i] = schema.Touch{
			EventID: fmt.Sprintf("%08x-0000-4000-8000-%012x", id>>32, id&0xffffffffffff), TouchCount: 1,
			RequestID: fmt.Sprintf("%032X", id), EventTime: 1772409600_000000 + rng.Int64N(dayMicros),
			EventSource: "dynamodb.amazonaws.com", EventName: "GetItem", Plane: schema.PlaneData, Op: "READ_POINT", Outcome: schema.OutcomeOK,
			ReadOnly: schema.True, EventVersion: "1.11", EventType: "AwsApiCall", EventCategory: "Data",
			TableName: "orders", TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", TableAccountID: "111122223333",
			AWSRegion: "eu-west-1", RecipientAccountID: "111122223333",
			ItemKey: fmt.Sprintf(`{"pk":"customer#%d","sk":"order#%d"}`, key, rng.IntN(9)), KeyScope: schema.ScopeItem,
			KeyValues: []string{fmt.Sprintf("customer#%d", key), "order#1"},
			Actor:     role, ActorName: "app", ActorKind: schema.ActorService, PrincipalType: "AssumedRole",
			PrincipalID: fmt.Sprintf("AROA%d:session-%d", rng.IntN(8), rng.IntN(500)), IssuerARN: role,
			SourceIP: fmt.Sprintf("10.0.%d.%d", rng.IntN(4), rng.IntN(256)), UserAgent: "aws-sdk-go-v2/1.30 os/linux lang/go#1.26",
			RequestParameters: fmt.Sprintf(`{"key":{"pk":"customer#%d","sk":"order#1"},"tableName":"orders"}`, key),
			Resources:         `[{"ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders","accountId":"111122223333","type":"AWS::DynamoDB::Table"}]`,
			SourceObject:      fmt.Sprintf("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/%d.json.gz", i/1000), SourceIndex: int32(i % 1000),
		}
	}
	return out
}

const benchRows = 100_000

func BenchmarkAppend(b *testing.B) {
	touches, buf := realistic(benchRows), NewBuffer()
	b.ReportAllocs()
	for b.Loop() {
		buf.Reset()
		for i := range touches {
			if err := buf.Append(&touches[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(buf.Bytes())/benchRows, "B/row")
	reportRows(b, buf)
}

func BenchmarkSpill(b *testing.B) {
	touches, dir := realistic(benchRows), b.TempDir()
	for b.Loop() {
		b.StopTimer()
		buf := filled(b, touches)
		b.StartTimer()
		run, err := buf.Spill(dir)
		if err != nil {
			b.Fatal(err)
		}
		run.Close()
	}
	reportRows(b, filled(b, touches))
}

func BenchmarkMerge(b *testing.B) {
	touches := realistic(benchRows)
	for _, c := range []struct {
		kind string
		runs int
	}{{"memory", 4}, {"spilled", 4}, {"spilled", 80}} {
		b.Run(fmt.Sprintf("runs=%s/n=%d", c.kind, c.runs), func(b *testing.B) {
			var runs []Run
			for i := 0; i < benchRows; i += benchRows / c.runs {
				buf := filled(b, touches[i:i+benchRows/c.runs])
				run := buf.Run()
				if c.kind == "spilled" {
					var err error
					if run, err = buf.Spill(b.TempDir()); err != nil {
						b.Fatal(err)
					}
				}
				runs = append(runs, run)
			}
			for b.Loop() {
				counts, err := mergeOnce(context.Background(), "", schema.PartitionOf(&touches[0]), nil, runs, counter{})
				if err != nil || counts.Out != benchRows {
					b.Fatal(counts, err)
				}
			}
			reportRows(b, filled(b, touches))
		})
	}
}

type counter struct{}

func (counter) Append([]schema.Rows) error { return nil }

func filled(b *testing.B, touches []schema.Touch) *Buffer {
	b.Helper()
	buf := NewBuffer()
	for i := range touches {
		if err := buf.Append(&touches[i]); err != nil {
			b.Fatal(err)
		}
	}
	return buf
}

// reportRows says how fast it went: in rows, and in bytes of their texts.
func reportRows(b *testing.B, buf *Buffer) {
	var size int64
	for i := range buf.rows {
		size += int64(buf.row(uint32(i))[rowLayout.size])
	}
	b.SetBytes(size * benchRows / int64(buf.rows))
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// Half of the rows name no item, as in a log with many queries.
func BenchmarkSort(b *testing.B) {
	touches := realistic(benchRows)
	for i := range touches {
		if i%2 == 0 {
			touches[i].ItemKey = ""
		}
	}
	buf := filled(b, touches)
	for b.Loop() {
		buf.sorted()
	}
	reportRows(b, buf)
}
