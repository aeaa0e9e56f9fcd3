package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The year: an organisation's trail with one object of one record in every day
// folder.
const (
	yearAccounts = 10
	yearDays     = 365
	yearFolders  = yearAccounts * len(yearRegions) // one for each account and Region
	yearObjects  = yearFolders * yearDays
)

var (
	yearRegions = [15]string{
		"ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
		"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
		"sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}
	yearFirst = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	yearDay   = yearFirst.AddDate(0, 5, 16).Format(time.DateOnly) // one in its middle
)

// yearRecord is a call that touches an item: its time, Region, address, item,
// request, event and account are filled in.
const yearRecord = `{"Records":[{"eventVersion":"1.11","userIdentity":{"type":"AWSService","invokedBy":"dynamodb.amazonaws.com"},` +
	`"eventTime":"%sT00:02:03Z","eventSource":"dynamodb.amazonaws.com","eventName":"GetItem","awsRegion":"%s",` +
	`"sourceIPAddress":"10.1.%d.7","userAgent":"dynamodb.amazonaws.com","requestParameters":{"tableName":"orders","key":{"pk":"order#%d"}},` +
	`"responseElements":null,"requestID":"REQ%017d","eventID":"00000000-0000-4000-8000-%012d","readOnly":true,` +
	`"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"%s","eventCategory":"Data"}]}`

// makeYear writes the year's objects as files under dir.
func makeYear(dir string) error {
	var out bytes.Buffer
	zw, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		return err
	}
	for n := range yearObjects {
		account := fmt.Sprintf("%012d", 111122220000+n/yearDays/len(yearRegions))
		region := yearRegions[n/yearDays%len(yearRegions)]
		day := yearFirst.AddDate(0, 0, n%yearDays)
		out.Reset()
		zw.Reset(&out)
		fmt.Fprintf(zw, yearRecord, day.Format(time.DateOnly), region, n%250, n, n, n, account)
		if err := zw.Close(); err != nil {
			return err
		}
		folder := filepath.Join(dir, "AWSLogs", account, "CloudTrail", region, day.Format("2006/01/02"))
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		name := fmt.Sprintf("%s_CloudTrail_%s_%sT0005Z_%016X.json.gz", account, region, day.Format("20060102"), n)
		if err := os.WriteFile(filepath.Join(folder, name), out.Bytes(), 0o666); err != nil {
			return err
		}
	}
	return nil
}
