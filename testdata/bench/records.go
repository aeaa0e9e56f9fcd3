package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// record is one record of the sample, its JSON as the sample wrote it.
type record struct {
	json    []byte
	at      time.Time
	foreign bool
}

// stream is what one account delivers from one Region, in the order of time.
type stream struct {
	account, region string
	records         []record
}

// foreignShare is how many of a hundred records are other services' calls.
const foreignShare = 12

// readSample reads every record of the sample under dir once, leaving out kinds
// that are not for this race, and enough of the others for the foreign share.
func readSample(dir string, c *Corpus) ([]*stream, error) {
	seen := map[string]bool{}
	byName := map[string]*stream{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(d.Name(), "_CloudTrail_") {
			return err
		}
		records, err := readObject(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, text := range records {
			var f fields
			if json.Unmarshal(text, &f) != nil || f.EventID == "" || seen[f.EventID] {
				continue
			}
			seen[f.EventID] = true
			r := record{json: text, at: f.EventTime, foreign: f.EventSource != dynamodb}
			if !f.wanted(text) {
				c.LeftOut++
				continue
			}
			c.TouchesMax = max(c.TouchesMax, len(f.items()))
			name := f.RecipientAccountID + " " + f.AWSRegion
			s := byName[name]
			if s == nil {
				s = &stream{account: f.RecipientAccountID, region: f.AWSRegion}
				byName[name] = s
			}
			s.records = append(s.records, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	streams := make([]*stream, 0, len(byName))
	for _, s := range byName {
		slices.SortStableFunc(s.records, func(a, b record) int {
			if d := a.at.Compare(b.at); d != 0 {
				return d
			}
			return bytes.Compare(a.json, b.json)
		})
		s.thin()
		streams = append(streams, s)
	}
	slices.SortFunc(streams, func(a, b *stream) int { return strings.Compare(a.account+a.region, b.account+b.region) })
	return streams, nil
}

// thin drops records of whichever kind is too many, so that of any stretch of the
// stream the foreign share is about right.
func (s *stream) thin() {
	total := 0
	for _, r := range s.records {
		if r.foreign {
			total++
		}
	}
	excess := total*100 > foreignShare*len(s.records) // of foreign calls; else of ours
	kept, foreign, ours := s.records[:0], 0, 0
	for _, r := range s.records {
		switch {
		case r.foreign && excess && (foreign+1)*(100-foreignShare) > foreignShare*(ours+foreignShare):
			continue
		case !r.foreign && !excess && (ours+1)*foreignShare > (100-foreignShare)*(foreign+foreignShare):
			continue
		case r.foreign:
			foreign++
		default:
			ours++
		}
		kept = append(kept, r)
	}
	s.records = kept
}

func readObject(path string) ([]json.RawMessage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		return nil, err
	}
	var doc struct{ Records []json.RawMessage }
	return doc.Records, json.Unmarshal(text, &doc)
}

const dynamodb = "dynamodb.amazonaws.com"

// fields are what decides whether a record is in the race.
type fields struct {
	EventID            string
	EventTime          time.Time
	EventSource        string
	EventName          string
	EventType          string
	EventCategory      string
	AWSRegion          string
	RecipientAccountID string
	RequestParameters  *struct {
		TableName     string
		Key           json.RawMessage
		RequestItems  json.RawMessage
		TransactItems json.RawMessage
	}
}

// items are the items of a batch or transaction, nil for any other call.
func (f *fields) items() (list []struct {
	TableName string
	Key       map[string]any
	Keys      json.RawMessage
}) {
	if f.RequestParameters == nil {
		return nil
	}
	for _, text := range []json.RawMessage{f.RequestParameters.RequestItems, f.RequestParameters.TransactItems} {
		if len(text) > 0 && json.Unmarshal(text, &list) != nil {
			return nil
		}
	}
	return list
}

// wanted reports whether the peers' SQL counts the rows of the record exactly:
// calls on items in their documented form, calls that are one row each, and
// services that have nothing to do with DynamoDB. What else a trail has (requests
// left out, maps for lists, restores, PartiQL, KMS for a table) is a few per cent
// and would make the SQL longer, not faster.
func (f *fields) wanted(text []byte) bool {
	if f.EventType != "AwsApiCall" || f.EventTime.IsZero() || f.EventCategory != "Data" && f.EventCategory != "Management" || f.RecipientAccountID == "" || f.AWSRegion == "" {
		return false
	}
	switch f.EventSource {
	case "s3.amazonaws.com", "lambda.amazonaws.com", "logs.amazonaws.com", "ec2.amazonaws.com", "iam.amazonaws.com":
		return true
	case "kms.amazonaws.com":
		return !bytes.Contains(text, []byte("dynamodb.amazonaws.com")) && !bytes.Contains(text, []byte("aws:dynamodb"))
	case dynamodb:
	default:
		return false
	}
	switch f.EventName {
	case "GetItem", "PutItem", "UpdateItem", "DeleteItem":
		return f.RequestParameters != nil && bytes.HasPrefix(f.RequestParameters.Key, []byte("{"))
	case "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		items := f.items()
		for _, item := range items {
			if item.TableName == "" || len(item.Key) == 0 || item.Keys != nil {
				return false
			}
		}
		return len(items) > 0
	case "Query", "Scan", "GetRecords", "GetShardIterator", "DescribeTable", "DescribeStream", "DescribeTimeToLive",
		"DescribeContinuousBackups", "ListTagsOfResource", "ListTables":
		return true
	}
	return false
}
