package verify

import (
	"context"
	"slices"
	"strings"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/object"
)

// version is one version of an object in the ledger: 48 bytes with its key, which is
// the URL.
type version struct {
	etag   digest
	size   int64
	state  state
	listed bool // the source has the object, in whatever version
	asked  bool // and why this version is unread is to be told
}

// state is what became of a version, as far as it matters here.
type state uint8

const (
	passedOver state = iota // as it should be: nothing for ingest to read
	unread
	read
)

func versionOf(e *lake.Entry) version {
	v := version{etag: digestOf(e.ETag), size: e.Size}
	switch {
	case e.Status == lake.Done:
		v.state = read
	case e.Status == lake.Failed, e.Error != "":
		v.state = unread
	}
	return v
}

func isRead(of item[version]) bool { return of.value.state == read }

// compareSource compares what is there to read with what the ledger says was read.
func (c *check) compareSource(ctx context.Context, in Input) error {
	root := in.Source.URL()
	return in.Source.List(ctx, in.Prefix, func(o object.Info) error {
		c.ObjectsInSource++
		c.compareObject(root+o.Key, o)
		return nil
	})
}

// compareObject compares one object of the source with its versions in the ledger.
func (c *check) compareObject(url string, o object.Info) {
	versions := c.versions.find(digestOf(url))
	for i := range versions {
		versions[i].value.listed = true
	}
	var same *version
	etag := digestOf(o.ETag)
	if at := slices.IndexFunc(versions, func(of item[version]) bool { return of.value.etag == etag }); at >= 0 {
		same = &versions[at].value
	}
	switch {
	case same != nil && same.size != o.Size:
		c.add(KindChanged, url, "it has %d bytes, and had %d under the same ETag when it was listed to be read", o.Size, same.size)
	case same != nil:
		same.asked = same.state == unread
	case !isTrail(o.Key) || c.inForeignFolder(url) || c.blind:
		// Nothing that ingest would read; or the ledger may have it where it is unreadable.
	case slices.ContainsFunc(versions, isRead):
		c.add(KindChanged, url, "it has ETag %q and %d bytes now, which is no version that was read", o.ETag, o.Size)
	default:
		c.add(KindUnread, url, "the ledger does not have it")
	}
}

// inForeignFolder reports whether the ledger has a folder around the object as one
// of another service, whose objects it does not list.
func (c *check) inForeignFolder(url string) bool {
	for i := strings.LastIndexByte(url, '/'); i >= 0; i = strings.LastIndexByte(url[:i], '/') {
		if len(c.versions.find(digestOf(url[:i+1]))) > 0 {
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

// settle says, after all sources were listed, which of their objects are unread and
// which are gone: for both it takes the ledger again, which has the names and reasons.
func (c *check) settle(ctx context.Context, found *listing) error {
	open := false
	for of := range c.versions.all() {
		v := &of.value
		open = open || v.asked || v.state == read && !v.listed
	}
	if !open {
		return nil
	}
	gone := "" // the last
	return c.readAgain(ctx, found, func(e *lake.Entry) {
		url := e.Source + e.SourceObject
		for _, of := range c.versions.find(digestOf(url)) {
			switch v := &of.value; {
			case v.etag != digestOf(e.ETag):
			case v.asked:
				c.add(KindUnread, url, "the ledger has it as %s: %s", e.Status, e.Error)
			case v.state == read && !v.listed && url != gone && c.inInputs(url):
				gone = url
				c.add(KindGone, url, "the ledger has it as done, and it is not in the source any more")
			}
		}
	})
}

// inInputs reports whether an object is of those that were compared.
func (c *check) inInputs(url string) bool {
	return slices.ContainsFunc(c.opts.Inputs, func(in Input) bool { return strings.HasPrefix(url, in.Source.URL()+in.Prefix) })
}
