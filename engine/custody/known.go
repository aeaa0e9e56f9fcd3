package custody

import (
	"context"
	"crypto/sha256"
	"sync"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// knownVersions bounds the hashes in memory, at some 100 bytes each. Logs come nearly
// in order of delivery day, for a few accounts and Regions at a time.
const knownVersions = 400_000

// known is the hashes of the objects that the ledger has as done, a cache of ledger
// days. Safe for concurrent use.
type known struct {
	ctx  context.Context
	lake *lake.Lake
	url  string // of the source
	most int    // versions in memory

	mu    sync.Mutex
	days  map[string]*knownDay
	count int
	clock int
	err   error // the first; no more is known after it
}

type knownDay struct {
	sums map[version][32]byte
	used int
}

// version stands for source, name and ETag of one version of an object. Who can name
// objects must not be able to make two versions look the same: hence no short hash.
type version [16]byte

func versionOf(source, name, etag string) version {
	sum := sha256.Sum256([]byte(source + "\x00" + name + "\x00" + etag))
	return version(sum[:16])
}

func newKnown(ctx context.Context, l *lake.Lake, url string) *known {
	return &known{ctx: ctx, lake: l, url: url, most: knownVersions, days: map[string]*knownDay{}}
}

// sum is the hash of an object's inflated bytes, if they were read.
func (k *known) sum(o object.Info) ([32]byte, bool) {
	if o.ETag == "" {
		return [32]byte{}, false
	}
	source, name := object.Canonical(k.url, o.Key)
	k.mu.Lock()
	defer k.mu.Unlock()
	sum, ok := k.day(object.ParseKey(o.Key).Day).sums[versionOf(source, name, o.ETag)]
	return sum, ok
}

// failed is why a ledger day could not be read.
func (k *known) failed() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

func (k *known) day(day string) *knownDay {
	k.clock++
	d := k.days[day]
	if d == nil {
		d = &knownDay{sums: k.read(day)}
		k.days[day] = d
		k.count += len(d.sums)
	}
	d.used = k.clock
	for k.count > k.most && len(k.days) > 1 {
		k.forget()
	}
	return d
}

// read takes the hashes from a ledger day. Where the ledger cannot be read nothing is
// known of the day, and Record fails.
func (k *known) read(day string) map[version][32]byte {
	if k.err != nil {
		return nil
	}
	sums := map[version][32]byte{}
	k.err = k.lake.EachLedgerEntry(k.ctx, day, func(e lake.Entry) error {
		if sum, ok := hashOf(&e); ok && e.Status == lake.Done && e.ETag != "" {
			sums[versionOf(e.Source, e.SourceObject, e.ETag)] = sum
		}
		return nil
	})
	return sums
}

// forget drops the day that was not asked for the longest.
func (k *known) forget() {
	oldest := ""
	for day, d := range k.days {
		if o := k.days[oldest]; o == nil || d.used < o.used {
			oldest = day
		}
	}
	k.count -= len(k.days[oldest].sums)
	delete(k.days, oldest)
}
