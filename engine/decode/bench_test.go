package decode

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// counter is a sink that looks at what it is given and keeps nothing.
type counter struct{ touches, keys, quarantined int }

func (c *counter) Touch(t *schema.Touch) error {
	c.touches++
	c.keys += len(t.ItemKey)
	return nil
}

func (c *counter) Quarantine(int32, string, []byte) error {
	c.quarantined++
	return nil
}

// BenchmarkDecode measures whole objects of the usual form: "in" are item calls,
// queries and small batches, "out" is the noise around them, "mixed" one in ten of
// the former. Sessions of few roles are mostly known when they come; those of many
// never are.
func BenchmarkDecode(b *testing.B) {
	for _, scope := range []string{"in", "out", "mixed"} {
		for _, size := range []struct{ records, roles int }{{5, 40}, {5_000, 40}, {5_000, 5_000}} {
			records := size.records
			data := corpusOf(records, scope, size.roles)
			b.Run(fmt.Sprintf("records=%d/roles=%d/scope=%s", records, size.roles, scope), func(b *testing.B) {
				d, sink := New(Limits{}), &counter{}
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := d.Decode("bench", data, sink); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
				if sink.quarantined > 0 {
					b.Fatalf("%d records quarantined", sink.quarantined)
				}
			})
		}
	}
}

// corpus writes one object of so many records, with random ids, in the form and
// size of real ones.
func corpus(records int, scope string) []byte { return corpusOf(records, scope, 40) }

// corpusOf writes one whose callers are sessions of so many roles.
func corpusOf(records int, scope string, roles int) []byte {
	rng := rand.New(rand.NewPCG(1, uint64(records)))
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	for i := range records {
		if i > 0 {
			b.WriteByte(',')
		}
		if scope == "in" || scope == "mixed" && i%10 == 0 {
			writeItemCall(&b, rng, i, roles)
		} else {
			writeNoise(&b, rng, i, roles)
		}
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func randomID(rng *rand.Rand) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", rng.Uint32(), rng.Uint32()>>16, rng.Uint32()>>20, rng.Uint32()>>20, rng.Uint64()>>16)
}

func writeIdentity(b *bytes.Buffer, rng *rand.Rand, roles int) {
	id := rng.IntN(roles)
	role := []string{"orders-api", "billing-worker", "nightly-export"}[id%3]
	session := fmt.Sprintf("i-%017x", id)
	fmt.Fprintf(b, `"userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE%04d:%[2]s","arn":"arn:aws:sts::111122223333:assumed-role/%[3]s/%[2]s","accountId":"111122223333","accessKeyId":"ASIA%016[4]X","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE%04[1]d","arn":"arn:aws:iam::111122223333:role/%[3]s","accountId":"111122223333","userName":"%[3]s"},"attributes":{"creationDate":"2026-01-05T06:24:22Z","mfaAuthenticated":"false"}}}`,
		id, session, role, rng.Uint64())
}

func writeItemCall(b *bytes.Buffer, rng *rand.Rand, i, roles int) {
	const table = `"resources":[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}]`
	b.WriteString(`{"eventVersion":"1.11",`)
	writeIdentity(b, rng, roles)
	name, parameters, readOnly := "GetItem", "", true
	key := func() string {
		return fmt.Sprintf(`{"pk":"customer#%d","sk":"order#%d"}`, rng.IntN(1e6), rng.IntN(1e9))
	}
	switch i % 10 {
	case 0, 1, 2, 3:
		parameters = fmt.Sprintf(`{"tableName":"orders","key":%s,"consistentRead":false}`, key())
	case 4, 5:
		name, readOnly = "PutItem", false
		parameters = fmt.Sprintf(`{"tableName":"orders","key":%s,"items":["total","pk","sk","state","lines"],"conditionExpression":"attribute_not_exists(pk)"}`, key())
	case 6, 7:
		name, readOnly = "UpdateItem", false
		parameters = fmt.Sprintf(`{"tableName":"orders","key":%s,"updateExpression":"SET #s = :s, lines[0].n = :n REMOVE draft","expressionAttributeNames":{"#s":"state"}}`, key())
	case 8:
		name = "Query"
		parameters = fmt.Sprintf(`{"tableName":"orders","key":{"pk":"customer#%d"},"keyConditionExpression":"#n0 = :v0","expressionAttributeNames":{"#n0":"pk"},"limit":50}`, rng.IntN(1e6))
	case 9:
		name, readOnly = "TransactWriteItems", false
		parameters = fmt.Sprintf(`{"requestItems":[{"operation":"Put","tableName":"orders","key":%s,"items":["pk","sk","total"]},{"operation":"Update","tableName":"orders","key":%s,"updateExpression":"SET a = :a"}]}`, key(), key())
	}
	fmt.Fprintf(b, `,"eventTime":"2026-01-05T%02d:%02d:%02dZ","eventSource":"dynamodb.amazonaws.com","eventName":"%s","awsRegion":"eu-west-1","sourceIPAddress":"10.0.%d.%d","userAgent":"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.26.1 md/GOOS#linux md/GOARCH#amd64 api/dynamodb#1.34.4","requestParameters":%s,"responseElements":null,"requestID":"%032XVV4KQNSO5AEMVJF66Q9ASUAAJG","eventID":"%s","readOnly":%t,%s,"eventType":"AwsApiCall","apiVersion":"2012-08-10","managementEvent":false,"recipientAccountId":"111122223333","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"dynamodb.eu-west-1.amazonaws.com"}}`,
		rng.IntN(24), rng.IntN(60), rng.IntN(60), name, rng.IntN(256), rng.IntN(256), parameters, rng.Uint64(), randomID(rng), readOnly, table)
}

func writeNoise(b *bytes.Buffer, rng *rand.Rand, i, roles int) {
	b.WriteString(`{"eventVersion":"1.09",`)
	writeIdentity(b, rng, roles)
	source, name, parameters := "s3.amazonaws.com", "GetObject", fmt.Sprintf(`{"bucketName":"assets","Host":"assets.s3.eu-west-1.amazonaws.com","key":"images/%d.png"}`, rng.IntN(1e9))
	switch i % 3 {
	case 1:
		source, name, parameters = "sts.amazonaws.com", "GetAccessKeyInfo", fmt.Sprintf(`{"roleArn":"arn:aws:iam::111122223333:role/orders-api","roleSessionName":"i-%017x","durationSeconds":3600}`, rng.Uint64()>>1)
	case 2:
		source, name, parameters = "ec2.amazonaws.com", "DescribeInstances", `{"maxResults":1000,"instancesSet":{},"filterSet":{"items":[{"name":"tag:role","valueSet":{"items":[{"value":"api"}]}}]}}`
	}
	fmt.Fprintf(b, `,"eventTime":"2026-01-05T08:%02d:%02dZ","eventSource":"%s","eventName":"%s","awsRegion":"eu-west-1","sourceIPAddress":"10.0.%d.%d","userAgent":"[aws-sdk-java/2.20.26 Linux/5.10.167-147.601.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.6+10-LTS Java/17.0.6 scala/2.13.10 io/sync http/Apache cfg/retry-mode/legacy]","requestParameters":%s,"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","bytesTransferredOut":%d},"requestID":"%s","eventID":"%s","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"%s"}}`,
		rng.IntN(60), rng.IntN(60), source, name, rng.IntN(256), rng.IntN(256), parameters, rng.IntN(1e6), randomID(rng), randomID(rng), source)
}
