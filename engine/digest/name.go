package digest

import (
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
)

const (
	logsFolder   = "CloudTrail"
	digestFolder = "CloudTrail-Digest"
)

// chainName is what tells the chains of one account and Region apart. A trail's
// backfill digests are a chain of their own.
type chainName struct {
	trail, home string
	backfill    bool
}

// parseName reads the name of a digest:
// account_CloudTrail-Digest_region_trail_home-region_YYYYMMDDTHHMMSSZ[_backfill].json.gz.
// A trail's name may have "_" in it; a Region's has none.
func parseName(key string) (c chainName, end time.Time, ok bool) {
	name := key[strings.LastIndexByte(key, '/')+1:]
	name, ok = strings.CutSuffix(name, ".json.gz")
	if !ok {
		return c, end, false
	}
	name, c.backfill = strings.CutSuffix(name, "_backfill")
	parts := strings.SplitN(name, "_", 4)
	if len(parts) < 4 || parts[1] != digestFolder {
		return c, end, false
	}
	rest, stamp, ok := cutLast(parts[3])
	if !ok {
		return c, end, false
	}
	if c.trail, c.home, ok = cutLast(rest); !ok || c.trail == "" {
		return c, end, false
	}
	end, err := time.Parse("20060102T150405Z", stamp)
	return c, end, err == nil
}

func cutLast(s string) (before, after string, ok bool) {
	at := strings.LastIndexByte(s, '_')
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

// delivered is when a log was delivered: as its name says, to the minute, or else
// as the store says.
func delivered(o object.Info) time.Time {
	name := o.Key[strings.LastIndexByte(o.Key, '/')+1:]
	if parts := strings.SplitN(name, "_", 5); len(parts) > 3 {
		if t, err := time.Parse("20060102T1504Z", parts[3]); err == nil {
			return t
		}
	}
	return o.LastModified
}

// area is one account and Region of one trail bucket: what digests speak of.
type area struct {
	base   string // the account's folder, ending in "/"
	region string
}

func (a area) logs() string    { return a.base + logsFolder + "/" + a.region + "/" }
func (a area) digests() string { return a.base + digestFolder + "/" + a.region + "/" }

// lead is what stands before the canonical name of every key in the area.
func (a area) lead() string {
	lead, _ := object.Canonical("", a.base)
	return lead
}

// areaOf is the area that a folder belongs to. below is whether there may be areas
// below the folder, when it belongs to none.
func areaOf(folder string) (a area, ok, below bool) {
	lead, name := object.Canonical("", folder)
	parts := strings.Split(strings.TrimSuffix(name, "/"), "/")
	if parts[0] != "AWSLogs" {
		return a, false, true
	}
	at := 1
	if len(parts) > at && strings.HasPrefix(parts[at], "o-") {
		at++
	}
	if len(parts) <= at+1 { // nothing below the account
		return a, false, true
	}
	if parts[at+1] != logsFolder && parts[at+1] != digestFolder {
		return a, false, false
	}
	if len(parts) <= at+2 {
		return a, false, true
	}
	return area{lead + strings.Join(parts[:at+1], "/") + "/", parts[at+2]}, true, false
}
