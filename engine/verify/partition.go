package verify

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// checkPartition reads the files of a partition and counts the rows of those that
// are live.
func (c *check) checkPartition(ctx context.Context, p schema.Partition, files map[int]object.Info, counted *recount) error {
	read := map[int]*fileRows{}
	for _, bucket := range slices.Sorted(maps.Keys(files)) {
		rows, err := c.checkFile(ctx, p, bucket)
		if err != nil {
			return err
		}
		read[bucket] = rows
		if rows != nil {
			c.checkJournaled(p, bucket, rows.sha256, rows.rows)
		}
	}
	live, whole := c.liveFiles(p, read)
	if !whole {
		counted.doubt(p.Table)
	}
	for bucket := range read {
		switch {
		case slices.Contains(live, bucket):
		case whole:
			c.add(KindLeftover, lake.TouchKey(p, bucket), "part-00 and the files it leads to have all rows of the partition; this one does not count")
		}
	}
	for _, bucket := range live {
		counted.add(p.Table, read[bucket])
		c.addLive(read[bucket])
	}
	return nil
}

// liveFiles are the files that count. A split puts its files from the last to the
// first, and each file that was put answers for those above it that took its rows.
// whole is false when one could not be read, so that others might count.
func (c *check) liveFiles(p schema.Partition, read map[int]*fileRows) (live []int, whole bool) {
	whole = true
	type share struct{ bucket, of int }
	ofs := map[int]bool{}
	for open := []share{{0, 1}}; len(open) > 0; open = open[1:] {
		s := open[0]
		f, there := read[s.bucket]
		switch {
		case !there:
			c.add(KindMissing, lake.TouchKey(p, s.bucket), "the file is missing, though others of its partition are there that need it")
			continue
		case f == nil:
			whole = false
			continue
		case f.of < s.of:
			c.add(KindMetadata, lake.TouchKey(p, s.bucket), "it is one of %d files and should be one of %d", f.of, s.of)
		}
		ofs[f.of] = true
		live = append(live, s.bucket)
		for bucket := s.bucket + s.of; bucket < f.of; bucket += s.of {
			open = append(open, share{bucket, f.of})
		}
	}
	if len(ofs) > 1 {
		c.add(KindSplit, lake.TouchKey(p, 0), "the partition's files do not belong to one split")
	}
	return live, whole
}

// addLive adds a live file's rows to their objects' accounts.
func (c *check) addLive(f *fileRows) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Rows += f.rows
	for name, n := range f.objects {
		name = strings.ToValidUTF8(name, "\uFFFD") // as it stands in the ledger
		a := c.accounts[name]
		if a == nil {
			a = &account{}
			c.accounts[name] = a
		}
		a.live += n
	}
}
