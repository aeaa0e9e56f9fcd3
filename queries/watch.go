package queries

import (
	"context"

	"github.com/keytrail/keytrail/engine/lake"
	"github.com/keytrail/keytrail/engine/reader"
)

// Watch is a lake that calls progress as files are come to, of so many in all, each time
// that some are read. It is the lake itself where progress is nil.
func Watch(l reader.Lake, progress func(done, all int)) reader.Lake {
	if progress == nil {
		return l
	}
	return &watched{l, progress}
}

type watched struct {
	reader.Lake
	progress func(done, all int)
}

func (l *watched) TouchFiles(ctx context.Context, table, fromDay, toDay string, fn func(lake.TouchFile) error) error {
	var files []lake.TouchFile
	err := l.Lake.TouchFiles(ctx, table, fromDay, toDay, func(f lake.TouchFile) error {
		files = append(files, f)
		return nil
	})
	if err != nil {
		return err
	}
	for i, f := range files {
		l.progress(i, len(files))
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}
