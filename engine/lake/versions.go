package lake

import (
	"context"
	"strings"

	"github.com/keytrail/keytrail/schema"
)

// versioned is a store that may keep what was replaced or removed, as a bucket with
// versioning does.
type versioned interface {
	// Versioning reports whether the store keeps older versions.
	Versioning(ctx context.Context) (bool, error)
	// RemoveOlder removes the versions under a prefix that are not the present ones, with
	// the marks of what was removed, if remove is set, and counts them in any case.
	RemoveOlder(ctx context.Context, prefix string, remove bool) (int64, error)
}

// Versioning reports whether the lake's store keeps older versions of files.
func (l *Lake) Versioning(ctx context.Context) (bool, error) {
	if v, ok := l.store.(versioned); ok {
		return v.Versioning(ctx)
	}
	return false, nil
}

// OlderVersions counts the versions under prefixes of the lake that are not the present
// ones and, if remove is set, removes them for good.
func (l *Lake) OlderVersions(ctx context.Context, prefixes []string, remove bool) (n int64, err error) {
	v, ok := l.store.(versioned)
	if !ok {
		return 0, nil
	}
	for _, prefix := range prefixes {
		some, err := v.RemoveOlder(ctx, prefix, remove)
		n += some
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// PartitionPrefix is the folder of a partition's files, for [Lake.OlderVersions].
func PartitionPrefix(p schema.Partition) string { return folder(TouchKey(p, 0)) }

// BesidePrefixes are those of what may say something of a subject beside the rows. They
// are small next to those.
func BesidePrefixes() []string { return []string{quarantineDir, findingsDir, profileDir} }

func folder(key string) string { return key[:strings.LastIndexByte(key, '/')+1] }
