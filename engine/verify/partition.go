package verify

import (
	"context"
	"maps"
	"slices"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/schema"
)

// checkPartition reads the files of a partition, and counts the rows of those that
// are live. A split puts its files from the last to the first, and each file that was
// put answers for those above it that took its rows: so the live ones are found from
// the first file on, and each is counted when it is read.
func (c *check) checkPartition(ctx context.Context, p schema.Partition, files map[int]object.Info, counted *recount) error {
	type share struct{ bucket, of int }
	left := maps.Clone(files)
	ofs := map[int]bool{}
	whole := true // all could be read that might lead to others
	for open := []share{{0, 1}}; len(open) > 0; open = open[1:] {
		s := open[0]
		if _, there := left[s.bucket]; !there {
			c.add(KindMissing, lake.TouchKey(p, s.bucket), "the file is missing, though others of its partition are there that need it")
			continue
		}
		delete(left, s.bucket)
		f, err := c.checkFile(ctx, p, s.bucket)
		switch {
		case err != nil:
			return err
		case f == nil:
			whole = false
			continue
		case f.of < s.of:
			c.add(KindMetadata, lake.TouchKey(p, s.bucket), "it is one of %d files and should be one of %d", f.of, s.of)
		}
		ofs[f.of] = true
		counted.add(p.Table, f)
		c.addLive(f)
		for bucket := s.bucket + s.of; bucket < f.of; bucket += s.of {
			open = append(open, share{bucket, f.of})
		}
	}
	if len(ofs) > 1 {
		c.add(KindSplit, lake.TouchKey(p, 0), "the partition's files do not belong to one split")
	}
	if !whole {
		counted.doubt(p.Table)
	}
	return c.checkLeftover(ctx, p, left, whole)
}

// checkLeftover reads the files of a partition that do not count, or, if the others
// are not whole, perhaps do.
func (c *check) checkLeftover(ctx context.Context, p schema.Partition, files map[int]object.Info, whole bool) error {
	for _, bucket := range slices.Sorted(maps.Keys(files)) {
		if _, err := c.checkFile(ctx, p, bucket); err != nil {
			return err
		}
		if whole {
			c.add(KindLeftover, lake.TouchKey(p, bucket), "part-00 and the files it leads to have all rows of the partition; this one does not count")
		}
	}
	return nil
}
