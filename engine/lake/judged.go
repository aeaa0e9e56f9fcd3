package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Judged says that an event day was judged, in which state it was then, and what people
// were told of it. It lies in _keytrail/judged/day=<day>.json.
type Judged struct {
	Day     string    `json:"day"`
	Version string    `json:"version"` // [Lake.DayVersion] of what was judged
	Commit  int64     `json:"commit"`  // the journal's last when it was judged
	RunID   string    `json:"run_id"`  // of the run that judged it last
	At      time.Time `json:"at"`
	// Pending are the ids of findings that people are to be told of and were not yet: a
	// run that ends in between leaves them to the next one.
	Pending []string `json:"pending,omitempty"`
	// Told are the findings that people were told of, with how bad they were then.
	Told map[string]schema.Severity `json:"told,omitempty"` // by id
}

const (
	judgedPrefix = internalPrefix + "judged/day="
	runsPrefix   = internalPrefix + "runs/"
	jsonSuffix   = ".json"
)

// maxDocument bounds what is read of one document about a day or a run.
const maxDocument = 64 << 20

// DayVersion names the state of an event day's touches: equal whenever the same rows are
// there. It is the hash of what the journal has as the day's files; empty for a day
// without any.
func (l *Lake) DayVersion(ctx context.Context, day string) (string, error) {
	files, err := l.Manifest(ctx, day)
	if err != nil || len(files) == 0 {
		return "", err
	}
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %s %d\n", TouchKey(f.Partition, f.Bucket), f.SHA256, f.Rows)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Judged returns what is known of the judging of a day, nil when it was not judged.
func (l *Lake) Judged(ctx context.Context, day string) (*Judged, error) {
	j, _, err := l.judged(ctx, day)
	return j, err
}

func (l *Lake) judged(ctx context.Context, day string) (*Judged, string, error) {
	key := judgedPrefix + day + jsonSuffix
	const hint = "move this file out of the lake: the day will be judged again, and told again"
	data, info, err := l.readAll(ctx, key, maxDocument, hint)
	if errors.Is(err, object.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	j := new(Judged)
	if err := json.Unmarshal(data, j); err != nil || j.Day != day {
		return nil, "", corrupt(key, hint, errors.Join(err, fmt.Errorf("it is of day %q", j.Day)))
	}
	return j, info.ETag, nil
}

// JudgedDays lists the days that were judged, in order.
func (l *Lake) JudgedDays(ctx context.Context) (days []string, err error) {
	err = l.store.List(ctx, judgedPrefix, func(o object.Info) error {
		if day, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, judgedPrefix), jsonSuffix); ok && validDay(day) {
			days = append(days, day)
		}
		return nil
	})
	slices.Sort(days)
	return days, err
}

// UpdateJudged replaces what is known of a day's judging by edit's answer, which gets
// what is there: a zero value with the day when nothing is.
func (l *Lake) UpdateJudged(ctx context.Context, day string, edit func(*Judged)) error {
	if !validDay(day) {
		return fmt.Errorf("%q is no day (YYYY-MM-DD)", day)
	}
	for try := 0; ; try++ {
		j, etag, err := l.judged(ctx, day)
		if err != nil {
			return err
		}
		if j == nil {
			j = &Judged{Day: day}
		}
		edit(j)
		data, err := json.Marshal(j)
		if err != nil {
			return err
		}
		cond := object.Condition{IfMatch: etag, IfAbsent: etag == ""}
		_, err = l.store.Put(ctx, judgedPrefix+day+jsonSuffix, bytes.NewReader(data), int64(len(data)), cond)
		if !errors.Is(err, object.ErrCondition) && !errors.Is(err, object.ErrNotExist) || try == maxTries {
			return err
		}
		if err := backoff(ctx, try); err != nil {
			return err
		}
	}
}

// RecordRun keeps the record of a run, a JSON document, under _keytrail/runs/. A run's
// id is of letters, digits and "-". A run may be recorded again, as it goes on.
func (l *Lake) RecordRun(ctx context.Context, id string, record []byte) error {
	if strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" || id == "" {
		return fmt.Errorf("%q is no id of a run", id)
	}
	_, err := l.store.Put(ctx, runsPrefix+id+jsonSuffix, bytes.NewReader(record), int64(len(record)), object.Condition{})
	return err
}

// Runs lists the ids of the runs that are recorded, in order.
func (l *Lake) Runs(ctx context.Context) (ids []string, err error) {
	err = l.store.List(ctx, runsPrefix, func(o object.Info) error {
		if id, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, runsPrefix), jsonSuffix); ok {
			ids = append(ids, id)
		}
		return nil
	})
	slices.Sort(ids)
	return ids, err
}

// Run returns the record of a run, [object.ErrNotExist] when there is none.
func (l *Lake) Run(ctx context.Context, id string) ([]byte, error) {
	data, _, err := l.readAll(ctx, runsPrefix+id+jsonSuffix, maxDocument, "")
	return data, err
}

func validDay(day string) bool {
	n, err := schema.ParseDay(day)
	return err == nil && schema.DayString(n) == day
}
