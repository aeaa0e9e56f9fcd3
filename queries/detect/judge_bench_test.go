package detect

import (
	"fmt"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// BenchmarkJudging shows touches of ordinary calls to all detections: what a row costs
// beside reading it.
func BenchmarkJudging(b *testing.B) {
	touches := make([]schema.Touch, 10_000)
	for i := range touches {
		touches[i] = schema.Touch{
			EventID: fmt.Sprint("event-", i/4), TouchIndex: int32(i % 4), TouchCount: 4, EventTime: 20000*dayMicros + int64(i)*1e6,
			EventSource: "dynamodb.amazonaws.com", EventName: "BatchGetItem", Plane: schema.PlaneData, Op: schema.OpReadPoint, Outcome: schema.OutcomeOK,
			TableName: "orders", TableARN: ordersARN, TableAccountID: "111122223333", RecipientAccountID: "111122223333", AWSRegion: "eu-central-1",
			ItemKey: fmt.Sprintf(`{"pk":"order#%d"}`, i%3000), KeyScope: schema.ScopeItem, KeyValues: []string{fmt.Sprint("order#", i%3000)},
			Actor: fmt.Sprintf("arn:aws:iam::111122223333:role/app/orders-%d", i%20), ActorKind: schema.ActorService, PrincipalType: "AssumedRole",
			PrincipalAccountID: "111122223333", SessionName: fmt.Sprintf("i-%017x", i%200), SourceIP: fmt.Sprintf("10.20.1.%d", i%250), UserAgent: "aws-sdk-go-v2/1.30 os/linux",
			SourceObject: "AWSLogs/a.json.gz", SourceIndex: int32(i),
		}
	}
	b.Run(fmt.Sprintf("detections=%d", len(Catalogue)), func(b *testing.B) {
		b.ReportAllocs()
		rows := 0
		for b.Loop() {
			j := newJudging(20000, nil, NoHistory{}, Catalogue, nil)
			for i := range touches {
				j.touch(&touches[i])
			}
			j.end()
			rows += len(touches)
		}
		b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	})
}
