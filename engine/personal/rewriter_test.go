package personal

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keytrail/keytrail/schema"
)

func TestRewrite(t *testing.T) {
	ring := ringOf(t, modesOf(t, "plain", "customers=hmac", "sessions=drop"), secretOf(t, "", 1), secretOf(t, "2026-04-01", 2))
	r := rewriterOf(t, ring)
	item := func(table string) schema.Touch {
		return schema.Touch{
			EventID: "e", EventTime: at(t, "2026-03-31"), Plane: schema.PlaneData, EventName: "GetItem", Outcome: schema.OutcomeOK,
			TableName: table, TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/" + table, KeyScope: schema.ScopeItem,
			ItemKey: `{"pk":"42","s\"k":"a\"b"}`, KeyValues: []string{"42", `a"b`}, Attributes: []string{"pk"}, WhoNumber: 7, Actor: "jane",
			RequestParameters: `{"key":{"pk":"42","s\"k":"a\"b"},"tableName":"` + table + `"}`, ErrorMessage: "42 was not there",
		}
	}
	rewrite := func(touch schema.Touch) schema.Touch {
		values := slices.Clone(touch.KeyValues)
		given := touch.KeyValues
		if !r.Rewrite(&touch) {
			t.Fatal("was kept out")
		}
		if !slices.Equal(given, values) {
			t.Fatal("wrote into the values it was given")
		}
		touch.KeyValues = slices.Clone(touch.KeyValues)
		return touch
	}
	if plain := item("orders"); !reflect.DeepEqual(rewrite(plain), plain) {
		t.Error("a plain table's row was changed")
	}
	said := readable(t, ring, "42", `a"b`)
	got := rewrite(item("customers"))
	if said.Replace(got.ItemKey) != `{"pk":"<42>","s\"k":"<a"b>"}` || said.Replace(strings.Join(got.KeyValues, " ")) != `<42> <a"b>` ||
		said.Replace(got.RequestParameters) != `{"key":{"pk":"<42>","s\"k":"<a"b>"},"tableName":"customers"}` ||
		got.ErrorMessage != "" || got.Actor != "jane" || got.WhoNumber != 7 || !slices.Equal(got.Attributes, []string{"pk"}) {
		t.Errorf("tokens: %+v", got)
	}
	later := item("customers")
	later.EventTime = at(t, "2026-04-01")
	if got := rewrite(later); !strings.HasPrefix(got.KeyValues[0], "k2_") || !strings.Contains(got.ItemKey, "k2_") || strings.Contains(got.RequestParameters, "k1_") {
		t.Errorf("the second epoch: %+v", got)
	}
	got = rewrite(item("sessions"))
	if got.ItemKey != "" || got.KeyValues != nil || got.RequestParameters != `{"tableName":"sessions"}` || got.KeyScope != schema.ScopeItem {
		t.Errorf("dropped: %+v", got)
	}
	nameless := item("")
	nameless.TableARN = ""
	if got := rewrite(nameless); got.ItemKey != "" {
		t.Errorf("of a table that is not known: %+v", got)
	}
	// A call on several tables tells of each of them in every row of its own.
	batch := item("orders")
	batch.EventName = "BatchGetItem"
	batch.RequestParameters = `{"requestItems":{"customers":{"keys":[{"pk":"jane"}]},"orders":{"keys":[{"pk":"42"}]}}}`
	if got := rewrite(batch); got.ItemKey != batch.ItemKey || strings.Contains(got.RequestParameters, "jane") || got.ErrorMessage != "" {
		t.Errorf("a batch: %+v", got)
	}
	batch.RequestParameters = `{"requestItems":{"orders":{"keys":[{"pk":"42"}]}}}`
	if got := rewrite(batch); !reflect.DeepEqual(got, batch) {
		t.Errorf("a batch of plain tables: %+v", got)
	}
	for name, parameters := range map[string]string{
		"another table of resources": `{"requestItems":[{"key":{"pk":"jane"},"tableName":"orders"}]}`,
		"a key of no table":          `{"requestItems":[{"key":{"pk":"42"},"tableName":"orders"},{"key":{"pk":"jane"}}]}`,
		"an element's own table":     `{"requestItems":{"orders":{"keys":[{"pk":"42"}]},"x":[{"putRequest":{"key":{"pk":"jane"},"TableName":"customers"}}]}}`,
	} {
		several := batch
		several.RequestParameters = parameters
		if strings.HasPrefix(name, "another") {
			several.Resources = `[{"ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},{"ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/customers"}]`
		}
		if got := rewrite(several); strings.Contains(got.RequestParameters, "jane") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// A call whose tables only resources name has a row for each of them.
	each := item("orders")
	each.ItemKey, each.KeyValues, each.TouchCount, each.RequestParameters = "", nil, 2, `{"key":{"pk":"jane"}}`
	each.Resources = `[{"ARN":"arn:aws:dynamodb:eu-west-1:111122223333:table/customers"}]`
	if got := rewrite(each); strings.Contains(got.RequestParameters, "jane") {
		t.Errorf("a call on each of several tables: %+v", got)
	}
	// Words of an expression that was refused may be values.
	for expression, kept := range map[string]bool{
		"email = 'jane'": false, `email = "jane"`: false, "email = jane@example.com": false, "attribute_not_exists(#e) AND prefs.mail[0] = :m": true,
	} {
		refused := item("customers")
		refused.Outcome, refused.Attributes = schema.OutcomeFailed, []string{"email", "jane"}
		refused.RequestParameters = string(schema.AppendCanonicalString([]byte(`{"filterExpression":`), expression)) + `}`
		if got := rewrite(refused); (got.Attributes != nil) != kept {
			t.Errorf("%s: attributes %q", expression, got.Attributes)
		}
	}
	// What is no data event names no items, unless nobody knows the event.
	unknown := item("customers")
	unknown.ItemKey, unknown.KeyValues = "", nil
	unknown.Plane, unknown.EventSource, unknown.EventName = schema.PlaneControl, "dynamodb.amazonaws.com", "FetchItemsByMagic"
	if got := rewrite(unknown); strings.Contains(got.RequestParameters, "42") {
		t.Errorf("an unknown event: %+v", got)
	}
	other := unknown
	if other.EventSource = "backup.amazonaws.com"; !reflect.DeepEqual(rewrite(other), other) {
		t.Error("an event of another service was changed")
	}
	control := schema.Touch{Plane: schema.PlaneControl, EventName: "UpdateTable", TableName: "customers", EventTime: at(t, "2026-03-31"),
		RequestParameters: `{"tableName":"customers","x":"42"}`, ErrorMessage: "42"}
	if got := rewrite(control); !reflect.DeepEqual(got, control) {
		t.Errorf("settings: %+v", got)
	}
	control.RequestParameters = `{"s3Prefix":"jane"}`
	if got := rewrite(control); got.ErrorMessage != "" {
		t.Errorf("a message that may repeat what was taken out: %+v", got)
	}
	if reason, raw := r.Quarantined(`no readable eventTime: "jane"`, `{"x":"jane"}`); reason != "no readable eventTime" || raw != "" {
		t.Errorf("quarantine: %q %q", reason, raw)
	}
}

// Of an epoch whose secret was destroyed late rows have no keys.
func TestRewriteDestroyed(t *testing.T) {
	one, two := secretOf(t, "", 1), secretOf(t, "2026-04-01", 2)
	pin, _, err := Settle(nil, modesOf(t, "hmac"), []Secret{one, two})
	if err != nil {
		t.Fatal(err)
	}
	pin.Epochs[0].Destroyed = true
	ring, err := pin.Keyring([]Secret{two})
	if err != nil {
		t.Fatal(err)
	}
	r := rewriterOf(t, ring)
	for day, keyed := range map[string]bool{"2026-03-31": false, "2026-04-01": true} {
		touch := schema.Touch{EventTime: at(t, day), Plane: schema.PlaneData, EventName: "GetItem", TableName: "customers", ItemKey: `{"pk":"42"}`, KeyValues: []string{"42"}}
		r.Rewrite(&touch)
		if got := strings.Contains(touch.ItemKey, "k2_") && len(touch.KeyValues) == 1; got != keyed || strings.Contains(touch.ItemKey, "42\"") {
			t.Errorf("%s: %+v", day, touch)
		}
	}
	if _, err := pin.Keyring([]Secret{one, two}); err != nil {
		t.Errorf("a secret that is back: %v", err)
	}
	half, err := pin.Keyring(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.Rewriters(); !errors.Is(err, ErrNoSecret) {
		t.Errorf("without the secret that there is: %v", err)
	}
}

// The messages that are kept say nothing of items.
func TestMessages(t *testing.T) {
	denied := "User: arn:aws:sts::111122223333:assumed-role/dev/jane is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders because no identity-based policy allows the dynamodb:GetItem action"
	for message, want := range map[string]string{
		"": "", denied: denied, "The conditional request failed": "The conditional request failed",
		"One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N 42": "", "Rate exceeded for 42": "",
	} {
		if got := keptMessage(message); got != want {
			t.Errorf("%q became %q", message, got)
		}
	}
}

// Whatever a touch has, rewriting it does not panic, and canonical JSON stays canonical.
// What was a value of the key is nowhere any more.
func FuzzRewrite(f *testing.F) {
	f.Add("GetItem", "customers", `{"pk":"jane@example.com"}`, `{"key":{"pk":"jane@example.com"},"tableName":"customers"}`, `SELECT * FROM t WHERE pk = 'jane@example.com'`, "jane@example.com", true)
	f.Add("BatchGetItem", "", `{"a":1}`, `{"requestItems":{"t-1":{"keys":[{"a":"x"}]},"t-2":[{"put":{"key":{}}}]}}`, `x['`, "[", false)
	f.Add("PutResourcePolicy", "orders", ``, `{"policy":"{\"dynamodb:LeadingKeys\":[1]}","encryptionContext":{"a":"b"}}`, ``, "", true)
	f.Add("GetItem", "orders", `{`, `{"key":{"a":{"S":`, "'''", "\xff", true)
	ring := ringOf(f, modesOf(f, "hmac", "orders*=drop", "t-2=plain"), secretOf(f, "", 1), secretOf(f, "2026-04-01", 2))
	r := rewriterOf(f, ring)
	f.Fuzz(func(t *testing.T, event, table, key, params, statement, value string, data bool) {
		plane := schema.PlaneControl
		if data {
			plane = schema.PlaneData
		}
		text, values, ok := schema.ItemKey([]byte(key))
		if !ok {
			text, values = key, []string{value}
		}
		wasCanonical := false
		if again, err := schema.CanonicalJSON([]byte(params)); err == nil {
			params, wasCanonical = string(again), true
		}
		touch := schema.Touch{Plane: plane, EventName: event, TableName: table, ItemKey: text, KeyValues: values, EventTime: int64(len(params)) << 44,
			Outcome: schema.OutcomeOK, Statement: statement, RequestParameters: params, ResponseElements: params, ErrorMessage: value}
		again := touch
		if !r.Rewrite(&touch) {
			t.Fatal("was kept out")
		}
		if wasCanonical {
			canonical(t, touch.RequestParameters)
			canonical(t, touch.ResponseElements)
		}
		if r.Rewrite(&again); !reflect.DeepEqual(again, touch) {
			t.Errorf("another time it is\n%+v, and was\n%+v", again, touch)
		}
		if mode := ring.pin.Modes.strictestFor(table); mode == Plain || !data {
			return
		}
		for _, v := range values {
			if slices.Contains(touch.KeyValues, v) && v != "" {
				t.Errorf("%q is still there", v)
			}
		}
		if ok && touch.ItemKey == text && len(values) > 0 {
			t.Errorf("%s is still there", text)
		}
	})
}

func BenchmarkRewrite(b *testing.B) {
	ring := ringOf(b, modesOf(b, "hmac"), secretOf(b, "", 1))
	for name, modulus := range map[string]int{"values=many": 1 << 30, "values=few": 100} {
		b.Run(name, func(b *testing.B) {
			r := rewriterOf(b, ring)
			b.ReportAllocs()
			for i := range b.N {
				pk := "customer#" + string(rune('a'+i%modulus%26)) + strings.Repeat("x", i%modulus%13) + string(rune('0'+i%modulus%1000))
				touch := schema.Touch{
					Plane: schema.PlaneData, EventName: "GetItem", Outcome: schema.OutcomeOK, TableName: "customers", TableARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/customers",
					ItemKey: `{"pk":"` + pk + `","sk":"profile"}`, KeyValues: []string{pk, "profile"},
					RequestParameters: `{"consistentRead":true,"key":{"pk":"` + pk + `","sk":"profile"},"tableName":"customers"}`,
				}
				r.Rewrite(&touch)
			}
		})
	}
}
