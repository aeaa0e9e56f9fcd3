package profile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/schema"
)

// version says of which touches a profile is.
type version struct {
	format  string // how it is written
	files   string // the files as they are listed: names, sizes, ETags
	content string // names, sizes and SHA-256, by the manifest; "" where that does not know
}

// format changes with what a profile holds and with how touches are kept in it.
var format = func() string {
	h := sha256.New()
	for _, c := range schema.Columns {
		fmt.Fprintf(h, "%s %d\n", c.Name, c.Type)
	}
	return "profile 1 " + hex.EncodeToString(h.Sum(nil)[:8])
}()

// filesVersion is the version of a day's files as far as the listing tells it.
func filesVersion(files []lake.TouchFile) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%q %d %q\n", f.Info.Key, f.Info.Size, f.Info.ETag)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// contentVersion is the version of a day's files by what is in them, which a copy of the
// lake has too. It is "" unless the manifest has just these files. Sizes are in it because
// the manifest is behind while a run is at work, and after one that was killed.
func contentVersion(ctx context.Context, l Lake, day string, files []lake.TouchFile) (string, error) {
	states, err := l.Manifest(ctx, day)
	if err != nil && !errors.Is(err, lake.ErrCorrupt) {
		return "", err
	}
	if len(states) != len(files) {
		return "", nil
	}
	h := sha256.New()
	for i, s := range states {
		f := files[i]
		if s.Partition != f.Partition || s.Bucket != f.Bucket {
			return "", nil
		}
		fmt.Fprintf(h, "%q %d %s\n", f.Info.Key, f.Info.Size, s.SHA256)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// fresh reports whether a profile of version v is one of the files there are.
func (v version) fresh(ctx context.Context, l Lake, day string, files []lake.TouchFile) (bool, error) {
	if v.format != format {
		return false, nil
	}
	if v.files == filesVersion(files) {
		return true, nil
	}
	if v.content == "" {
		return false, nil
	}
	content, err := contentVersion(ctx, l, day, files)
	return content == v.content, err
}
