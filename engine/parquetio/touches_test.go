package parquetio

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/keytrail/keytrail/schema"
)

// sample makes n rows of one partition, as random as real ones: ids and keys are,
// callers come from a few dozen roles. They are sorted as a file is.
func sample(seed uint64, n int) []schema.Touch {
	r := rand.New(rand.NewPCG(seed, 7))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(b)
	}
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
	}
	keys := make([]string, 16+n/4)
	for i := range keys {
		keys[i] = letters(8)
	}
	sessions := make([]string, 16+n/200)
	for i := range sessions {
		sessions[i] = "ASIA" + letters(16)
	}
	ops := [][3]string{{"GetItem", "read", ""}, {"Query", "read", "partition"}, {"PutItem", "write", ""}, {"UpdateItem", "write", ""}, {"DeleteItem", "delete", ""}}
	rows := make([]schema.Touch, n)
	for i := range rows {
		t := &rows[i]
		op := ops[r.IntN(len(ops))]
		role := r.IntN(40)
		session := r.IntN(len(sessions))
		pk, sk := "CUSTOMER#"+keys[min(int(float64(len(keys))*r.ExpFloat64()/8), len(keys)-1)], fmt.Sprintf("ORDER#%08d", r.IntN(1000))
		*t = schema.Touch{
			EventID: uuid(), TouchCount: 1, RequestID: letters(52),
			EventTime:   1_740_128_400_000_000 + int64(r.IntN(86_400))*1_000_000,
			EventSource: "dynamodb.amazonaws.com", EventName: op[0], Plane: schema.PlaneData, Op: op[1],
			Mutates: op[1] != "read", Outcome: schema.OutcomeOK, ReadOnly: schema.TriOf(op[1] == "read"),
			EventVersion: "1.11", EventType: "AwsApiCall", EventCategory: "Data", TableName: "orders",
			TableARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", TableAccountID: "123456789012",
			AWSRegion: "eu-west-1", RecipientAccountID: "123456789012",
			KeyScope: schema.ScopeItem, KeyValues: []string{pk, sk}, Attributes: []string{"status", "total"},
			Actor: fmt.Sprintf("arn:aws:iam::123456789012:role/service-%02d", role), ActorName: fmt.Sprintf("service-%02d", role),
			ActorKind: schema.ActorService, PrincipalType: "AssumedRole",
			PrincipalID:        fmt.Sprintf("AROAEXAMPLE%09d:i-%08d", role, session),
			PrincipalARN:       fmt.Sprintf("arn:aws:sts::123456789012:assumed-role/service-%02d/i-%08d", role, session),
			PrincipalAccountID: "123456789012", IssuerARN: fmt.Sprintf("arn:aws:iam::123456789012:role/service-%02d", role),
			SessionName: fmt.Sprintf("i-%08d", session), AccessKeyID: sessions[session],
			SourceIP: fmt.Sprintf("10.0.%d.%d", r.IntN(8), r.IntN(256)), UserAgent: fmt.Sprintf("aws-sdk-go-v2/1.%d.0 os/linux lang/go#1.24", r.IntN(20)),
			VPCEndpointID: "vpce-0a1b2c3d4e5f60718", TLSVersion: "TLSv1.3",
			AdditionalEventData: `{"SignatureVersion":"SigV4","bytesTransferredIn":0,"x-amz-id-2":"` + letters(16) + `"}`,
			Resources:           `[{"ARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders","accountId":"123456789012","type":"AWS::DynamoDB::Table"}]`,
			SourceObject:        fmt.Sprintf("AWSLogs/123456789012/CloudTrail/eu-west-1/2025/02/21/123456789012_CloudTrail_eu-west-1_20250221T%04dZ_AbCdEfGhIjKlMnOp.json.gz", i/500),
			SourceIndex:         int32(r.IntN(4000)),
		}
		t.ItemKey = fmt.Sprintf(`{"pk":%q,"sk":%q}`, pk, sk)
		t.RequestParameters = fmt.Sprintf(`{"key":{"pk":%q,"sk":%q},"tableName":"orders"}`, pk, sk)
		if op[2] != "" {
			t.ItemKey, t.KeyScope, t.KeyValues, t.Attributes = "", op[2], []string{pk}, nil
			t.RequestParameters = fmt.Sprintf(`{"keyConditionExpression":"pk = :p","limit":%d,"tableName":"orders"}`, r.IntN(100))
		}
		if r.IntN(50) == 0 {
			t.Outcome, t.ErrorCode = schema.OutcomeDenied, "AccessDenied"
			t.ErrorMessage = "User: " + t.PrincipalARN + " is not authorized to perform: dynamodb:" + op[0]
		}
	}
	slices.SortFunc(rows, compareTouches)
	return rows
}

func compareTouches(x, y schema.Touch) int {
	return cmp.Or(cmp.Compare(x.ItemKey, y.ItemKey), cmp.Compare(x.EventTime, y.EventTime),
		cmp.Compare(x.EventID, y.EventID), cmp.Compare(x.TouchIndex, y.TouchIndex))
}

// record is the rows as Arrow: empty text, empty lists and Null are null.
func record(rows []schema.Touch) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema.Arrow)
	defer b.Release()
	for r := range rows {
		for i, c := range schema.Columns {
			appendValue(b.Field(i), c, &rows[r])
		}
	}
	return b.NewRecord()
}

func appendValue(b array.Builder, c schema.Column, t *schema.Touch) {
	switch {
	case c.Text != nil:
		if v := *c.Text(t); v != "" {
			b.(*array.StringBuilder).Append(v)
		} else {
			b.AppendNull()
		}
	case c.Int != nil:
		b.(*array.Int32Builder).Append(*c.Int(t))
	case c.Time != nil:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(*c.Time(t)))
	case c.Flag != nil:
		b.(*array.BooleanBuilder).Append(*c.Flag(t))
	case c.Tri != nil:
		if v := *c.Tri(t); v != schema.Null {
			b.(*array.BooleanBuilder).Append(v == schema.True)
		} else {
			b.AppendNull()
		}
	case c.List != nil:
		l := b.(*array.ListBuilder)
		v := *c.List(t)
		l.Append(len(v) > 0) // a list without items is null in a file
		for _, item := range v {
			l.ValueBuilder().(*array.StringBuilder).Append(item)
		}
	}
}

// readValue is the inverse of appendValue, for row r.
func readValue(col arrow.Array, c schema.Column, r int, t *schema.Touch) {
	if col.IsNull(r) {
		return
	}
	switch {
	case c.Text != nil:
		*c.Text(t) = col.(*array.String).Value(r)
	case c.Int != nil:
		*c.Int(t) = col.(*array.Int32).Value(r)
	case c.Time != nil:
		*c.Time(t) = int64(col.(*array.Timestamp).Value(r))
	case c.Flag != nil:
		*c.Flag(t) = col.(*array.Boolean).Value(r)
	case c.Tri != nil:
		*c.Tri(t) = schema.TriOf(col.(*array.Boolean).Value(r))
	case c.List != nil:
		l := col.(*array.List)
		from, to := l.ValueOffsets(r)
		v := []string{}
		for ; from < to; from++ {
			v = append(v, l.ListValues().(*array.String).Value(int(from)))
		}
		*c.List(t) = v
	}
}

// write is a file of the rows.
func write(tb testing.TB, rows []schema.Touch, o WriterOptions) []byte {
	tb.Helper()
	rec := record(rows)
	defer rec.Release()
	var out bytes.Buffer
	w := NewWriter(&out, o)
	if err := w.Append(rec, 0, rec.NumRows()); err != nil {
		tb.Fatal(err)
	}
	stats, err := w.Close()
	if err != nil {
		tb.Fatal(err)
	}
	if stats.Rows != int64(len(rows)) || stats.Bytes != int64(out.Len()) {
		tb.Fatalf("stats %+v of %d rows in %d bytes", stats, len(rows), out.Len())
	}
	return out.Bytes()
}

func open(tb testing.TB, file []byte) *File {
	tb.Helper()
	f, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// field is the value of a column.
func field(c schema.Column, t *schema.Touch) any {
	switch {
	case c.Text != nil:
		return *c.Text(t)
	case c.Int != nil:
		return *c.Int(t)
	case c.Time != nil:
		return *c.Time(t)
	case c.Flag != nil:
		return *c.Flag(t)
	case c.Tri != nil:
		return *c.Tri(t)
	default:
		return *c.List(t)
	}
}
