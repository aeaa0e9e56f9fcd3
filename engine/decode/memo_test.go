package decode

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const (
	ann = `{"type":"IAMUser","principalId":"AIDAEXAMPLEEXAMPLE001","arn":"arn:aws:iam::111122223333:user/ann","accountId":"111122223333","accessKeyId":"AKIAEXAMPLE1","userName":"ann"}`
	app = `{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE001:worker-session","arn":"arn:aws:sts::111122223333:assumed-role/app/worker-session","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE1",` +
		`"sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/app"},"attributes":{"creationDate":"2026-01-05T06:24:22Z","mfaAuthenticated":"false"}}}`
	service = `{"type":"AWSService","invokedBy":"dynamodb.amazonaws.com"}`
	about   = `[{"accountId":"111122223333","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:us-east-1:444455556666:table/orders"},{"ARN":"arn:aws:dynamodb:us-east-1:444455556666:table/orders/stream/1"}]`
	tls     = `{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"dynamodb.eu-west-1.amazonaws.com"}`
)

// by is a record whose caller is who, with members before and after.
func by(who, more string) string {
	return recordOf("GetItem", `"requestParameters":{"tableName":"orders","key":{"pk":"a"}},"userIdentity":`+who+`,"resources":`+about+`,"tlsDetails":`+tls+more)
}

// warm is a decoder that remembers what the records say.
func warm(t *testing.T, records ...string) *Decoder {
	t.Helper()
	d := New(Limits{})
	for _, r := range records {
		for range 3 {
			if _, err := d.Decode("earlier", []byte(`{"Records":[`+r+`,`+r+`]}`), &keeper{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d
}

// Whatever was remembered before, a record says the same.
func TestRememberedValuesSayTheSame(t *testing.T) {
	d := warm(t, by(ann, ""), by(app, ""), by(service, ""))
	lambda := `,"userAgent":"Boto3 exec-env/AWS_Lambda_python3.12"`
	escaped := strings.Replace(app, "worker", `w\u006frker`, 1)
	for _, r := range []string{
		by(ann, ""), by(app, ""), by(service, ""), by(app, lambda), by(app, ""),
		by(app, `,"sessionCredentialFromConsole":"true"`), by(app, `,"recipientAccountId":"444455556666"`), by(app, ""),
		by(strings.Replace(ann, "AKIAEXAMPLE1", "AKIAOTHER", 1), ""), by(strings.Replace(ann, "AKIAEXAMPLE1", "", 1), ""),
		by(strings.Replace(ann, "AKIAEXAMPLE1", `A\"B`, 1), ""), by(strings.Replace(ann, `"AKIAEXAMPLE1"`, "null", 1), ""),
		by(strings.Replace(app, "06:24:22", "07:00:00", 1), ""), by(strings.Replace(app, "ASIAEXAMPLE1", `","mfa`, 1), ""),
		by(strings.Replace(app, `"false"`, `"true"`, 1), ""), by(strings.Replace(app, `"false"`, `"false","x":1`, 1), ""),
		by(escaped, ""), by(escaped, ""), by(escaped, ""), by(" "+ann+" ", ""), by(ann, `,"tlsDetails":7`),
		by(ann, `,"userIdentity":`+app), by(ann, `,"UserIdentity":`+app), by(ann, `,"userIdentity":{}`), by(ann, `,"userIdentity":null`),
		by(app, `,"useridentity":`+ann), by(ann, `,"resources":[]`), by(ann, `,"Resources":[]`), by(ann, `,"tlsDetails":{"tlsVersion":"TLSv1.2"}`),
		strings.ReplaceAll(by(service, ""), "dynamodb.amazonaws.com\",\"eventTime", "kms.amazonaws.com\",\"eventTime"),
	} {
		object := []byte(`{"Records":[` + r + `]}`)
		var got, want keeper
		_, gotErr := d.Decode("object", object, &got)
		_, wantErr := New(Limits{}).Decode("object", object, &want)
		if !reflect.DeepEqual(got, want) || (gotErr == nil) != (wantErr == nil) {
			t.Errorf("%s\n got %+v, %v\nwant %+v, %v", r, got, gotErr, want, wantErr)
		}
	}
}

// The names of the members that recur are known, and sessions are by their role.
func TestRecurringValuesAreRemembered(t *testing.T) {
	d := warm(t, by(ann, ""), by(app, ""))
	other := strings.NewReplacer("ASIAEXAMPLE1", "ASIAOTHER", "06:24:22", "07:00:00").Replace(app)
	for _, c := range []struct {
		slot  int
		value string
	}{{envUserIdentity, ann}, {envUserIdentity, app}, {envUserIdentity, other}, {envResources, about}, {envTLSDetails, tls}} {
		d.tape.load([]byte(c.value + "}," + by(ann, ""))) // what follows a short value counts
		if end := d.recall(c.slot, 0, 2); end != len(c.value) {
			t.Errorf("%s: known up to %d", c.value, end)
		}
		if end := d.recall(c.slot, 0, DefaultDepth); end != 0 {
			t.Errorf("%s: known at a depth where it never was", c.value)
		}
	}
}

func TestMemoIsBounded(t *testing.T) {
	long := strings.Replace(app, `"attributes"`, `"x":"`+strings.Repeat("x", memoBytes)+`","attributes"`, 1)
	number := strings.Repeat("1", memoBytes/2)
	d := warm(t, by(long, ""), by(number, ""), by(`"`+number+`"`, ""))
	for i := range 4 * memoSets * memoWays {
		r := by(strings.Replace(app, "worker", fmt.Sprint("worker", i), 1), "")
		if _, err := d.Decode("object", []byte(`[`+r+`,`+r+`]`), &counter{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, set := range d.memos.callers.sets {
		for _, v := range set.values {
			if text := strings.Join(v.parts, ""); len(text) > memoBytes || text != "" && text[0] != '{' {
				t.Fatalf("remembered: %.40s..., %d bytes", text, len(text))
			}
		}
	}
}

func TestCutAnywhereWithRememberedValues(t *testing.T) {
	d := warm(t, by(app, ""))
	whole := `{"Records":[` + by(app, "") + `]}`
	for n := range len(whole) {
		if _, err := d.Decode("object", []byte(whole[:n]), &counter{}); !errors.Is(err, ErrSyntax) {
			t.Errorf("cut after %d bytes (%q): %v, want ErrSyntax", n, whole[max(0, n-10):n], err)
		}
	}
}

// A record has as many values as it has, known or not.
func TestRememberedValuesCount(t *testing.T) {
	d := warm(t, by(app, ""))
	refused := 0
	const steps, around = 4, 64
	for step := range steps {
		n := maxTokens - around + step*around/steps
		object := []byte(`{"Records":[` + by(app, `,"x":[`+strings.Repeat("1,", n)+`1]`) + `]}`)
		_, got := d.Decode("object", object, &counter{})
		_, want := New(Limits{}).Decode("object", object, &counter{})
		if errors.Is(got, ErrTooLarge) != errors.Is(want, ErrTooLarge) {
			t.Errorf("%d values: %v where nothing is known, else %v", n, want, got)
		}
		if want != nil {
			refused++
		}
	}
	if refused == 0 || refused == steps {
		t.Errorf("%d of %d records refused: the limit is elsewhere", refused, steps)
	}
}
