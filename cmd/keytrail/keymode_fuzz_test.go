package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/engine/ducktest"
)

// randomCalls makes calls on items with values in places that nobody thought of: any member
// may hold any JSON with values in it.
type randomCalls struct {
	*rand.Rand
	secretValues
}

// itemEvents are all calls that name items, one that no version of the API has among them.
var itemEvents = []string{
	"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems",
	"TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "GetRecords", "GetShardIterator", "SearchVectors", "GetItemNow",
}

// itemMembers are members of requests, of elements of batches, and of keys and items.
var itemMembers = []string{
	"key", "Key", "keys", "KEYS", "item", "exclusiveStartKey", "lastEvaluatedKey", "requestItems", "transactItems", "transactStatements", "statements",
	"put", "get", "update", "delete", "conditionCheck", "putRequest", "deleteRequest", "statement", "parameters", "expressionAttributeValues",
	"keyConditionExpression", "expected", "queryFilter", "scanFilter", "keyConditions", "attributeValueList", "nextToken", "shardIterator", "shardId",
	"clientRequestToken", "select", "limit", "segment", "reason", "policy", "s3Prefix", "encryptionContext", "unknown", "k\u00e9y", "S", "N", "B", "M", "L", "SS", "pk", "sk",
}

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

// number is a number that stands nowhere else.
func (r *randomCalls) number() json.Number {
	r.n++
	r.values = append(r.values, fmt.Sprintf("9182736450%04d", r.n))
	return json.Number(r.values[len(r.values)-1] + pick(r.Rand, []string{"", ".5", "e3", ".0"}))
}

// leaf is a value as it may be written.
func (r *randomCalls) leaf(member string) any {
	switch kind := r.IntN(8); {
	case kind == 4 || member == "keyConditionExpression": // alone, a word is a name
		return "pk = '" + r.next() + "'"
	case kind == 0 && member != "limit" && member != "segment": // but for settings, which are kept
		return r.number()
	case kind == 1:
		return base64.StdEncoding.EncodeToString([]byte(r.next()))
	case kind == 2:
		text, _ := json.Marshal(fields{"dynamodb:LeadingKeys": r.next(), "pk": r.next()})
		return string(text)
	case kind == 3:
		return "SELECT * FROM customers WHERE pk = '" + strings.ReplaceAll(r.next(), "'", "''") + "' AND sk IN ['" + r.next() + "', " + r.number().String() + "]"
	}
	return r.next()
}

func (r *randomCalls) value(member string, depth int) any {
	switch kind := r.IntN(6); {
	case member == "item": // a list would be of attributes' names
		return r.members(max(depth-1, 0), 2)
	case depth > 0 && kind < 2:
		return r.members(depth-1, 1+r.IntN(3))
	case depth > 0 && kind < 4:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = r.value(member, depth-1)
		}
		return list
	}
	return r.leaf(member)
}

func (r *randomCalls) members(depth, n int) fields {
	all := fields{}
	for range n {
		name := pick(r.Rand, itemMembers)
		all[name] = r.value(name, depth)
	}
	if r.IntN(3) == 0 {
		all["tableName"] = pick(r.Rand, []string{"customers", "orders", "inventory", "arn:aws:dynamodb:eu-west-1:111122223333:table/customers"})
	}
	return all
}

// call is one random call. Whatever tables it names itself, resources may name others.
func (r *randomCalls) call(i int) fields {
	c := with(record(5000+i), "eventName", pick(r.Rand, itemEvents))
	c["eventID"] = fmt.Sprintf("00000000-0000-4000-9100-%012d", i)
	params := r.members(4, 1+r.IntN(5))
	if r.IntN(2) == 0 {
		params["requestItems"] = []any{r.members(2, 3), fields{"key": r.members(1, 2)}, fields{"tableName": "inventory", "key": fields{"pk": "seen"}}}
	}
	c["requestParameters"] = params
	var named []any
	for _, table := range []string{"customers", "inventory", "orders"}[:r.IntN(4)] {
		named = append(named, fields{"type": "AWS::DynamoDB::Table", "ARN": "arn:aws:dynamodb:eu-west-1:111122223333:table/" + table})
	}
	c["resources"] = named
	if r.IntN(3) == 0 {
		c["responseElements"], c["additionalEventData"] = r.value("", 3), r.value("", 3)
	}
	if r.IntN(3) == 0 {
		c["errorCode"], c["errorMessage"] = "ValidationException", "Invalid value "+r.next()
		params["filterExpression"] = "email = '" + r.next() + "' AND age > " + r.next()
		params["updateExpression"] = "SET email = '" + r.next() + "', " + r.next() + " = :v"
	}
	return c
}

// Whatever shape a call on items has, no value gets from it into a lake without keys.
func TestKeysLeakFromNoShape(t *testing.T) {
	ducktest.Need(t)
	dir := t.TempDir()
	secret, trail := filepath.Join(dir, "secret"), filepath.Join(dir, "trail")
	if err := os.WriteFile(secret, []byte(strings.Repeat("swordfish", 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(trail, 0o700); err != nil {
		t.Fatal(err)
	}
	const seed = 11
	r := &randomCalls{Rand: rand.New(rand.NewPCG(seed, 7))}
	var calls []any
	for i := range 400 {
		calls = append(calls, r.call(i))
	}
	if err := os.WriteFile(filepath.Join(trail, "a.json.gz"), gzipped(wrap(calls...)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, modes := range map[string][]string{"hmac": {"--key-mode", "hmac", "--key-secret", "file:" + secret}, "drop": {"--key-mode", "drop"}} {
		lake := filepath.Join(dir, name)
		told := printed(t, lake, append([]string{"ingest", trail, "--lake", lake, "--json"}, modes...)...) + dumped(t, lake)
		if strings.Count(told, "GetItem") < 20 {
			t.Errorf("%s: the lake has too few of the calls", name)
		}
		for _, v := range []string{"sentinel", "9182736450"} { // what all values begin with
			for form, text := range forms(v) {
				if at := strings.Index(told, text); at >= 0 {
					t.Errorf("%s: %q is there, %s: %q", name, v, form, told[max(0, at-300):min(len(told), at+100)])
				}
			}
		}
	}
}
