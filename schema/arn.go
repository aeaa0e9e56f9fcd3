package schema

import "strings"

// TableARN is a DynamoDB ARN that names a table, taken apart. All parts are
// substrings of the text it was parsed from.
type TableARN struct {
	// ARN of the table itself: whatever followed the table name is cut off.
	// Empty for a (2017) global table, which is known by name alone.
	ARN     string
	Region  string
	Account string
	Table   string
	Sub     string // what followed the name: "index/by-state", "stream/2026-01-05T08:00:00.000"
}

// ParseTableARN takes apart the ARN of a table or of something that belongs to
// one: an index, stream, backup, export or import. The partition (aws, aws-cn,
// aws-us-gov, ...) may be any. The table name is reported as it stands and need
// not be a legal one.
func ParseTableARN(s string) (TableARN, bool) {
	rest, ok := strings.CutPrefix(s, "arn:")
	if !ok {
		return TableARN{}, false
	}
	partition, rest, ok := strings.Cut(rest, ":")
	if !ok || partition == "" {
		return TableARN{}, false
	}
	rest, ok = strings.CutPrefix(rest, "dynamodb:")
	if !ok {
		return TableARN{}, false
	}
	region, rest, ok := strings.Cut(rest, ":")
	if !ok {
		return TableARN{}, false
	}
	account, resource, ok := strings.Cut(rest, ":")
	if !ok {
		return TableARN{}, false
	}
	path, isTable := strings.CutPrefix(resource, "table/")
	if !isTable {
		if path, ok = strings.CutPrefix(resource, "global-table/"); !ok {
			return TableARN{}, false
		}
	}
	name, sub, _ := strings.Cut(path, "/")
	if name == "" {
		return TableARN{}, false
	}
	arn := TableARN{Region: region, Account: account, Table: name, Sub: sub}
	if isTable {
		arn.ARN = s[:len(s)-len(path)+len(name)]
	}
	return arn, true
}

// FindTableARN returns the first table ARN inside running text, such as the
// message of a denied call ("... on resource: arn:aws:dynamodb:... because ...").
// An ARN in text ends at the first byte that no DynamoDB ARN contains.
func FindTableARN(text string) (TableARN, bool) {
	for {
		start := strings.Index(text, "arn:")
		if start < 0 {
			return TableARN{}, false
		}
		text = text[start:]
		end := 0
		for end < len(text) && arnByte(text[end]) {
			end++
		}
		if arn, ok := ParseTableARN(text[:end]); ok {
			return arn, true
		}
		text = text[len("arn:"):]
	}
}

func arnByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c == ':' || c == '/' || c == '-' || c == '_' || c == '.'
	}
}

// ARNPartition is the partition that a Region's ARNs begin with: "aws",
// "aws-cn" or "aws-us-gov".
func ARNPartition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
