package personal

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

// readable makes <42> of the token of 42 in the first epoch.
func readable(t testing.TB, ring *Keyring, values ...string) *strings.Replacer {
	t.Helper()
	var pairs []string
	h := ring.epochs[0].key.hasher()
	for _, v := range values {
		pairs = append(pairs, h.token(v), "<"+v+">")
	}
	return strings.NewReplacer(pairs...)
}

func TestDocuments(t *testing.T) {
	ring := ringOf(t, modesOf(t, "hmac"), secretOf(t, "", 1))
	said := readable(t, ring, "42", "a", "b", "x", "a\"b", "é", "true", "4.20", "[1]", "secret", "VIP", "-7", "it's", "exports/jane")
	for name, c := range map[string]struct{ in, tokens, dropped string }{
		"a key":                {`{"key":{"pk":"42","sk":"a"},"tableName":"orders"}`, `{"key":{"pk":"<42>","sk":"<a>"},"tableName":"orders"}`, `{"tableName":"orders"}`},
		"of other types":       {`{"key":{"a":42,"b":true,"c":{"S":"x"},"d":{"N":4.20},"e":[1]}}`, `{"key":{"a":"<42>","b":"<true>","c":"<x>","d":"<4.20>","e":"<[1]>"}}`, `{}`},
		"escaped":              {`{"key":{"n\"m":"a\"b","é":"é"}}`, `{"key":{"n\"m":"<a"b>","é":"<é>"}}`, `{}`},
		"no key at all":        {`{"key":null,"keys":"42"}`, `{}`, `{}`},
		"empty":                {`{}`, `{}`, `{}`},
		"a value by itself":    {`"secret"`, ``, ``},
		"in any case":          {`{"Key":{"pk":"a"},"TABLENAME":"orders"}`, `{"Key":{"pk":"<a>"},"TABLENAME":"orders"}`, `{"TABLENAME":"orders"}`},
		"unknown members":      {`{"clientRequestToken":"secret","item":{"pk":"a"},"parameters":["42"],"z":1}`, `{}`, `{}`},
		"a batch by table":     {`{"requestItems":{"orders":{"keys":[{"pk":"a"},{"pk":"b"}],"x":1},"se cret":{"keys":[]}}}`, `{"requestItems":{"orders":{"keys":[{"pk":"<a>"},{"pk":"<b>"}]}}}`, `{"requestItems":{"orders":{}}}`},
		"a transaction":        {`{"transactItems":[{"put":{"item":{"pk":"a"},"tableName":"t-1"}},{"delete":{"key":{"pk":"b"},"tableName":"t-1"}}]}`, `{"transactItems":[{"put":{"tableName":"t-1"}},{"delete":{"key":{"pk":"<b>"},"tableName":"t-1"}}]}`, `{"transactItems":[{"put":{"tableName":"t-1"}},{"delete":{"tableName":"t-1"}}]}`},
		"of strings":           {`{"requestItems":["secret",1,null]}`, `{"requestItems":[]}`, `{"requestItems":[]}`},
		"words and numbers":    {`{"consistentRead":true,"limit":10,"operation":"Put","returnValues":"ALL_OLD","select":"jane@example.com"}`, `{"consistentRead":true,"limit":10,"operation":"Put","returnValues":"ALL_OLD"}`, `{"consistentRead":true,"limit":10,"operation":"Put","returnValues":"ALL_OLD"}`},
		"numbers that are not": {`{"limit":"secret","omitted":"true","segment":{"a":1}}`, `{"omitted":"true"}`, `{"omitted":"true"}`},
		"conditions":           {`{"filterExpression":"prefs.secret = :v","keyConditionExpression":"pk = :v AND sk > :w","projectionExpression":""}`, `{"filterExpression":"(not kept)","keyConditionExpression":"pk = :v AND sk > :w"}`, `{"filterExpression":"(not kept)","keyConditionExpression":"pk = :v AND sk > :w"}`},
		"odd conditions":       {`{"keyConditionExpression":"pk = 'secret'"}`, `{"keyConditionExpression":"(not kept)"}`, `{"keyConditionExpression":"(not kept)"}`},
		"names":                {`{"attributesToGet":["pk",1,{"S":"secret"}],"items":"secret"}`, `{"attributesToGet":["pk"]}`, `{"attributesToGet":["pk"]}`},
		"a page":               {`{"exclusiveStartKey":{"pk":{"S":"a"}},"nextToken":"secret"}`, `{"exclusiveStartKey":{"pk":"<a>"},"nextToken":"(not kept)"}`, `{"nextToken":"(not kept)"}`},
		"a stream":             {`{"sequenceNumber":"123","shardId":"shardId-0001","shardIterator":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026|1|secret"}`, `{"sequenceNumber":"123","shardId":"shardId-0001","shardIterator":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026"}`, `{"sequenceNumber":"123","shardId":"shardId-0001","shardIterator":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026"}`},
		"of other names":       {`{"indexName":"jane@example.com","sequenceNumber":"secret","shardId":"shardId-secret","shardIterator":"secret","tableName":"se cret"}`, `{}`, `{}`},
		"omitted":              {`{"omitted":true,"reason":"requestParameters too large"}`, `{"omitted":true,"reason":"requestParameters too large"}`, `{"omitted":true,"reason":"requestParameters too large"}`},
		"PartiQL":              {`{"statement":"SELECT * FROM \"orders\" WHERE pk = '42'"}`, `{"statement":"SELECT * FROM \"orders\" WHERE pk = '<42>'"}`, `{"statement":"SELECT * FROM \"orders\" WHERE pk = ***(Redacted)"}`},
		"no JSON":              {`{"key":{"pk":"42"}`, ``, ``},
		"not canonical":        {`{ "key": {"pk":"42"}}`, ``, ``},
		"more than one":        {`{}{}`, ``, ``},
		"deep":                 {strings.Repeat(`{"put":`, 600) + `{}` + strings.Repeat(`}`, 600), ``, ``},
	} {
		t.Run(name, func(t *testing.T) {
			d := documents{}
			for mode, want := range map[Mode]string{HMAC: c.tokens, Drop: c.dropped} {
				d.begin(nil, true)
				if mode == HMAC {
					d.begin(ring.epochs[0].key.hasher(), true)
				}
				got := d.rewrite(c.in, itemRules)
				if said.Replace(got) != want {
					t.Errorf("%s: %s\nwant %s", mode, said.Replace(got), want)
				}
				if strings.Contains(said.Replace(got), "secret") && !strings.Contains(want, "secret") {
					t.Errorf("%s: %s", mode, got)
				}
				canonical(t, got)
			}
		})
	}
}

// Calls that name no items keep what they say, but for where values of items may stand.
func TestSettings(t *testing.T) {
	ring := ringOf(t, modesOf(t, "hmac"), secretOf(t, "", 1))
	said := readable(t, ring, "42", "exports/jane", "jane", "user-1")
	policy := func(keys string) string {
		text := `{"Statement":[{"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":` + keys + `}},"Effect":"Allow"}]}`
		return string(schema.AppendCanonicalString([]byte(`{"policy":`), text)) + `}`
	}
	for name, c := range map[string]struct{ in, tokens, dropped string }{
		"settings":       {`{"billingMode":"PAY_PER_REQUEST","tableName":"orders","tags":[{"key":"team","value":"a"}]}`, ``, ``},
		"a value":        {`"x"`, ``, ``},
		"an export":      {`{"s3Bucket":"b","s3Prefix":"exports/jane"}`, `{"s3Bucket":"b","s3Prefix":"<exports/jane>"}`, `{"s3Bucket":"b"}`},
		"a context":      {`{"encryptionContext":{"aws:dynamodb:tableName":"orders","pk":"42"},"keyId":"k"}`, `{"encryptionContext":{"aws:dynamodb:tableName":"orders","pk":"<42>"},"keyId":"k"}`, `{"encryptionContext":{"aws:dynamodb:tableName":"orders"},"keyId":"k"}`},
		"a grant":        {`{"constraints":{"encryptionContextSubset":{"pk":{"a":"42"}}}}`, `{"constraints":{"encryptionContextSubset":{}}}`, `{"constraints":{"encryptionContextSubset":{}}}`},
		"leading keys":   {policy(`["user-1","${aws:userid}"]`), policy(`["<user-1>","${aws:userid}"]`), policy(`["(not kept)","${aws:userid}"]`)},
		"one of them":    {policy(`42`), policy(`"<42>"`), policy(`"(not kept)"`)},
		"a number":       {`{"policy":{"dynamodb:LeadingKeys":[42]},"s3Prefix":42}`, `{"policy":{"dynamodb:LeadingKeys":["<42>"]},"s3Prefix":"<42>"}`, `{"policy":{"dynamodb:LeadingKeys":[]}}`},
		"a manifest":     {`{"exportDescription":{"exportManifest":"exports/jane"}}`, `{"exportDescription":{"exportManifest":"<exports/jane>"}}`, `{"exportDescription":{}}`},
		"a filter":       {`{"filterCriteria":{"filters":[{"pattern":"{\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[\"jane\"]}}}}"}]}}`, `{"filterCriteria":"(not kept)"}`, `{"filterCriteria":"(not kept)"}`},
		"another name":   {strings.Replace(policy(`["user-1"]`), "policy", "inlinePolicy", 1), strings.Replace(policy(`["<user-1>"]`), "policy", "inlinePolicy", 1), strings.Replace(policy(`["(not kept)"]`), "policy", "inlinePolicy", 1)},
		"two in one":     {`{"policy":"{} {\"dynamodb:LeadingKeys\":\"jane\"}"}`, `{"policy":"(not kept)"}`, `{"policy":"(not kept)"}`},
		"twice one name": {`{"policy":"{\"Condition\":{\"dynamodb:LeadingKeys\":\"jane\"},\"Condition\":{}}"}`, `{"policy":"(not kept)"}`, `{"policy":"(not kept)"}`},
		"no such":        {`{"policy":"{\"Statement\": []}"}`, ``, ``},
		"an ARN":         {`{"policyDocument":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`, ``, ``},
		"half a policy":  {`{"policy":"{\"dynamodb:LeadingKeys\":[\"jane"}`, `{"policy":"(not kept)"}`, `{"policy":"(not kept)"}`},
		"a policy's objects": {`{"policyDocument":{"Condition":{"StringEquals":{"dynamodb:LeadingKeys":["jane"]}}}}`,
			`{"policyDocument":{"Condition":{"StringEquals":{"dynamodb:LeadingKeys":["<jane>"]}}}}`, `{"policyDocument":{"Condition":{"StringEquals":{"dynamodb:LeadingKeys":[]}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			d := documents{}
			for mode, want := range map[Mode]string{HMAC: c.tokens, Drop: c.dropped} {
				d.begin(nil, true)
				if mode == HMAC {
					d.begin(ring.epochs[0].key.hasher(), true)
				}
				if want == "" {
					want = c.in
				}
				got := d.rewrite(c.in, settingRules)
				if said.Replace(got) != want {
					t.Errorf("%s: %s\nwant %s", mode, said.Replace(got), want)
				}
				canonical(t, got)
			}
		})
	}
}

// canonical fails the test for a text that is neither empty nor canonical JSON.
func canonical(t testing.TB, text string) {
	t.Helper()
	if text == "" {
		return
	}
	again, err := schema.CanonicalJSON([]byte(text))
	if err != nil || string(again) != text || !json.Valid([]byte(text)) {
		t.Errorf("no canonical JSON: %s (%v)", text, err)
	}
}

func TestStatements(t *testing.T) {
	ring := ringOf(t, modesOf(t, "hmac"), secretOf(t, "", 1))
	said := readable(t, ring, "42", "-7", "1.5e3", "it's", "a", "b")
	for in, want := range map[string]string{
		`SELECT * FROM "orders"."by-tier" WHERE pk = 'a' AND sk = 42`:                               `SELECT * FROM "orders"."by-tier" WHERE pk = '<a>' AND sk = '<42>'`,
		`SELECT * FROM t WHERE n IN [42,-7, 1.5e3] OR n BETWEEN 'a' AND 'b'`:                        `SELECT * FROM t WHERE n IN ['<42>','<-7>', '<1.5e3>'] OR n BETWEEN '<a>' AND '<b>'`,
		`UPDATE t SET x = ***(Redacted) WHERE pk='it''s' AND sk=?`:                                  `UPDATE t SET x = ***(Redacted) WHERE pk='<it's>' AND sk=?`,
		`INSERT INTO t VALUE {'pk': ***(Redacted), 'n' : {'a': 'b'}}`:                               `INSERT INTO t VALUE {'pk': ***(Redacted), 'n' : {'<a>': '<b>'}}`,
		`DELETE FROM t WHERE pk = jane`:                                                             `DELETE FROM t WHERE pk = ***(Redacted)`,
		`DELETE FROM t WHERE pk = "jane"`:                                                           `DELETE FROM t WHERE pk = ***(Redacted)`,
		`DELETE FROM t WHERE pk = 'jane`:                                                            ``,
		`SELECT a,b FROM t WHERE pk IN ["jane", jane] AND x IN (jane,"jane")`:                       `SELECT a,b FROM t WHERE pk IN [***(Redacted), ***(Redacted)] AND x IN (***(Redacted),***(Redacted))`,
		`SELECT * FROM t WHERE pk BETWEEN "jane" AND jane AND begins_with("sk", "jane") AND sk = ?`: `SELECT * FROM t WHERE pk BETWEEN ***(Redacted) AND ***(Redacted) AND begins_with("sk", ***(Redacted)) AND sk = ?`,
		`INSERT INTO t VALUE {"pk": "jane", 'm': ["jane"]}`:                                         `INSERT INTO t VALUE {"pk": ***(Redacted), 'm': [***(Redacted)]}`,
		`jane`:             ``,
		`SELECT 1 -- jane`: ``,
		"SELECT `jane`":    ``,
		``:                 ``,
	} {
		d := documents{}
		d.begin(ring.epochs[0].key.hasher(), true)
		if got := said.Replace(d.statement(in)); got != want {
			t.Errorf("%s\ngave %s\nwant %s", in, got, want)
		}
		d.begin(nil, true)
		if got := d.statement(in); strings.Contains(got, "k1_") || (got == "") != (want == "") {
			t.Errorf("%s\ngave %s without tokens", in, got)
		}
		d.begin(nil, false)
		if got := d.statement(in); got != "" {
			t.Errorf("%s\nwas not understood, and gave %s", in, got)
		}
	}
}
