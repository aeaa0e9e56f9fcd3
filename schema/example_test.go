package schema_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// However a request writes it, an item has one key.
func ExampleItemKey() {
	for _, raw := range []string{
		`{"sk": "profile", "pk": "customer#1042"}`,
		`{"pk": {"S": "customer#1042"}, "sk": {"S": "profile"}}`,
		`{"id": {"N": "7"}}`,
		`"customer#1042"`,
	} {
		key, values, ok := schema.ItemKey([]byte(raw))
		fmt.Printf("%s %q %v\n", key, values, ok)
	}
	// Output:
	// {"pk":"customer#1042","sk":"profile"} ["customer#1042" "profile"] true
	// {"pk":"customer#1042","sk":"profile"} ["customer#1042" "profile"] true
	// {"id":"7"} ["7"] true
	//  [] false
}

func ExampleParseTableARN() {
	arn, ok := schema.ParseTableARN("arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-state")
	fmt.Println(arn.Account, arn.Region, arn.Table, arn.Sub, ok)
	fmt.Println(arn.ARN)
	_, ok = schema.ParseTableARN("arn:aws:s3:::orders")
	fmt.Println(ok)
	// Output:
	// 111122223333 eu-west-1 orders index/by-state true
	// arn:aws:dynamodb:eu-west-1:111122223333:table/orders
	// false
}

// What makes a lake readable for another engine: here only the lines that say where.
func ExampleDDL_SQL() {
	d := schema.DDL{Location: "s3://my-audit-lake/keytrail", Database: "keytrail"}
	sql, err := d.SQL("spark")
	if err != nil {
		log.Fatal(err)
	}
	for line := range strings.Lines(sql) {
		if strings.HasPrefix(line, "CREATE TABLE") || strings.HasPrefix(line, "LOCATION") {
			fmt.Print(line)
		}
	}
	// Output:
	// CREATE TABLE `keytrail`.`touches` (
	// LOCATION 's3a://my-audit-lake/keytrail/touches'
	// CREATE TABLE `keytrail`.`ledger` (
	// LOCATION 's3a://my-audit-lake/keytrail/ledger'
	// CREATE TABLE `keytrail`.`rollup` (
	// LOCATION 's3a://my-audit-lake/keytrail/rollup'
	// CREATE TABLE `keytrail`.`quarantine` (
	// LOCATION 's3a://my-audit-lake/keytrail/quarantine'
	// CREATE TABLE `keytrail`.`config` (
	// LOCATION 's3a://my-audit-lake/keytrail/config'
	// CREATE TABLE `keytrail`.`findings` (
	// LOCATION 's3a://my-audit-lake/keytrail/findings'
}
