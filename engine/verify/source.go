package verify

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// compareSource compares what is there to read with what the ledger says was read.
func (c *check) compareSource(ctx context.Context, in Input) error {
	root := in.Source.URL()
	seen := map[string]bool{}
	err := in.Source.List(ctx, in.Prefix, func(o object.Info) error {
		c.ObjectsInSource++
		url := root + o.Key
		seen[url] = true
		c.compareObject(url, o)
		return nil
	})
	if err != nil {
		return err
	}
	for _, url := range slices.Sorted(maps.Keys(c.versions)) {
		if !strings.HasPrefix(url, root+in.Prefix) || seen[url] {
			continue
		}
		if slices.ContainsFunc(c.versions[url], func(v stored) bool { return v.status == lake.Done }) {
			c.add(KindGone, url, "the ledger has it as done, and it is not in the source any more")
		}
	}
	return nil
}

// compareObject compares one object of the source with its versions in the ledger.
func (c *check) compareObject(url string, o object.Info) {
	versions := c.versions[url]
	at := slices.IndexFunc(versions, func(v stored) bool { return v.etag == o.ETag })
	switch {
	case at >= 0:
		c.compareVersion(url, o, versions[at])
	case !isTrail(o.Key) || c.inForeignFolder(url) || c.blind:
		// Nothing that ingest would read; or the ledger may have it where it is unreadable.
	case slices.ContainsFunc(versions, func(v stored) bool { return v.status == lake.Done }):
		c.add(KindChanged, url, "it has ETag %q and %d bytes now, which is no version that was read", o.ETag, o.Size)
	default:
		c.add(KindUnread, url, "the ledger does not have it")
	}
}

func (c *check) compareVersion(url string, o object.Info, v stored) {
	switch {
	case v.size != o.Size:
		c.add(KindChanged, url, "it has %d bytes, and had %d under the same ETag when it was listed to be read", o.Size, v.size)
	case v.status == lake.Failed, v.status == lake.Skipped && v.err != "":
		c.add(KindUnread, url, "the ledger has it as %s: %s", v.status, v.err)
	}
}

// inForeignFolder reports whether the ledger has a folder around the object as one
// of another service, whose objects it does not list.
func (c *check) inForeignFolder(url string) bool {
	for i := strings.LastIndexByte(url, '/'); i >= 0; i = strings.LastIndexByte(url[:i], '/') {
		if len(c.versions[url[:i+1]]) > 0 {
			return true
		}
	}
	return false
}

// isTrail reports whether ingest reads an object of that name.
func isTrail(key string) bool {
	switch object.ParseKey(key).Kind {
	case object.KindCloudTrail, object.KindInsight, object.KindUnknown:
		return true
	}
	return false
}
