package lake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keytrail/keytrail/engine/object"
	"github.com/keytrail/keytrail/engine/parquetio"
)

// ProfileRow is a row of a day's profile: what package profile has to say of one table
// and one principal, either of which may be empty. Body is in a form of that
// package's own.
type ProfileRow struct {
	Kind      string
	TableARN  string
	Principal string
	Touches   int64
	Body      string
}

// profileRow is a ProfileRow on disk.
type profileRow struct {
	Kind      string `parquet:"kind"`
	TableARN  string `parquet:"table_arn,optional"`
	Principal string `parquet:"principal,optional"`
	Touches   int64  `parquet:"touches"`
	Body      []byte `parquet:"body"`
}

const profileHint = "move this file out of the lake: it is worked out anew from the touches when it is asked for"

var (
	profileTexts   = []string{"kind", "table_arn", "principal", "body"}
	profileNumbers = []string{"touches"}
)

// EachProfileRow calls fn with the rows of an event day's profile, in the order in which
// they were put, some at a time, and returns the ETag of the file, "" when there is none.
// The slice is fn's until it returns; the texts may be kept. It stops at fn's first error
// and returns it unchanged, and [ErrCorrupt] for a file that makes no sense, in both cases
// with the ETag. A profile is a cache: whoever cannot read one makes it anew.
func (l *Lake) EachProfileRow(ctx context.Context, day string, fn func([]ProfileRow) error) (etag string, err error) {
	key, err := dayKey(profileDir, day)
	if err != nil {
		return "", err
	}
	data, etag, err := l.fetch(ctx, key, profileHint)
	if errors.Is(err, object.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer data.Close()
	columns, err := parquetio.OpenColumns(data, data.size, profileTexts, profileNumbers)
	if err != nil {
		return etag, corrupt(key, profileHint, err)
	}
	defer columns.Close()
	var rows []ProfileRow
	for {
		b, err := columns.Next()
		if err == io.EOF {
			return etag, nil
		}
		if err != nil {
			return etag, corrupt(key, profileHint, err)
		}
		rows = rows[:0]
		for i := range b.Rows {
			rows = append(rows, ProfileRow{b.Texts[0][i], b.Texts[1][i], b.Texts[2][i], b.Numbers[0][i], b.Texts[3][i]})
		}
		if err := fn(rows); err != nil {
			return etag, err
		}
	}
}

// PutProfile puts the rows that each emits in the place of an event day's profile. etag is
// that of the profile there was, "" for none: [object.ErrCondition] when it is another
// now, in which case nothing is written, and nothing is lost.
func (l *Lake) PutProfile(ctx context.Context, day, etag string, each func(emit func(ProfileRow) error) error) error {
	key, err := dayKey(profileDir, day)
	if err != nil {
		return err
	}
	out := newScratch(l.temp)
	defer out.Close()
	w := parquetio.NewTableWriter(out, func(r *profileRow) int { return len(r.TableARN) + len(r.Principal) + len(r.Body) })
	err = each(func(r ProfileRow) error {
		return w.Write(profileRow{r.Kind, text(r.TableARN), text(r.Principal), r.Touches, []byte(r.Body)})
	})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return &object.Error{Op: "encode", Key: key, Err: err}
	}
	cond := object.Condition{IfMatch: etag, IfAbsent: etag == ""}
	if _, err := l.store.Put(ctx, key, out.body(), out.size, cond); err != nil {
		return fmt.Errorf("keep the profile of %s: %w", day, err)
	}
	return nil
}

// RemoveProfile removes the profile of an event day, which is made anew when it is asked
// for. One that is not there is no error.
func (l *Lake) RemoveProfile(ctx context.Context, day string) error {
	key, err := dayKey(profileDir, day)
	if err != nil {
		return err
	}
	return l.store.Delete(ctx, key)
}
