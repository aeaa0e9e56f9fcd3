package schema

import "testing"

func TestParseTableARN(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	orders := TableARN{ARN: table, Region: "eu-west-1", Account: "111122223333", Table: "orders"}
	sub := func(s string) TableARN { a := orders; a.Sub = s; return a }
	good := map[string]TableARN{
		table:                     orders,
		table + "/":               orders,
		table + "/index/by-state": sub("index/by-state"),
		table + "/stream/2026-01-05T08:00:00.000":            sub("stream/2026-01-05T08:00:00.000"),
		table + "/backup/01767600000000-0a1b2c3d":            sub("backup/01767600000000-0a1b2c3d"),
		table + "/export/01767600000000-0a1b2c3d":            sub("export/01767600000000-0a1b2c3d"),
		"arn:aws-cn:dynamodb:cn-north-1:1:table/t":           {ARN: "arn:aws-cn:dynamodb:cn-north-1:1:table/t", Region: "cn-north-1", Account: "1", Table: "t"},
		"arn:aws:dynamodb::111122223333:table/t":             {ARN: "arn:aws:dynamodb::111122223333:table/t", Account: "111122223333", Table: "t"},
		"arn:aws:dynamodb:::table/a:b c\x00":                 {ARN: "arn:aws:dynamodb:::table/a:b c\x00", Table: "a:b c\x00"},
		"arn:aws:dynamodb:r:1:table/../../etc":               {ARN: "arn:aws:dynamodb:r:1:table/..", Region: "r", Account: "1", Table: "..", Sub: "../etc"},
		"arn:aws:dynamodb::111122223333:global-table/orders": {Account: "111122223333", Table: "orders"},
	}
	for s, want := range good {
		if got, ok := ParseTableARN(s); !ok || got != want {
			t.Errorf("ParseTableARN(%q) = %+v, %v, want %+v", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "arn", "arn:", "orders", "arn:aws:dynamodb", "arn:aws:dynamodb:eu-west-1:111122223333", "arn:aws:dynamodb:eu-west-1:111122223333:table",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/", "arn:aws:dynamodb:eu-west-1:111122223333:table//index/i", "arn::dynamodb:r:1:table/t",
		"arn:aws:kinesis:eu-west-1:111122223333:stream/orders", "arn:aws:s3:::table/x", "ARN:aws:dynamodb:r:1:table/t", " " + table, "arn:aws:dynamodb:r:1:backup/t",
	} {
		if got, ok := ParseTableARN(s); ok {
			t.Errorf("ParseTableARN(%q) = %+v, want none", s, got)
		}
	}
}

func TestFindTableARN(t *testing.T) {
	const user = "User: arn:aws:sts::111122223333:assumed-role/app/main is not authorized to perform: dynamodb:GetItem on resource: "
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	for text, want := range map[string]string{
		table: table,
		user + table + " because no identity-based policy allows the dynamodb:GetItem action": table,
		user + table + "/index/by-state with an explicit deny":                                table,
		user + `"` + table + `"`:                                 table,
		user + "arn:aws:dynamodb:eu-west-1:111122223333:table/*": "",
		"arn:arn:arn:" + table + ", and more":                    table,
		"no arn: at all":                                         "",
		"":                                                       "",
	} {
		got, ok := FindTableARN(text)
		if got.ARN != want || ok != (want != "") {
			t.Errorf("FindTableARN(%q) = %+v, %v, want %q", text, got, ok, want)
		}
	}
}

func TestARNPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "aws", "": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-east-1": "aws",
	} {
		if got := ARNPartition(region); got != want {
			t.Errorf("ARNPartition(%q) = %q, want %q", region, got, want)
		}
	}
}
