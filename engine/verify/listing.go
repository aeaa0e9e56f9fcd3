package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// Where small tables lie. These are promises to other people's SQL (README, "The
// lake"), said here once more so that a lake is held to them and not to the code.
const (
	ledgerDir     = "ledger/delivery_day="
	rollupDir     = "rollup/day="
	quarantineDir = "quarantine/day="
	findingsDir   = "findings/day="
	configDir     = "config/day="
	findingsLines = "/_findings.jsonl"
	internalDir   = "_keytrail/"
	formatKey     = internalDir + "format.json"
	leaseKey      = internalDir + "lease.json"
	journalDir    = internalDir + "journal/"
	manifestDir   = internalDir + "manifest/day="
	coverageKey   = internalDir + "coverage"
	keysKey       = internalDir + "keys.json"
	profileDir    = internalDir + "profile/day="
)

// listing is what lies in the lake, by what it is.
type listing struct {
	touches    map[schema.Partition]map[int]object.Info // by bucket
	ledger     []string                                 // days
	rollup     []string
	quarantine []string
	findings   []string
	config     []string
	told       []string // days of findings as JSON Lines
	journal    []int64
	manifest   []string // days
	lease      bool
	coverage   bool
}

// list lists the whole lake. What is nothing of ours is a finding.
func (c *check) list(ctx context.Context) (*listing, error) {
	found := &listing{touches: map[schema.Partition]map[int]object.Info{}}
	err := c.store.List(ctx, "", func(o object.Info) error {
		if !found.take(o) {
			c.add(KindStray, o.Key, "a file of %d bytes that is no part of a lake", o.Size)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the lake: %w", err)
	}
	c.Partitions = int64(len(found.touches))
	return found, nil
}

// take reports whether an object is one that a lake has.
func (l *listing) take(o object.Info) bool {
	if p, bucket, ok := touchKey(o.Key); ok {
		if l.touches[p] == nil {
			l.touches[p] = map[int]object.Info{}
		}
		l.touches[p][bucket] = o
		return true
	}
	for dir, days := range map[string]*[]string{
		ledgerDir: &l.ledger, rollupDir: &l.rollup, quarantineDir: &l.quarantine, manifestDir: &l.manifest, findingsDir: &l.findings,
		configDir: &l.config,
	} {
		if day, ok := tableDay(dir, o.Key); ok && (day != "" || dir == ledgerDir || dir == quarantineDir) {
			*days = append(*days, day)
			return true
		}
	}
	if day, ok := tableDay(profileDir, o.Key); ok && day != "" {
		return true // a cache: whoever reads it looks whether it is any good
	}
	if folder, ok := strings.CutSuffix(o.Key, findingsLines); ok {
		if day, ok := tableDay(findingsDir, folder+"/part.parquet"); ok && day != "" {
			l.told = append(l.told, day)
			return true
		}
	}
	if n, ok := journalNumber(o.Key); ok {
		l.journal = append(l.journal, n)
		return true
	}
	switch o.Key {
	case string(lake.ForgottenOrder), string(lake.RetentionOrder):
		return true
	case leaseKey:
		l.lease = true
		return true
	case coverageKey:
		l.coverage = true
		return true
	case formatKey, keysKey:
		return true
	}
	if nightlyKey(o.Key) {
		return true
	}
	return o.Size == 0 && strings.HasSuffix(o.Key, "/") // what consoles make for a folder
}

// nightlyKey reports whether a key is one of a night's: what was judged of a day, the
// record of a run, or the lease of one that is telling people. They say what was done
// with the rows and are not part of them.
func nightlyKey(key string) bool {
	name, ok := strings.CutSuffix(key, ".json")
	if !ok {
		return false
	}
	if day, ok := strings.CutPrefix(name, internalDir+"judged/day="); ok {
		n, err := schema.ParseDay(day)
		return err == nil && schema.DayString(n) == day
	}
	if name == internalDir+"lease-"+lake.AlertsLease {
		return true
	}
	id, ok := strings.CutPrefix(name, internalDir+"runs/")
	_, err := time.Parse("2006-01-02T15-04-05Z", id)
	return ok && err == nil
}

// maxBucket is the last file that a partition can have.
const maxBucket = 9999

// touchKey takes apart the key of a touches file. ok is false for a key that
// [lake.TouchKey] does not make.
func touchKey(key string) (p schema.Partition, bucket int, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != "touches" {
		return p, 0, false
	}
	table, okTable := strings.CutPrefix(parts[1], "table_name=")
	day, okDay := strings.CutPrefix(parts[2], "day=")
	number, okName := strings.CutSuffix(strings.TrimPrefix(parts[3], "part-"), ".parquet")
	bucket, err := strconv.Atoi(number)
	if !okTable || !okDay || !okName || err != nil || bucket < 0 || bucket > maxBucket {
		return p, 0, false
	}
	if p.Day, err = schema.ParseDay(day); err != nil {
		return p, 0, false
	}
	p.Table = table
	return p, bucket, lake.TouchKey(p, bucket) == key
}

// tableDay is the day of a small table's file, "" for the one without a day.
func tableDay(dir, key string) (day string, ok bool) {
	rest, okDir := strings.CutPrefix(key, dir)
	day, okName := strings.CutSuffix(rest, "/part.parquet")
	if !okDir || !okName {
		return "", false
	}
	if day == schema.NoTable { // Hive's NULL, for any column
		return "", true
	}
	n, err := schema.ParseDay(day)
	return day, err == nil && schema.DayString(n) == day
}

// journalKey is the key of an entry of the journal.
func journalKey(n int64) string { return fmt.Sprintf("%s%012d.parquet", journalDir, n) }

// journalNumber is the inverse of [journalKey].
func journalNumber(key string) (n int64, ok bool) {
	name, okName := strings.CutSuffix(strings.TrimPrefix(key, journalDir), ".parquet")
	n, err := strconv.ParseInt(name, 10, 64)
	return n, okName && err == nil && n > 0 && journalKey(n) == key
}

// tableKey is the inverse of [tableDay].
func tableKey(dir, day string) string {
	if day == "" {
		day = schema.NoTable
	}
	return dir + day + "/part.parquet"
}

// checkFormat compares the format file with the one of a new lake of the same format.
func (c *check) checkFormat(ctx context.Context) error {
	aside := newScratch()
	if _, err := lake.Create(ctx, aside); err != nil {
		return err
	}
	got, err := readWhole(ctx, c.store, formatKey, 1<<20)
	if err != nil {
		return err
	}
	type format struct {
		Format int    `json:"format"`
		Schema string `json:"schema"`
	}
	var ours, theirs format
	if err := errors.Join(json.Unmarshal(aside.files[formatKey], &ours), json.Unmarshal(got, &theirs)); err != nil {
		return err // which cannot be: the lake was opened by it
	}
	if ours == theirs && !bytes.Equal(got, aside.files[formatKey]) {
		c.add(KindBytes, formatKey, "it says what it should, not in the way that keytrail writes it")
	}
	return nil
}

// noteLease says so when a run is at work in the lake.
func (c *check) noteLease(ctx context.Context, there bool) error {
	if !there {
		return nil
	}
	data, err := readWhole(ctx, c.store, leaseKey, 1<<20)
	if errors.Is(err, object.ErrNotExist) {
		return nil // given back meanwhile
	}
	if err != nil {
		return err
	}
	var h lake.Holder
	if err := json.Unmarshal(data, &h); err != nil {
		c.add(KindStray, leaseKey, "the lease makes no sense: %v", err)
		return nil
	}
	if h.Expires.After(time.Now()) {
		c.Notes = append(c.Notes, fmt.Sprintf("process %d on %q holds the lease since %s: what it is writing may not add up yet; check again when it is done",
			h.PID, h.Host, h.Acquired.UTC().Format(time.RFC3339)))
	}
	return nil
}

// readWhole reads an object of at most limit bytes, over again if it is replaced.
func readWhole(ctx context.Context, s lake.Store, key string, limit int64) (data []byte, err error) {
	for range maxTries {
		if data, err = readOnce(ctx, s, key, limit); !errors.Is(err, object.ErrChanged) {
			break
		}
	}
	return data, err
}

func readOnce(ctx context.Context, s lake.Store, key string, limit int64) ([]byte, error) {
	f, err := s.OpenAt(ctx, key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size := f.Info().Size
	if size > limit {
		return nil, fmt.Errorf("read %q: %d bytes are more than such a file holds", key, size)
	}
	data := make([]byte, size)
	if n, err := f.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("read %q: %w", key, err)
	}
	return data, nil
}
