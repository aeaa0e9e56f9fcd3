package object

import (
	"path"
	"strings"
	"time"
)

// Kind is what a key says its object holds.
type Kind string

// Kinds. [KindUnknown] means that the name does not tell: the content must.
const (
	KindUnknown    Kind = ""
	KindCloudTrail Kind = "cloudtrail"
	KindDigest     Kind = "digest"
	KindInsight    Kind = "insight"
	KindNetwork    Kind = "network"
	KindAggregated Kind = "aggregated"
	KindForeign    Kind = "foreign" // no log of CloudTrail's
	// KindConfig is a file of AWS Config that may tell of tables. [ParseKey] calls those
	// foreign, as they are to whoever reads logs.
	KindConfig Kind = "config"
)

// Key is what an object's key says about it. Every member but Kind is a hint
// and may be empty.
type Key struct {
	Kind    Kind
	Org     string // organisation id, "o-…"
	Account string // 12 digits
	Region  string
	Day     string // delivery day, YYYY-MM-DD
}

// folders are the names that CloudTrail gives to folders under an account, and
// to files ("CloudTrail User Guide, getting and viewing your log files").
var folders = map[string]Kind{
	"CloudTrail":                 KindCloudTrail,
	"CloudTrail-Digest":          KindDigest,
	"CloudTrail-Insight":         KindInsight,
	"CloudTrail-NetworkActivity": KindNetwork,
	"CloudTrail-Aggregated":      KindAggregated,
}

// ParseKey reads the layouts that CloudTrail writes:
//
//	[prefix/]AWSLogs/[o-org/]account/folder/region/YYYY/MM/DD/file
//
// and, where the folders are gone because somebody downloaded what they needed,
// the file's own name. The path wins where both speak. Any text is good input.
func ParseKey(key string) Key {
	name := key[strings.LastIndexByte(key, '/')+1:]
	fromName := parseName(name)
	k, ok := parsePath(key)
	if !ok {
		k = fromName
	}
	if k.Account == fromName.Account {
		k.Region = first(k.Region, fromName.Region)
		k.Day = first(k.Day, fromName.Day)
	}
	if k.Kind == KindUnknown {
		k.Kind = fromName.Kind
	}
	if !readable(name) || ownFile(key) {
		k.Kind = KindForeign
	}
	return k
}

// parsePath reads the folders; ok is false when none of them is an account
// below "AWSLogs".
func parsePath(key string) (k Key, ok bool) {
	segments := strings.Split(key, "/")
	folder := segments[:len(segments)-1]
	at := -1
	for i := len(folder) - 2; i >= 0 && at < 0; i-- {
		if folder[i] != logsFolder {
			continue
		}
		next := folder[i+1:]
		if len(next) > 1 && isOrg(next[0]) && isAccount(next[1]) {
			k.Org, at = next[0], i+2
		} else if isAccount(strings.TrimPrefix(next[0], "aws-account-id=")) {
			at = i + 1
		}
	}
	if at < 0 {
		return Key{}, false
	}
	k.Account = strings.TrimPrefix(folder[at], "aws-account-id=")
	rest := folder[at+1:]
	if len(rest) == 0 {
		return k, true
	}
	if k.Kind = folders[rest[0]]; k.Kind == KindUnknown {
		k.Kind = KindForeign // another service's: Config, elasticloadbalancing, …
	}
	rest = rest[1:]
	if len(rest) > 0 && isRegion(rest[0]) {
		k.Region, rest = rest[0], rest[1:]
		if len(rest) >= 3 {
			k.Day = dayOf(rest[0], rest[1], rest[2])
		}
	}
	return k, true
}

// parseName reads account_CloudTrail[-Folder]_region_YYYYMMDDTHHmmZ_unique, the
// older form without the last "_", and the digests' longer one
// (…_region_trail_home-region_YYYYMMDDTHHmmssZ).
func parseName(name string) Key {
	part := strings.SplitN(name, "_", 4)
	if len(part) < 4 || !isAccount(part[0]) || !isRegion(part[2]) {
		return Key{}
	}
	k := Key{Kind: KindForeign, Account: part[0], Region: part[2]}
	if kind := folders[part[1]]; kind != KindUnknown {
		k.Kind = kind
	}
	// A digest's trail may itself be called 20260101T0000Z: the last time is ours.
	for _, s := range strings.Split(part[3], "_") {
		if day := stampDay(s); day != "" {
			k.Day = day
			if k.Kind != KindDigest {
				break
			}
		}
	}
	return k
}

// stampDay is the day of text that starts like 20260105T0805Z or
// 20260105T080500Z, or "".
func stampDay(s string) string {
	if len(s) < len("20060102T1504Z") || s[8] != 'T' {
		return ""
	}
	clock, _, ok := strings.Cut(s[9:], "Z")
	if !ok || (len(clock) != 4 && len(clock) != 6) || !digits(clock) {
		return ""
	}
	return dayOf(s[:4], s[4:6], s[6:8])
}

// dayOf is the day in canonical form, or "" when there is no such day. AWS
// Config writes months and days without padding.
func dayOf(year, month, day string) string {
	if len(year) != 4 || len(month) > 2 || len(day) > 2 || !digits(year) || !digits(month) || !digits(day) {
		return ""
	}
	t, err := time.Parse("2006-1-2", year+"-"+month+"-"+day)
	if err != nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// readable reports whether a file's name is one that JSON logs have. A number
// behind it is what download tools add to a second copy.
func readable(name string) bool {
	if strings.HasPrefix(name, "._") { // macOS leaves these beside copied files
		return false
	}
	ext := path.Ext(name)
	if len(ext) > 1 && digits(ext[1:]) {
		name = strings.TrimSuffix(name, ext)
		ext = path.Ext(name)
	}
	switch strings.ToLower(ext) {
	case ".gz", ".json", ".jsonl", ".ndjson":
		return true
	}
	return false
}

// ownFile reports whether a key is bookkeeping of a lake that lies inside the
// source.
func ownFile(key string) bool {
	return strings.HasPrefix(key, "_keytrail/") || strings.Contains(key, "/_keytrail/")
}

func isAccount(s string) bool { return len(s) == 12 && digits(s) }

// isOrg accepts an AWS Organizations id: "o-" and lower-case letters or digits.
func isOrg(s string) bool {
	id, ok := strings.CutPrefix(s, "o-")
	if !ok || id == "" || len(id) > 32 {
		return false
	}
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// isRegion accepts the form of Region names, not a list of them: words of
// lower-case letters and a number, as in us-gov-west-1.
func isRegion(s string) bool {
	word := strings.Split(s, "-")
	if len(s) > 32 || len(word) < 3 {
		return false
	}
	last := len(word) - 1
	for _, w := range word[:last] {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return len(word[last]) <= 2 && digits(word[last])
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
