package setup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestCheckOptions(t *testing.T) {
	many := make([]string, 248)
	for i := range many {
		many[i] = fmt.Sprintf("%s-%d", orders, i)
	}
	for name, c := range map[string]struct {
		change func(*Options)
		says   string
	}{
		"no bucket":           {func(o *Options) { o.Bucket = "" }, "--bucket: which bucket"},
		"dots":                {func(o *Options) { o.Bucket = "a.b.c" }, "has a dot"},
		"capitals":            {func(o *Options) { o.Bucket = "Trail" }, "no name for a bucket"},
		"reserved":            {func(o *Options) { o.Bucket = "trail-s3alias" }, "no name for a bucket"},
		"long":                {func(o *Options) { o.Bucket = strings.Repeat("a", 57) }, "too long"},
		"quoted":              {func(o *Options) { o.Bucket = `a"b${x}` }, "no name for a bucket"},
		"no region":           {func(o *Options) { o.Region = "" }, "--region: which Region"},
		"bad region":          {func(o *Options) { o.Region = "Frankfurt" }, "is no Region"},
		"name":                {func(o *Options) { o.Name = "a b" }, "no name for a trail"},
		"wildcard":            {func(o *Options) { o.Tables = []string{"arn:aws:dynamodb:eu-central-1:111122223333:table/*"} }, "selectors know no wildcards"},
		"not a table":         {func(o *Options) { o.Tables = []string{"orders"} }, "is no ARN of a table"},
		"index":               {func(o *Options) { o.Tables = []string{orders + "/index/by-day"} }, "write " + orders},
		"no account":          {func(o *Options) { o.Tables = []string{"arn:aws:dynamodb:eu-central-1::table/orders"} }, "account of 12 digits"},
		"two accounts":        {func(o *Options) { o.Tables = []string{orders, strings.ReplaceAll(orders, "1111", "2222")} }, "--organization"},
		"too many":            {func(o *Options) { o.Tables = many }, "248 tables do not fit"},
		"tables and regions":  {func(o *Options) { o.Tables, o.Regions = []string{orders}, []string{"eu-west-1"} }, "named already"},
		"lake in the log":     {func(o *Options) { o.Lake = "s3://example-trail/lake" }, "the evidence"},
		"lake in access logs": {func(o *Options) { o.Lake = "s3://example-trail-access/lake" }, "the evidence"},
		"lake is a directory": {func(o *Options) { o.Lake = "lake" }, "no place in a bucket"},
		"lake's prefix":       {func(o *Options) { o.Lake = "s3://example-lake/a b" }, "for the prefix"},
		"glacier too early":   {func(o *Options) { o.GlacierDays, o.GlacierClass = 30, Flexible }, "up to 30 days late"},
		"glacier's class":     {func(o *Options) { o.GlacierClass = "cold" }, "take instant, flexible or deep"},
		"expires too early":   {func(o *Options) { o.ExpireDays = 7 }, "up to 30 days late"},
		"expires when paid":   {func(o *Options) { o.GlacierDays, o.ExpireDays = 90, 100 }, "take 180 days or more"},
		"negative":            {func(o *Options) { o.LockDays = -1 }, "no number of days"},
		"locked for longer":   {func(o *Options) { o.LockDays, o.ExpireDays = 500, 400 }, "cannot be deleted"},
		"lock's mode":         {func(o *Options) { o.LockMode = "hard" }, "governance or compliance"},
		"everybody":           {func(o *Options) { o.Readers = []string{"*"} }, "would be everybody"},
		"topic":               {func(o *Options) { o.Topics = []string{"audit"} }, "--alert-topic: \"audit\" is no ARN of a topic"},
		"nightly":             {func(o *Options) { o.Nightly = "lambda" }, "fargate or none"},
		"cron of Unix":        {func(o *Options) { o.Schedule = "5 1 * * *" }, "six fields"},
		"subnet":              {func(o *Options) { o.Subnets = []string{"10.0.0.0/8"} }, "no id of a subnet"},
		"database":            {func(o *Options) { o.Database = "Key-Trail" }, "no name for a database"},
	} {
		o := Options{Bucket: "example-trail", Region: "eu-central-1"}
		c.change(&o)
		_, err := o.Files()
		if wrong := new(Error); !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
	}
	o := Options{Bucket: "example-trail", Region: "eu-central-1", Tables: many[:247]}
	if _, err := o.Files(); err != nil {
		t.Errorf("247 tables: %v", err)
	}
}

// Options in another order give the same bytes.
func TestSameOptionsSameBytes(t *testing.T) {
	one := Options{Bucket: "example-trail", Region: "eu-central-1", Tables: []string{orders, clients, orders}}
	other := one
	other.Tables = []string{clients, orders}
	a, err := one.Files()
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.Files()
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Errorf("%s differs", a[i].Name)
		}
	}
}

// Text is text, whatever is in it.
func TestQuote(t *testing.T) {
	for _, text := range []string{"", "a", `a"b\c`, "${var.x}", "%{if true}", "$${x}", "$", "%", "${", "a\nb\tc\x00\x7f", "é漢\u2028", "100%", "$$$${"} {
		expr, diags := hclsyntax.ParseExpression([]byte(quote(text)), "", hcl.InitialPos)
		if diags.HasErrors() {
			t.Errorf("%q: %v", text, diags)
			continue
		}
		if v, diags := expr.Value(nil); diags.HasErrors() || v.AsString() != text {
			t.Errorf("%q became %s: %v", text, quote(text), diags)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	files := []File{{"a.tf", []byte("a")}, {"sub/b", []byte("b")}}
	if err := Write(dir, files, false); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, files, false); err != nil {
		t.Errorf("the same again: %v", err)
	}
	mine := []byte("mine")
	if err := os.WriteFile(filepath.Join(dir, "sub/b"), mine, 0o600); err != nil {
		t.Fatal(err)
	}
	changed := []File{{"a.tf", []byte("new")}, {"sub/b", []byte("b")}}
	err := Write(dir, changed, false)
	if !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), "a.tf, sub/b") {
		t.Errorf("%v", err)
	}
	for name, want := range map[string]string{"a.tf": "a", "sub/b": "mine"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s was touched: %q, %v", name, got, err)
		}
	}
	if err := Write(dir, changed, true); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "sub/b")); err != nil || string(got) != "b" {
		t.Errorf("not replaced: %q, %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".keytrail-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
