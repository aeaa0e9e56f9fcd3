package awsconfig

import "strings"

// folder is the name of AWS Config's folder below an account.
const folder = "Config"

// Folder reports whether a prefix, ending in "/", is AWS Config's folder of an account.
func Folder(prefix string) bool {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	return below(parts) == 0
}

// Place is the delivery day of a folder below AWS Config's, padded and as far as it goes:
// "2016", "2016-09", "2016-09-27". It has that form and need not be a date that there is.
// ok is false outside of such a folder.
func Place(prefix string) (date string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	n := below(parts)
	if n < 0 {
		return "", false
	}
	for i, part := range parts[len(parts)-n:] {
		switch {
		case i == 0: // the Region
		case i > 3 || !digits(part) || i == 1 && len(part) != 4 || i > 1 && len(part) > 2:
			return date, true // of somebody else's making
		case i == 1:
			date = part
		case len(part) == 1:
			date += "-0" + part
		default:
			date += "-" + part
		}
	}
	return date, true
}

// below is how many parts of a path stand below AWS Config's folder, -1 for other paths.
func below(parts []string) int {
	for i := len(parts) - 1; i >= 2; i-- {
		if parts[i] != folder || !account(parts[i-1]) {
			continue
		}
		if parts[i-2] == "AWSLogs" || i >= 3 && parts[i-3] == "AWSLogs" && strings.HasPrefix(parts[i-2], "o-") {
			return len(parts) - 1 - i
		}
	}
	return -1
}

// Within reports whether an object lies in AWS Config's folder of an account.
func Within(key string) bool { return below(strings.Split(key, "/")) > 0 }

// File reports whether an object's name is that of a file that may tell of tables: a
// snapshot, which has all kinds of resources, or a history of tables or of verdicts. A
// number behind the name is what download tools add to a second copy.
func File(key string) bool {
	name := key[strings.LastIndexByte(key, '/')+1:]
	part := strings.SplitN(name, "_", 5)
	if len(part) < 5 || !account(part[0]) || part[1] != folder || !strings.Contains(name, ".json") {
		return false
	}
	switch part[3] {
	case "ConfigSnapshot":
		return true
	case "ConfigHistory":
		kind, _, _ := strings.Cut(part[4], "_")
		kind = strings.NewReplacer("%3A", ":", "%3a", ":").Replace(kind)
		return kind == typeTable || kind == typeCompliance
	}
	return false
}

func account(s string) bool { return len(s) == 12 && digits(s) }

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
