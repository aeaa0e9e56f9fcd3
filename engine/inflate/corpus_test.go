package inflate_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"testing"
)

// logObject is a CloudTrail object of n records as delivered: compact JSON in
// one gzip member. Ids, keys and addresses are random, as they are in real logs;
// the rest repeats.
func logObject(tb testing.TB, n int) (plain, packed []byte) {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		writeRecord(&b, r, i)
	}
	b.WriteString(`]}`)
	return b.Bytes(), pack(tb, b.Bytes(), gzip.DefaultCompression)
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func random(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	hexDigits = "0123456789abcdef"
	upper     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

func guid(r *rand.Rand) string {
	return random(r, hexDigits, 8) + "-" + random(r, hexDigits, 4) + "-4" + random(r, hexDigits, 3) + "-a" + random(r, hexDigits, 3) + "-" + random(r, hexDigits, 12)
}

func writeRecord(b *bytes.Buffer, r *rand.Rand, i int) {
	role := pick(r, "orders-api", "billing-worker", "support-console", "etl-nightly")
	session := pick(r, "i-0"+random(r, hexDigits, 16), "mary.major@example.com", role)
	region := pick(r, "us-east-1", "eu-central-1")
	table := pick(r, "Orders", "Customers", "Invoices", "sessions-prod")
	name := pick(r, "GetItem", "PutItem", "UpdateItem", "Query", "DeleteItem", "BatchGetItem")
	fmt.Fprintf(b, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA%s:%s","arn":"arn:aws:sts::111122223333:assumed-role/%s/%s","accountId":"111122223333","accessKeyId":"ASIA%s",`,
		random(rand.New(rand.NewPCG(1, uint64(len(role)))), upper, 17), session, role, session, random(r, upper, 16))
	fmt.Fprintf(b, `"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE%s","arn":"arn:aws:iam::111122223333:role/%s","accountId":"111122223333","userName":"%s"},"attributes":{"creationDate":"2026-03-14T%02d:%02d:%02dZ","mfaAuthenticated":"false"}}},`,
		upper[:10], role, role, r.IntN(24), r.IntN(60), r.IntN(60))
	fmt.Fprintf(b, `"eventTime":"2026-03-14T09:%02d:%02dZ","eventSource":"dynamodb.amazonaws.com","eventName":"%s","awsRegion":"%s","sourceIPAddress":"%d.%d.%d.%d","userAgent":"aws-sdk-go-v2/1.%d.0 os/linux lang/go#1.26 md/GOOS#linux md/GOARCH#arm64 api/dynamodb#1.53.0",`,
		i/60%60, i%60, name, region, r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(40))
	fmt.Fprintf(b, `"requestParameters":{"tableName":"%s","key":{"pk":"cust#%d","sk":"order#%s"}},"responseElements":null,"requestID":"%s","eventID":"%s","readOnly":%t,`,
		table, r.IntN(1e7), random(r, upper, 10), random(r, upper, 48)+"VV4KQNSO5AEMVJF66Q9ASUAAJG"[:4], guid(r), name == "GetItem")
	fmt.Fprintf(b, `"resources":[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:%s:111122223333:table/%s"}],"eventType":"AwsApiCall","apiVersion":"2012-08-10","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"dynamodb.%s.amazonaws.com"}}`,
		region, table, region)
}

// pack gzips data as one member.
func pack(tb testing.TB, data []byte, level int) []byte {
	tb.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
