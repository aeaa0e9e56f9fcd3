package lake

import (
	"context"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Aged is a kind of files that are about one day each, other than touches, and may be
// removed when that day is long ago.
type Aged string

// The kinds of such files. The ledger is none: it is what tells an ingest which objects
// were read.
const (
	AgedRollup     Aged = "rollup"
	AgedQuarantine Aged = "quarantine" // by delivery day
	AgedFindings   Aged = "findings"
	AgedProfiles   Aged = "profiles"
	AgedJudged     Aged = "judged"
	AgedRuns       Aged = "runs" // by the day on which they began
)

// agedPrefixes are where they lie.
var agedPrefixes = map[Aged]string{
	AgedRollup: rollupDir, AgedQuarantine: quarantineDir, AgedFindings: findingsDir,
	AgedProfiles: profileDir, AgedJudged: judgedPrefix, AgedRuns: runsPrefix,
}

// AgedFile is such a file.
type AgedFile struct {
	Key  string
	Day  string // YYYY-MM-DD
	Size int64
}

// AgedFiles lists the files of a kind that are about a day before one, in order of their
// keys. Those of no day are never among them.
func (l *Lake) AgedFiles(ctx context.Context, of Aged, before string) (files []AgedFile, err error) {
	prefix := agedPrefixes[of]
	err = l.store.List(ctx, prefix, func(o object.Info) error {
		if day := agedDay(of, strings.TrimPrefix(o.Key, prefix)); day != "" && day < before {
			files = append(files, AgedFile{o.Key, day, o.Size})
		}
		return nil
	})
	return files, err
}

// agedDay is the day that the rest of a key begins with; empty when that is none.
func agedDay(of Aged, rest string) string {
	if of == AgedRuns {
		at, err := time.Parse("2006-01-02T15-04-05Z", strings.TrimSuffix(rest, jsonSuffix))
		if err != nil {
			return ""
		}
		return at.Format(time.DateOnly)
	}
	if len(rest) <= len(time.DateOnly) {
		return ""
	}
	day := rest[:len(time.DateOnly)]
	if n, err := schema.ParseDay(day); err != nil || schema.DayString(n) != day {
		return ""
	}
	return day
}

// RemoveAged removes one of these files; one that is not there is no error.
func (l *Lake) RemoveAged(ctx context.Context, f AgedFile) error { return l.store.Delete(ctx, f.Key) }
